/* What a callback is told as plain numbers, and how it answers. */
struct tcp_event { /* the begin of struct bpf_sock_ops */
	__u32 op;
	union {
		__u32 args[4];
		__u32 replylong[4];
	};
};

static __always_inline __u32 new_state(void *ctx)
{
	struct tcp_event *event = ctx;

	return event->args[1];
}

static __always_inline void answer(void *ctx, __u32 number)
{
	struct tcp_event *event = ctx;

	if (event->replylong[1] == 0)
		event->replylong[0] = number;
}
