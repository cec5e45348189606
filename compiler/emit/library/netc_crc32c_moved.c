/* CRC32c of four words, and so many bytes of 0 behind them: times x^32 for each word, and
 * times x^8 for each byte. The verifier checks this function alone.
 */
__noinline __u32 netc_crc32c_moved(__u32 first, __u32 second, __u32 third, __u32 fourth, __u32 behind)
{
	/* x^8, and each the square of the one before. */
	const __u32 powers[16] = {
		0x00800000, 0x00008000, 0x82f63b78, 0x6ea2d55c,
		0x18b8ea18, 0x510ac59a, 0xb82be955, 0xb8fdb1e7,
		0x88e56f72, 0x74c360a4, 0xe4172b16, 0x0d65762a,
		0x35d73a62, 0x28461564, 0xbf455269, 0xe2ea32dc
	};
	__u32 crc = first;

	if (crc)
		crc = netc_crc32c_times(crc, powers[2]);
	crc ^= second;
	if (crc)
		crc = netc_crc32c_times(crc, powers[2]);
	crc ^= third;
	if (crc)
		crc = netc_crc32c_times(crc, powers[2]);
	crc = netc_crc32c_times(crc ^ fourth, powers[2]);
#pragma clang loop unroll(full)
	for (int i = 0; i < 16; i++) {
		if (behind >> i & 1)
			crc = netc_crc32c_times(crc, powers[i]);
	}
	return crc;
}
