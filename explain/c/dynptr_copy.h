/* Puts the first bytes of the packet into a map's value, between zeros. */
struct bpf_dynptr {
	__u64 __opaque[2];
} __attribute__((aligned(8)));

extern int bpf_dynptr_from_xdp(struct xdp_md *xdp, __u64 flags, struct bpf_dynptr *made) __ksym;
extern int bpf_dynptr_copy(struct bpf_dynptr *to, __u32 to_offset, struct bpf_dynptr *from,
			   __u32 from_offset, __u32 size) __ksym;
extern int bpf_dynptr_memset(struct bpf_dynptr *to, __u32 offset, __u32 size, __u8 value) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u8[64]);
} last SEC(".maps");

static __always_inline void keep(void *ctx)
{
	__u32 key = 0;
	__u8 *value = bpf_map_lookup_elem(&last, &key);
	struct bpf_dynptr packet, kept;

	if (!value || bpf_dynptr_from_mem(value, 64, 0, &kept) ||
	    bpf_dynptr_from_xdp(ctx, 0, &packet))
		return;
	bpf_dynptr_memset(&kept, 0, 64, 0);
	bpf_dynptr_copy(&kept, 4, &packet, 0, 14);
}
