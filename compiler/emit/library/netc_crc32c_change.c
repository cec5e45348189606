/* What a CRC32c changes by where `to` stands instead of `from`, with so many bytes behind
 * it: the CRC of the difference alone. Zeros before it count nothing.
 */
static __always_inline __u32 netc_crc32c_change(const void *from, const void *to, __u32 size, __u32 behind)
{
	__u32 old[4] = {}, new[4] = {};

	__builtin_memcpy((void *)old + 16 - size, from, size);
	__builtin_memcpy((void *)new + 16 - size, to, size);
	return netc_crc32c_moved(old[0] ^ new[0], old[1] ^ new[1], old[2] ^ new[2], old[3] ^ new[3], behind);
}
