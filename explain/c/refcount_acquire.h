#include <bpf/bpf_core_read.h>

/* An object of the program's own that two places hold at once. */
struct bpf_refcount {
	__u32 __opaque[1];
} __attribute__((aligned(4)));

struct shared {
	struct bpf_refcount count;
	__u64 bytes;
};

struct kept {
	struct shared __attribute__((btf_type_tag("kptr"))) *shared;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kept);
} slots SEC(".maps");

extern void *bpf_obj_new_impl(__u64 type, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;
extern void *bpf_refcount_acquire_impl(void *object, void *meta) __ksym;

static __always_inline __u64 share(__u64 bytes)
{
	__u32 key = 0;
	struct kept *kept = bpf_map_lookup_elem(&slots, &key);
	struct shared *mine, *second, *before;
	__u64 seen;

	if (!kept)
		return 0;
	mine = bpf_obj_new_impl(bpf_core_type_id_local(struct shared), NULL);
	if (!mine)
		return 0;
	mine->bytes = bytes;
	second = bpf_refcount_acquire_impl(mine, NULL);
	before = bpf_kptr_xchg(&kept->shared, mine);
	if (before)
		bpf_obj_drop_impl(before, NULL);
	if (!second)
		return 0;
	seen = second->bytes;
	bpf_obj_drop_impl(second, NULL);
	return seen;
}
