/* The same for UDP, where 0 says that there is none (RFC 768). */
static __always_inline __be16 netc_sum_end_or_none(__u32 total)
{
	__be16 sum = netc_sum_end(total);

	return sum ? sum : 0xffff;
}
