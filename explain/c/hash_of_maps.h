/* A set of addresses for each tenant, in a map that user space puts in and takes out. */
struct addresses {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __be32);
	__type(value, __u8);
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 64);
	__type(key, __u32);
	__array(values, struct addresses);
} by_tenant SEC(".maps");

static __always_inline bool is_known(__u32 tenant, __be32 address)
{
	void *addresses = bpf_map_lookup_elem(&by_tenant, &tenant);

	return addresses && bpf_map_lookup_elem(addresses, &address);
}
