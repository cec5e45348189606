/* Makes an entry for connection tracking, and lets it run out after ten seconds. */
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

extern struct nf_conn___init *bpf_xdp_ct_alloc(struct xdp_md *xdp, struct bpf_sock_tuple *tuple,
					       __u32 tuple_size, struct bpf_ct_opts *opts,
					       __u32 opts_size) __ksym;
extern void bpf_ct_set_timeout(struct nf_conn___init *made, __u32 timeout) __ksym;
extern struct nf_conn *bpf_ct_insert_entry(struct nf_conn___init *made) __ksym;
extern void bpf_ct_release(struct nf_conn *connection) __ksym;

static __always_inline bool foresee(void *ctx, __be32 src, __be32 dst)
{
	struct {
		__be32 saddr, daddr;
		__be16 sport, dport;
	} tuple = { src, dst, bpf_htons(1024), bpf_htons(53) };
	struct ct_opts opts = { .netns_id = -1, .l4proto = 17 };
	struct nf_conn___init *made;
	struct nf_conn *connection;

	made = bpf_xdp_ct_alloc(ctx, (void *)&tuple, sizeof(tuple), (void *)&opts, 12);
	if (!made)
		return false;
	bpf_ct_set_timeout(made, 10000);
	connection = bpf_ct_insert_entry(made);
	if (!connection)
		return false;
	bpf_ct_release(connection);
	return true;
}
