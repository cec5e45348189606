/* Asks the kernel by which path a socket's file is known, and for the socket of it. */
struct path {
	void *mnt, *dentry;
} __attribute__((preserve_access_index));

struct file {
	struct path f_path;
} __attribute__((preserve_access_index));

struct socket {
	struct file *file;
} __attribute__((preserve_access_index));

struct sock {
	struct socket *sk_socket;
} __attribute__((preserve_access_index));

static __always_inline bool has_path(void *ctx)
{
	void **members = ctx; /* of struct bpf_iter__tcp: meta, sk_common, uid */
	void *common = members[1];
	struct sock *socket;
	struct file *file;
	char name[64];

	if (!common)
		return false;
	socket = (struct sock *)bpf_skc_to_tcp_sock(common);
	if (!socket || !socket->sk_socket)
		return false;
	file = socket->sk_socket->file;
	if (!file || !bpf_sock_from_file(file))
		return false;
	return bpf_d_path(&file->f_path, name, sizeof(name)) > 0;
}
