/* Counts by which way through the kernel the program is reached. */
struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 64);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 32 * sizeof(__u64));
} stacks SEC(".maps");

static __always_inline __s64 way(void *ctx)
{
	return bpf_get_stackid(ctx, &stacks, 0);
}
