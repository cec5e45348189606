/* The TCP header of the segment whose options are read, in place. */
struct tcp_event { /* the end of struct bpf_sock_ops */
	__u32 before[48];
	void *skb_data, *skb_data_end;
};

static __always_inline __u16 window(void *ctx)
{
	struct tcp_event *event = ctx;
	__be16 *header = event->skb_data;

	return (void *)(header + 10) > event->skb_data_end ? 0 : bpf_ntohs(header[7]);
}
