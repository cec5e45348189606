/* A number as two words, the first one first. */
static __always_inline __u32 netc_sum_number(__u32 number)
{
	return bpf_htons(number >> 16) + bpf_htons(number & 0xffff);
}
