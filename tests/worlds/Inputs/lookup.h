/* struct bpf_sock_tuple and struct bpf_fib_lookup (include/uapi/linux/bpf.h), as far as they are used. */
struct tuple4 {
	__be32 saddr, daddr;
	__be16 sport, dport;
};

struct fib4 {
	__u8 family, l4_protocol;
	__be16 sport, dport;
	__u16 tot_len;
	__u32 ifindex;
	__u8 tos, pad[3];
	__be32 src, unused1[3], dst, unused2[3];
	__be16 vlan[2];
	__u8 smac[6], dmac[6];
};

static __always_inline bool listens(void *ctx, __be32 addr, __u16 port, bool tcp)
{
	struct tuple4 tuple = { .daddr = addr, .dport = bpf_htons(port), .sport = bpf_htons(1), .saddr = addr };
	struct bpf_sock *sk;

	if (tcp)
		sk = bpf_sk_lookup_tcp(ctx, (void *)&tuple, sizeof(tuple), -1, 0);
	else
		sk = bpf_sk_lookup_udp(ctx, (void *)&tuple, sizeof(tuple), -1, 0);
	if (sk)
		bpf_sk_release(sk);
	return sk != 0;
}

/* 256 + the last byte of the next hop's MAC address, or what bpf_fib_lookup says else. */
static __always_inline __u32 next_hop(void *ctx, __be32 dst)
{
	struct fib4 fib = { .family = 2, .dst = dst, .ifindex = 1 };
	long result = bpf_fib_lookup(ctx, (void *)&fib, sizeof(fib), 0);

	return result == 0 ? 256 + fib.dmac[5] : result;
}
