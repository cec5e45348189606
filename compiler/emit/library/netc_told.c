/* Tells a test what was decided, where the kernel doesn't. */
static __always_inline void netc_told(int verdict)
{
	if (netc_test) {
		netc_world.verdict = verdict;
		__sync_fetch_and_add(&netc_world.runs, 1);
	}
}
