/* Takes a connection over whose handshake this program has made: a SYN proxy's last step. */
struct sock {
};

struct bpf_tcp_req_attrs {
	__u32 rcv_tsval, rcv_tsecr;
	__u16 mss;
	__u8 rcv_wscale, snd_wscale, ecn_ok, wscale_ok, sack_ok, tstamp_ok, usec_ts_ok, reserved[3];
};

extern int bpf_sk_assign_tcp_reqsk(struct __sk_buff *skb, struct sock *listener,
				   struct bpf_tcp_req_attrs *attributes, int size) __ksym;

static __always_inline bool take_over(void *ctx, __be32 address, __u16 port)
{
	struct {
		__be32 saddr, daddr;
		__be16 sport, dport;
	} ends = { 0, address, 0, bpf_htons(port) };
	struct bpf_tcp_req_attrs attributes = { .mss = 1460 };
	struct bpf_sock *found;
	struct sock *listener;
	bool taken = false;

	found = bpf_skc_lookup_tcp(ctx, (void *)&ends, sizeof(ends), -1, 0);
	if (!found)
		return false;
	listener = (struct sock *)bpf_skc_to_tcp_sock(found);
	if (listener)
		taken = bpf_sk_assign_tcp_reqsk(ctx, listener, &attributes, sizeof(attributes)) == 0;
	bpf_sk_release(found);
	return taken;
}
