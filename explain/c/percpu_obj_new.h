#include <bpf/bpf_core_read.h>

/* A count on each CPU that the program allocates, and a map's value then owns. */
struct count {
	__u64 packets;
};

struct kept {
	struct count __attribute__((btf_type_tag("percpu_kptr"))) *count;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kept);
} slots SEC(".maps");

extern void *bpf_percpu_obj_new_impl(__u64 type, void *meta) __ksym;
extern void bpf_percpu_obj_drop_impl(void *object, void *meta) __ksym;

static __always_inline __u64 count_here(void)
{
	__u32 key = 0;
	struct kept *kept = bpf_map_lookup_elem(&slots, &key);
	struct count __attribute__((btf_type_tag("percpu_kptr"))) *made, *before;
	struct count *here;

	if (!kept)
		return 0;
	if (!kept->count) {
		made = bpf_percpu_obj_new_impl(bpf_core_type_id_local(struct count), NULL);
		if (!made)
			return 0;
		before = bpf_kptr_xchg(&kept->count, made);
		if (before)
			bpf_percpu_obj_drop_impl(before, NULL);
	}
	made = kept->count;
	if (!made)
		return 0;
	here = bpf_this_cpu_ptr(made);
	return ++here->packets;
}
