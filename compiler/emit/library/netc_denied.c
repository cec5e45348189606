/* In audit mode: tells of a verdict that is not carried out. */
static __always_inline void netc_denied(__u32 program, __u32 rule, __s32 verdict)
{
	struct netc_audited *event = bpf_ringbuf_reserve(&netc_events, sizeof(*event), 0);

	if (!event) {
		netc_lost(NETC_AUDIT);
		return;
	}
	event->netc_id = NETC_AUDIT;
	event->netc_size = sizeof(*event);
	event->program = program;
	event->rule = rule;
	event->verdict = verdict;
	event->pad = 0;
	bpf_ringbuf_submit(event, 0);
}
