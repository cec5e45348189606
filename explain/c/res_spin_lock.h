/* A lock that gives up instead of waiting for ever; the second kind keeps interrupts out. */
struct bpf_res_spin_lock {
	__u32 val;
} __attribute__((aligned(4)));

extern int bpf_res_spin_lock(struct bpf_res_spin_lock *lock) __ksym;
extern void bpf_res_spin_unlock(struct bpf_res_spin_lock *lock) __ksym;
extern int bpf_res_spin_lock_irqsave(struct bpf_res_spin_lock *lock, unsigned long *flags) __ksym;
extern void bpf_res_spin_unlock_irqrestore(struct bpf_res_spin_lock *lock,
					   unsigned long *flags) __ksym;

struct balance {
	struct bpf_res_spin_lock lock;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct balance);
} balances SEC(".maps");

static __always_inline __u64 add(__u32 slot, __u64 bytes)
{
	struct balance *balance = bpf_map_lookup_elem(&balances, &slot);
	__u64 sum;

	if (!balance || bpf_res_spin_lock(&balance->lock))
		return 0;
	sum = balance->bytes += bytes;
	bpf_res_spin_unlock(&balance->lock);
	return sum;
}

static __always_inline __u64 add_alone(__u32 slot, __u64 bytes)
{
	struct balance *balance = bpf_map_lookup_elem(&balances, &slot);
	unsigned long flags;
	__u64 sum;

	if (!balance || bpf_res_spin_lock_irqsave(&balance->lock, &flags))
		return 0;
	sum = balance->bytes += bytes;
	bpf_res_spin_unlock_irqrestore(&balance->lock, &flags);
	return sum;
}
