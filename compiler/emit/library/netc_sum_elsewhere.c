/* Whether a checksum of the packet is left to its sender's device (CHECKSUM_PARTIAL), but not
 * the one of the segment at this byte: of those around a tunnel's packet and in it one is. The
 * kernel's functions take each for it. Of a packet that is yet to be cut up a second one
 * may be left, that of the UDP header around the tunnel (SKB_GSO_UDP_TUNNEL_CSUM). The verifier
 * checks this function alone.
 */
struct sk_buff___netc {
	unsigned char *head, *data;
	__u32 end;
	__u16 csum_start;
	__u8 ip_summed : 2;
} __attribute__((preserve_access_index));

struct skb_shared_info___netc {
	__u32 gso_type;
} __attribute__((preserve_access_index));

struct __sk_buff;

__noinline __u32 netc_sum_elsewhere(struct __sk_buff *ctx, __u32 segment)
{
	struct sk_buff___netc *skb = (void *)ctx;
	struct skb_shared_info___netc *shared;
	unsigned char *head = NULL, *data = NULL;
	__u32 end = 0, kind = 0, place;
	__u64 summed = 0;
	__u16 start = 0;

	/* Of the bit field: byte offset and size, then the shifts to the left and to the right. */
	bpf_probe_read_kernel(&summed, __builtin_preserve_field_info(skb->ip_summed, 1),
			      (void *)skb + __builtin_preserve_field_info(skb->ip_summed, 0));
	summed <<= __builtin_preserve_field_info(skb->ip_summed, 4);
	summed >>= __builtin_preserve_field_info(skb->ip_summed, 5);
	if (summed != 3)
		return 0;
	bpf_probe_read_kernel(&head, sizeof(head), &skb->head);
	bpf_probe_read_kernel(&data, sizeof(data), &skb->data);
	bpf_probe_read_kernel(&start, sizeof(start), &skb->csum_start);
	place = (__u32)(data - head) + segment;
	if (place >= start)
		return place != start;
	bpf_probe_read_kernel(&end, sizeof(end), &skb->end);
	shared = (void *)(head + end);
	bpf_probe_read_kernel(&kind, sizeof(kind), &shared->gso_type);
	return !(kind & 1 << 11);
}
