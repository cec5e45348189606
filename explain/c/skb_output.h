/* A record with the first bytes of a packet that a socket receives. */
struct sk_buff;

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} samples SEC(".maps");

static __always_inline void sample(void *ctx)
{
	struct sk_buff *packet = ((struct sk_buff **)ctx)[1];
	__u64 this_cpu = 0xffffffff, of_packet = 32ull << 32;
	__u32 tag = 1;

	bpf_skb_output(packet, &samples, this_cpu | of_packet, &tag, sizeof(tag));
}
