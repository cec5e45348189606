/* What the kernel counts for each CPU: packets that its receive queue has handed on. */
struct softnet_data {
	unsigned int processed;
} __attribute__((preserve_access_index));

extern const struct softnet_data softnet_data __ksym;

static __always_inline __u32 processed_here(void)
{
	const struct softnet_data *mine = bpf_this_cpu_ptr(&softnet_data);

	return mine->processed;
}

static __always_inline __u32 processed_on(__u32 cpu)
{
	const struct softnet_data *other = bpf_per_cpu_ptr(&softnet_data, cpu);

	return other ? other->processed : 0;
}
