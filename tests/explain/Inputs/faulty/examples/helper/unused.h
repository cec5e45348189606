/* Called by what nobody calls. */
static long round(__u64 index, void *data)
{
	return 0;
}

static __always_inline void unused(void)
{
	bpf_loop(4, round, 0, 0);
}

static __always_inline bool holds(void)
{
	return bpf_get_prandom_u32() > 1;
}
