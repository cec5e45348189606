/* Makes an entry for connection tracking, as if such a connection had been seen. */
struct ct_opts {
	__s32 netns_id, error;
	__u8 l4proto, dir;
	__u16 zone;
	__u8 zone_dir, reserved[3];
};

struct bpf_ct_opts {
};
struct bpf_sock_tuple {
};
struct nf_conn {
};
struct nf_conn___init {
};
union nf_inet_addr {
	__be32 ip;
	__be32 all[4];
};
enum nf_nat_manip_type {
	NF_NAT_MANIP_SRC,
	NF_NAT_MANIP_DST,
};

extern struct nf_conn___init *bpf_skb_ct_alloc(struct __sk_buff *skb, struct bpf_sock_tuple *tuple,
					       __u32 tuple_size, struct bpf_ct_opts *opts,
					       __u32 opts_size) __ksym;
extern void bpf_ct_set_timeout(struct nf_conn___init *made, __u32 timeout) __ksym;
extern int bpf_ct_set_status(const struct nf_conn___init *made, __u32 status) __ksym;
extern int bpf_ct_set_nat_info(struct nf_conn___init *made, union nf_inet_addr *address, int port,
			       enum nf_nat_manip_type manip) __ksym;
extern struct nf_conn *bpf_ct_insert_entry(struct nf_conn___init *made) __ksym;
extern void bpf_ct_release(struct nf_conn *connection) __ksym;

static __always_inline bool foresee(void *ctx, __be32 src, __be32 dst, __u16 port)
{
	struct {
		__be32 saddr, daddr;
		__be16 sport, dport;
	} tuple = { src, dst, bpf_htons(1024), bpf_htons(port) };
	struct ct_opts opts = { .netns_id = -1, .l4proto = 17 };
	union nf_inet_addr inside = { .ip = bpf_htonl(0x0a000001) };
	struct nf_conn___init *made;
	struct nf_conn *connection;

	made = bpf_skb_ct_alloc(ctx, (void *)&tuple, sizeof(tuple), (void *)&opts, 12);
	if (!made)
		return false;
	bpf_ct_set_timeout(made, 10000);
	bpf_ct_set_status(made, 1 << 3 /* IPS_CONFIRMED */);
	bpf_ct_set_nat_info(made, &inside, port, NF_NAT_MANIP_DST);
	connection = bpf_ct_insert_entry(made);
	if (!connection)
		return false;
	bpf_ct_release(connection);
	return true;
}
