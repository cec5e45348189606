/* A part of the packet, as a dynptr of its own. */
struct bpf_dynptr {
	__u64 __opaque[2];
} __attribute__((aligned(8)));

extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *made) __ksym;
extern int bpf_dynptr_clone(const struct bpf_dynptr *from, struct bpf_dynptr *made) __ksym;
extern int bpf_dynptr_adjust(const struct bpf_dynptr *part, __u32 start, __u32 end) __ksym;
extern __u32 bpf_dynptr_size(const struct bpf_dynptr *part) __ksym;
extern bool bpf_dynptr_is_null(const struct bpf_dynptr *part) __ksym;
extern bool bpf_dynptr_is_rdonly(const struct bpf_dynptr *part) __ksym;

static __always_inline __u32 bytes_behind(void *ctx, __u32 offset)
{
	struct bpf_dynptr packet, rest;

	if (bpf_dynptr_from_skb(ctx, 0, &packet) || bpf_dynptr_clone(&packet, &rest))
		return 0;
	if (bpf_dynptr_adjust(&rest, offset, bpf_dynptr_size(&packet)))
		return 0;
	return bpf_dynptr_is_null(&rest) || bpf_dynptr_is_rdonly(&rest) ? 0 : bpf_dynptr_size(&rest);
}
