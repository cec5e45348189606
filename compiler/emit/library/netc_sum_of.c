/* The checksum of a header of at most 40 bytes, whose own field for it is zero (RFC 1071). */
static __always_inline __be16 netc_sum_of(const void *header, __u32 size)
{
	__u16 words[20] = {};
	__u32 total = 0;

	__builtin_memcpy(words, header, size);
#pragma clang loop unroll(full)
	for (int i = 0; i < 20; i++)
		total += words[i];
	total = (total & 0xffff) + (total >> 16);
	return ~((total & 0xffff) + (total >> 16));
}
