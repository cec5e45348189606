/* The kernel's own form of the context: from which of the device's queues a packet comes. */
struct xdp_rxq_info {
	__u32 queue_index;
} __attribute__((preserve_access_index));

struct xdp_buff {
	struct xdp_rxq_info *rxq;
} __attribute__((preserve_access_index));

extern void *bpf_cast_to_kern_ctx(void *ctx) __ksym;

static __always_inline __u32 queue_of(void *ctx)
{
	struct xdp_buff *packet = bpf_cast_to_kern_ctx(ctx);

	return packet->rxq->queue_index;
}
