/* Whether the socket that sent the packet is in the cgroup of slot 0, or below it. */
struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} groups SEC(".maps");

static __always_inline bool is_inside(void *ctx)
{
	return bpf_skb_under_cgroup(ctx, &groups, 0) == 1;
}
