static __always_inline __u32 netc_random(void)
{
	return netc_test ? netc_world.random : bpf_get_prandom_u32();
}
