/* Takes a change into the Internet checksum at this byte of the packet, where it is odd:
 * the kernel's own functions refuse that.
 */
static __always_inline long netc_sum_store(void *ctx, __u32 at, __u32 change, bool or_none, __u64 flags)
{
	__be16 sum;
	long failed = bpf_skb_load_bytes(ctx, at, &sum, sizeof(sum));

	if (failed)
		return failed;
	if (or_none)
		netc_sum_apply_or_none(&sum, change);
	else
		netc_sum_apply(&sum, change);
	return bpf_skb_store_bytes(ctx, at, &sum, sizeof(sum), flags);
}
