/* Addresses that were seen, in far less room than a set takes: now and then it errs. */
struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(max_entries, 100000);
	__type(value, __be32);
} seen SEC(".maps");

static __always_inline bool is_new(__be32 address)
{
	if (bpf_map_peek_elem(&seen, &address) == 0)
		return false;
	bpf_map_push_elem(&seen, &address, 0);
	return true;
}
