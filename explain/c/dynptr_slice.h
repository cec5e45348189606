/* Bytes wherever they lie, in fragments too: in place, or copied into a buffer. */
struct bpf_dynptr {
	__u64 __opaque[2];
} __attribute__((aligned(8)));

extern int bpf_dynptr_from_xdp(struct xdp_md *xdp, __u64 flags, struct bpf_dynptr *made) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *from, __u32 offset, void *buffer,
			      __u32 size) __ksym;
extern void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *from, __u32 offset, void *buffer,
				   __u32 size) __ksym;

static __always_inline __u16 type_of(void *ctx)
{
	struct bpf_dynptr packet;
	__be16 buffer, *type;

	if (bpf_dynptr_from_xdp(ctx, 0, &packet))
		return 0;
	type = bpf_dynptr_slice(&packet, 12, &buffer, sizeof(buffer));
	return type ? bpf_ntohs(*type) : 0;
}

static __always_inline bool set_type(void *ctx, __u16 number)
{
	struct bpf_dynptr packet;
	__be16 buffer, *type;

	if (bpf_dynptr_from_xdp(ctx, 0, &packet))
		return false;
	type = bpf_dynptr_slice_rdwr(&packet, 12, &buffer, sizeof(buffer));
	if (!type)
		return false;
	*type = bpf_htons(number);
	/* What was copied must be written back. */
	return type != &buffer || bpf_dynptr_write(&packet, 12, &buffer, sizeof(buffer), 0) == 0;
}
