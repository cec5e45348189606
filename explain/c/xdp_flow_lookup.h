/* Whether a flow table of netfilter knows the packet's flow. */
struct bpf_fib_lookup {
	__u8 family, l4_protocol;
	__be16 sport, dport;
	__u16 tot_len;
	__u32 ifindex, tos;
	__be32 src, more_of_src[3];
	__be32 dst, more_of_dst[3];
	__u16 vlan[2];
	__u8 macs[12];
};

struct bpf_flowtable_opts {
	__s32 error;
};
struct flow_offload_tuple_rhash {
};

extern struct flow_offload_tuple_rhash *bpf_xdp_flow_lookup(struct xdp_md *xdp,
							    struct bpf_fib_lookup *tuple,
							    struct bpf_flowtable_opts *opts,
							    __u32 size) __ksym;

static __always_inline bool is_known(void *ctx, __u32 device, __be32 src, __be32 dst, __u32 ports)
{
	struct bpf_fib_lookup tuple = { .family = 2, .l4_protocol = 6, .ifindex = device };
	struct bpf_flowtable_opts opts = {};

	tuple.src = src;
	tuple.dst = dst;
	tuple.sport = bpf_htons(ports >> 16);
	tuple.dport = bpf_htons(ports & 0xffff);
	return bpf_xdp_flow_lookup(ctx, &tuple, &opts, sizeof(opts)) != NULL;
}
