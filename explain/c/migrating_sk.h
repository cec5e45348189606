/* Whether a connection looks for another listener, since its own was closed. */
struct choice { /* struct sk_reuseport_md */
	void *data, *data_end;
	__u32 len, eth_protocol, ip_protocol, bind_inany, hash;
	struct bpf_sock *sk, *migrating_sk;
};

static __always_inline bool is_migrating(void *ctx)
{
	struct choice *choice = ctx;

	return choice->migrating_sk != NULL;
}
