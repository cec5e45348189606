/* The words of a number of bytes that is constant, added up. */
static __always_inline __u32 netc_sum_bytes(const void *begin, __u32 size)
{
	const __be16 *words = begin;
	__u32 total = 0;

#pragma clang loop unroll(full)
	for (__u32 i = 0; i < size / 2; i++)
		total += words[i];
	if (size & 1)
		total += bpf_htons(((const __u8 *)begin)[size - 1] << 8);
	return total;
}
