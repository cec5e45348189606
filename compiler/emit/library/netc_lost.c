/* The ring was full. */
static __always_inline void netc_lost(__u32 event)
{
	__u64 *count = bpf_map_lookup_elem(&netc_lost_events, &event);

	if (count)
		__sync_fetch_and_add(count, 1);
}
