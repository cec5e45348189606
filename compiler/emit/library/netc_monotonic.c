/* Nanoseconds of CLOCK_MONOTONIC, which fq compares departure times with. */
static __always_inline __u64 netc_monotonic(void)
{
	return netc_test ? netc_world.now : bpf_ktime_get_ns();
}
