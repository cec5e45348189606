/* Takes the dividend's sign; by zero it is the dividend. */
static __always_inline __s64 netc_remainder(__s64 dividend, __s64 divisor)
{
	__u64 up = dividend < 0 ? -(__u64)dividend : dividend;
	__u64 down = divisor < 0 ? -(__u64)divisor : divisor;
	__u64 rest = down ? up % down : up;

	return dividend < 0 ? -rest : rest;
}
