/* What a counter of this CPU says that user space has put into the slot: say, cycles. */
struct bpf_perf_event_value {
	__u64 counter, enabled, running;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} counters SEC(".maps");

static __always_inline __u64 cycles(void)
{
	return bpf_perf_event_read(&counters, 0);
}

static __always_inline __u64 whole(void)
{
	struct bpf_perf_event_value value;

	if (bpf_perf_event_read_value(&counters, 0, &value, sizeof(value)))
		return 0;
	return value.running == value.enabled ? value.counter : 0;
}
