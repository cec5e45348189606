/* A map and a function that the kernel calls back, both of this header alone. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u32);
} seen SEC(".maps");

struct sum {
	__u32 all;
};

static long add(void *map, const void *key, void *value, void *data)
{
	((struct sum *)data)->all += *(__u32 *)value;
	return 0;
}

static __always_inline bool keep(__u32 key, __u32 value)
{
	return bpf_map_update_elem(&seen, &key, &value, 0) == 0 ? true : false;
}

static __always_inline __u32 sum(void)
{
	struct sum sum = { 0 };

	bpf_for_each_map_elem(&seen, add, &sum, 0);
	return sum.all;
}
