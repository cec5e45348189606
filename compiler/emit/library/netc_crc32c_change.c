/* What a CRC32c changes by where `to` stands instead of `from`, with so many bytes behind
 * it: the CRC of the difference alone, times x^8 for each of them.
 */
static __always_inline __u32 netc_crc32c_change(const void *from, const void *to, __u32 size, __u32 behind)
{
	/* x^8, and each the square of the one before. */
	const __u32 powers[16] = {
		0x00800000, 0x00008000, 0x82f63b78, 0x6ea2d55c,
		0x18b8ea18, 0x510ac59a, 0xb82be955, 0xb8fdb1e7,
		0x88e56f72, 0x74c360a4, 0xe4172b16, 0x0d65762a,
		0x35d73a62, 0x28461564, 0xbf455269, 0xe2ea32dc
	};
	__u8 old[16] = {}, new[16] = {};
	__u32 change = 0;

	__builtin_memcpy(old, from, size);
	__builtin_memcpy(new, to, size);
#pragma clang loop unroll(full)
	for (int i = 0; i < 16; i++) {
		if (i >= size)
			break;
		change ^= old[i] ^ new[i];
#pragma clang loop unroll(full)
		for (int bit = 0; bit < 8; bit++)
			change = change >> 1 ^ (0x82f63b78 & -(change & 1));
	}
#pragma clang loop unroll(full)
	for (int i = 0; i < 16; i++) {
		/* Or times x^0. No branch: the verifier would go 2^16 ways. */
		__u32 mask = -(behind >> i & 1);

		change = netc_crc32c_times(change, 0x80000000 ^ ((powers[i] ^ 0x80000000) & mask));
	}
	return change;
}
