/* What an Internet checksum's sum gains where `to` stands instead of `from` (RFC 1624), as
 * 16 bits in the packet's order. The first byte is taken to stand at an even place.
 */
static __always_inline __u32 netc_sum_change(const void *from, const void *to, __u32 size)
{
	__u16 old[8] = {}, new[8] = {};
	__u32 total = 0;

	__builtin_memcpy(old, from, size);
	__builtin_memcpy(new, to, size);
#pragma clang loop unroll(full)
	for (int i = 0; i < 8; i++) {
		if (i * 2 >= size)
			break;
		total += new[i] + (__u16)~old[i];
	}
	total = (total & 0xffff) + (total >> 16);
	return (total & 0xffff) + (total >> 16);
}
