/* A number beside the inode of a socket: how often it was connected. */
struct inode;

struct file {
	struct inode *f_inode;
} __attribute__((preserve_access_index));

struct socket {
	struct file *file;
} __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_INODE_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} tries SEC(".maps");

static __always_inline __u64 tries_of(void *ctx)
{
	struct socket *socket = ((struct socket **)ctx)[0];
	struct file *file = socket->file;
	__u64 *count;

	if (!file || !file->f_inode)
		return 0;
	count = bpf_inode_storage_get(&tries, file->f_inode, NULL, 1 /* create it */);
	return count ? __sync_fetch_and_add(count, 1) : 0;
}

static __always_inline void forget(void *ctx)
{
	struct socket *socket = ((struct socket **)ctx)[0];
	struct file *file = socket->file;

	if (file && file->f_inode)
		bpf_inode_storage_delete(&tries, file->f_inode);
}
