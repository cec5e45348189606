/* Asks every entry of a map, by a function that the kernel calls. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u32);
} limits SEC(".maps");

struct asked {
	__u32 size, exceeded;
};

static long compare(void *map, const void *key, void *value, void *data)
{
	struct asked *asked = data;

	asked->exceeded += asked->size > *(__u32 *)value;
	return 0;
}

static __always_inline __u32 exceeded(__u32 size)
{
	struct asked asked = { .size = size };

	bpf_for_each_map_elem(&limits, compare, &asked, 0);
	return asked.exceeded;
}
