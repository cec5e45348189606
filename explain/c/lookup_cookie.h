/* Whether an earlier program has chosen a socket: its cookie, in a test run of the kernel's. */
struct lookup { /* the begin of struct bpf_sk_lookup */
	__u64 cookie;
};

static __always_inline bool is_chosen(void *ctx)
{
	struct lookup *lookup = ctx;

	return lookup->cookie != 0;
}
