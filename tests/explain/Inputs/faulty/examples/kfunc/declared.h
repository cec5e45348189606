/* Declared, and never called. */
extern void bpf_throw(__u64 cookie) __ksym;

static __always_inline bool holds(void)
{
	return true;
}
