/* A record in the buffer of this CPU, with the first bytes of the packet behind it. */
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} samples SEC(".maps");

static __always_inline void sample(void *ctx, __u32 length)
{
	__u64 this_cpu = 0xffffffff;
	__u64 of_packet = (__u64)(length < 64 ? length : 64) << 32;

	bpf_perf_event_output(ctx, &samples, this_cpu | of_packet, &length, sizeof(length));
}
