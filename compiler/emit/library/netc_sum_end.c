/* The checksum of words that were added up (RFC 1071). */
static __always_inline __be16 netc_sum_end(__u32 total)
{
	total = (total & 0xffff) + (total >> 16);
	return ~((total & 0xffff) + (total >> 16));
}
