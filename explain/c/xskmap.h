/* AF_XDP sockets in slots, one for each queue of a device. */
struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 64);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} sockets SEC(".maps");

struct bpf_xdp_sock {
	__u32 queue_id;
};

/* Whether a process has bound one to the queue. */
static __always_inline bool is_bound(__u32 queue)
{
	struct bpf_xdp_sock *socket = bpf_map_lookup_elem(&sockets, &queue);

	return socket && socket->queue_id == queue;
}
