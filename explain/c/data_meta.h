/* Four bytes before the packet that later programs find there: the class of its source. */
struct frame { /* the begin of struct xdp_md */
	__u32 data, data_end, data_meta;
};

static __always_inline bool put_class(void *ctx, __u32 class)
{
	struct frame *frame = ctx;
	__u32 *meta;

	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(*meta)))
		return false;
	meta = (void *)(unsigned long)frame->data_meta;
	if ((void *)(meta + 1) > (void *)(unsigned long)frame->data)
		return false;
	*meta = class;
	return true;
}
