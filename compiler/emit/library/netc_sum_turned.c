/* The same where the first byte stands at an odd place. */
static __always_inline __u32 netc_sum_turned(__u32 change, __u32 place)
{
	return place & 1 ? (change << 8 | change >> 8) & 0xffff : change;
}
