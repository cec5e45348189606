/* BPF divides unsigned numbers only (before cpu v4). */
static __always_inline __s64 netc_divide(__s64 dividend, __s64 divisor)
{
	__u64 up = dividend < 0 ? -(__u64)dividend : dividend;
	__u64 down = divisor < 0 ? -(__u64)divisor : divisor;
	__u64 quotient = down ? up / down : 0;

	return (dividend < 0) != (divisor < 0) ? -quotient : quotient;
}
