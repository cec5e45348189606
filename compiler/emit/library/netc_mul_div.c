/* a * b / c in 128 bits; as much as 64 bits hold where that is more. The verifier checks
 * this function alone.
 */
__noinline __u64 netc_mul_div(__u64 a, __u64 b, __u64 c)
{
	__u64 low = (a & 0xffffffff) * (b & 0xffffffff);
	__u64 left = (a >> 32) * (b & 0xffffffff) + (low >> 32);
	__u64 right = (a & 0xffffffff) * (b >> 32) + (left & 0xffffffff);
	__u64 high = (a >> 32) * (b >> 32) + (left >> 32) + (right >> 32);

	low = right << 32 | (low & 0xffffffff);
	if (!c)
		return 0;
	if (!high)
		return low / c;
	if (high >= c)
		return ~0ULL;
	/* Without a branch in it: the verifier would follow each round both ways. Clang
	 * makes one of a bit that it knows to be a sign.
	 */
	for (int bit = 0; bit < 64; bit++) {
		__u64 carry = high >> 63, less, borrow, take;

		NETC_OPAQUE(carry);
		high = high << 1 | low >> 63;
		less = high - c;
		borrow = ((~high & c) | (~(high ^ c) & less)) >> 63;
		NETC_OPAQUE(borrow);
		take = carry | (borrow ^ 1);
		high -= c & -take;
		low = low << 1 | take;
	}
	return low;
}
