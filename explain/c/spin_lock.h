/* Two numbers that change together, under a lock that stands beside them. */
struct bpf_spin_lock {
	__u32 val;
};

struct balance {
	struct bpf_spin_lock lock;
	__u64 bytes, packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct balance);
} balances SEC(".maps");

static __always_inline __u64 mean_size(__u64 bytes)
{
	__u32 key = 0;
	struct balance *balance = bpf_map_lookup_elem(&balances, &key);
	__u64 all, count;

	if (!balance)
		return 0;
	bpf_spin_lock(&balance->lock);
	all = balance->bytes += bytes;
	count = balance->packets += 1;
	bpf_spin_unlock(&balance->lock);
	return all / count;
}
