/* Adds to the counter of a key, which is made at its first use; false if there is
 * no room for it.
 */
static __always_inline bool netc_count(void *map, const void *key, __u64 amount)
{
	__u64 *count = bpf_map_lookup_elem(map, key);

	if (!count) {
		if (!bpf_map_update_elem(map, key, &amount, 1 /* BPF_NOEXIST */))
			return 1;
		count = bpf_map_lookup_elem(map, key);
		if (!count)
			return 0;
	}
	__sync_fetch_and_add(count, amount);
	return 1;
}
