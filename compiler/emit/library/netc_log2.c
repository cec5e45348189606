/* How many bits the value has: 0 of 0, else n where 2^(n-1) <= value < 2^n. The verifier
 * checks this function alone: inlined, each way through it would be one of the hook's.
 */
__noinline __u64 netc_log2(__u64 value)
{
	__u64 bits = 0;

#pragma clang loop unroll(full)
	for (int step = 32; step > 0; step /= 2) {
		if (value >> step) {
			value >>= step;
			bits += step;
		}
	}
	return bits + value;
}
