/* Counts a rule's matches, where `netc run --count-rules` asks for it. */
static __always_inline void netc_matched(__u32 rule)
{
	__u64 *count;

	if (!netc_count_rules)
		return;
	count = bpf_map_lookup_elem(&netc_rules, &rule);
	if (count)
		__sync_fetch_and_add(count, 1);
}
