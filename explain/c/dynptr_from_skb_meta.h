/* What an XDP program put before the packet, read in traffic control. */
struct bpf_dynptr {
	__u64 __opaque[2];
} __attribute__((aligned(8)));

extern int bpf_dynptr_from_skb_meta(struct __sk_buff *skb, __u64 flags,
				    struct bpf_dynptr *made) __ksym;

static __always_inline __u32 class_of(void *ctx)
{
	struct bpf_dynptr meta;
	__u32 class = 0;

	if (bpf_dynptr_from_skb_meta(ctx, 0, &meta))
		return 0;
	bpf_dynptr_read(&class, sizeof(class), &meta, 0, 0);
	return class;
}
