/* Counts what went wrong on the way, for `netc run` to show. */
static __always_inline void netc_fault(__u32 fault)
{
	__u64 *count = bpf_map_lookup_elem(&netc_faults, &fault);

	if (count)
		__sync_fetch_and_add(count, 1);
}
