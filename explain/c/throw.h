/* Ends the program at once, whatever calls it: the packet is then aborted. */
extern void bpf_throw(__u64 cookie) __ksym;

static __always_inline void demand(bool holds)
{
	if (!holds)
		bpf_throw(0);
}
