/* A device by its own number, without a slot for each number before it. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} ports SEC(".maps");

/* Whether the packet can leave by it; netc's `redirect` then sends it there. */
static __always_inline bool has_port(__u32 device)
{
	return bpf_map_lookup_elem(&ports, &device) != NULL;
}
