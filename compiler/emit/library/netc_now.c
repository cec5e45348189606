/* Nanoseconds since boot. */
static __always_inline __u64 netc_now(void)
{
	return netc_test ? netc_world.now : bpf_ktime_get_boot_ns();
}
