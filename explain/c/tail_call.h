/* Goes on in a program that another tool has put into slot 0; returns if there is none. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} stages SEC(".maps");

static __always_inline bool next_stage(void *ctx)
{
	bpf_tail_call(ctx, &stages, 0);
	return false;
}
