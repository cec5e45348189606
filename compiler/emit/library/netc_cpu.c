static __always_inline __u32 netc_cpu(void)
{
	return netc_test ? netc_world.cpu : bpf_get_smp_processor_id();
}
