/* Takes a change of what it covers into an Internet checksum. */
static __always_inline void netc_sum_apply(__be16 *sum, __u32 change)
{
	__u32 total = (__u16)~*sum + change;

	*sum = ~((total & 0xffff) + (total >> 16));
}
