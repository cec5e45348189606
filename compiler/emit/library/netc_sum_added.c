/* Two changes of a sum as one. */
static __always_inline __u32 netc_sum_added(__u32 first, __u32 second)
{
	__u32 total = first + second;

	return (total & 0xffff) + (total >> 16);
}
