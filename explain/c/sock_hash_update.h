/* Keeps a connection under its cookie. */
struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u64);
} connections SEC(".maps");

static __always_inline bool keep(void *ctx)
{
	__u64 cookie = bpf_get_socket_cookie(ctx);

	return bpf_sock_hash_update(ctx, &connections, &cookie, 0 /* BPF_ANY */) == 0;
}
