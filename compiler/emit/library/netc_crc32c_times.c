/* Product of two polynomials modulo that of CRC32c, in the order of bits that it has:
 * the highest bit is that of x^0.
 */
static __noinline __u32 netc_crc32c_times(__u32 a, __u32 b)
{
	__u32 product = 0;

#pragma clang loop unroll(full)
	for (int i = 0; i < 32; i++) {
		product ^= b & -(a >> 31);
		a <<= 1;
		b = b >> 1 ^ (0x82f63b78 & -(b & 1));
	}
	return product;
}
