/* Memory in a map's value that is read and written by an offset. */
struct bpf_dynptr {
	__u64 __opaque[2];
} __attribute__((aligned(8)));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u8[64]);
} tables SEC(".maps");

static __always_inline __u8 exchange(__u32 offset, __u8 fresh)
{
	__u32 key = 0;
	__u8 *table = bpf_map_lookup_elem(&tables, &key), *first;
	struct bpf_dynptr all;
	__u8 before = 0;

	if (!table || bpf_dynptr_from_mem(table, 64, 0, &all))
		return 0;
	first = bpf_dynptr_data(&all, 0, 1);
	if (first)
		*first += 1;
	/* An offset outside of it is refused when the program runs. */
	if (bpf_dynptr_read(&before, 1, &all, offset, 0))
		return 0;
	bpf_dynptr_write(&all, offset, &fresh, 1, 0);
	return before;
}
