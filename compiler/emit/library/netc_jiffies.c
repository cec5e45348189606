/* A duration in the kernel's ticks, rounded up: less than one would mean none. */
static __always_inline __u32 netc_jiffies(__u64 nanoseconds)
{
	return (nanoseconds * netc_hz + 999999999) / 1000000000;
}
