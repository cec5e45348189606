/* Product of two polynomials modulo that of CRC32c, in the order of bits that it has:
 * the highest bit is that of x^0. The verifier checks this function alone.
 */
__noinline __u32 netc_crc32c_times(__u32 a, __u32 b)
{
	__u32 product = 0;

#pragma clang loop unroll(full)
	for (int i = 0; i < 32; i++) {
		__u32 top = a >> 31, last = b & 1;

		/* Neither branches nor signs: the verifier would go 2^32 ways. */
		NETC_OPAQUE(top);
		NETC_OPAQUE(last);
		product ^= b * top;
		a <<= 1;
		b = b >> 1 ^ 0x82f63b78 * last;
	}
	return product;
}
