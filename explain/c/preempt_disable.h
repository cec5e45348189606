/* Two numbers of this CPU that no other program comes between: it isn't preempted. */
extern void bpf_preempt_disable(void) __ksym;
extern void bpf_preempt_enable(void) __ksym;

struct pair {
	__u64 bytes, packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pair);
} pairs SEC(".maps");

static __always_inline __u64 add(__u64 bytes)
{
	__u32 key = 0;
	struct pair *pair = bpf_map_lookup_elem(&pairs, &key);
	__u64 mean;

	if (!pair)
		return 0;
	bpf_preempt_disable();
	pair->bytes += bytes;
	pair->packets += 1;
	mean = pair->bytes / pair->packets;
	bpf_preempt_enable();
	return mean;
}
