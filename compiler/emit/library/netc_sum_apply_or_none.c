/* The same for UDP, where 0 says that there is no checksum (RFC 768). */
static __always_inline void netc_sum_apply_or_none(__be16 *sum, __u32 change)
{
	if (!*sum)
		return;
	netc_sum_apply(sum, change);
	if (!*sum)
		*sum = 0xffff;
}
