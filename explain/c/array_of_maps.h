/* Counts of each device in a map of its own, which user space can exchange as a whole. */
struct counts {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} first SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 64);
	__type(key, __u32);
	__array(values, struct counts);
} by_device SEC(".maps") = {
	.values = { [0] = &first },
};

static __always_inline __u64 count(__u32 device, __u8 class)
{
	void *counts = bpf_map_lookup_elem(&by_device, &device);
	__u32 key = class;
	__u64 *number = counts ? bpf_map_lookup_elem(counts, &key) : NULL;

	return number ? __sync_fetch_and_add(number, 1) : 0;
}
