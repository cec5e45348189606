/* Puts an entry where there is none, or where there is one that has expired. Of those
 * who find the same one expired, the one who clears its first time puts the next. The
 * times, as many as `times`, stand `at` bytes behind the value's begin.
 */
static __always_inline bool netc_renew(void* map, const void* key, const void* value, __u32 at,
                                       __u32 times) {
  void* held = bpf_map_lookup_elem(map, key);
  __u64 now = netc_now(), seen;
  volatile __u64* gone;

  if (!held) return !bpf_map_update_elem(map, key, value, 1 /* BPF_NOEXIST */);
  gone = held + at;
  seen = gone[0];
  if (!seen || (seen > now && (times < 2 || gone[1] > now))) return 0;
  if (__sync_val_compare_and_swap((__u64*)gone, seen, 0) != seen) return 0;
  return !bpf_map_update_elem(map, key, value, 0 /* BPF_ANY */);
}
