/* Adds to the counter of a key that is there and has not expired; else begins it anew,
 * as `fresh`. Behind the count stand its times; with `idle`, the last is when it is
 * gone unless it is used. False if there is no room.
 */
static __always_inline bool netc_count_timed(void* map, const void* key, const void* fresh,
                                             __u64 amount, __u32 times, __u64 idle) {
  __u64 now = netc_now();
  volatile __u64* cell;

  /* Who comes second to an entry that has expired finds the next one. */
#pragma clang loop unroll(full)
  for (int tries = 0; tries < 3; tries++) {
    cell = bpf_map_lookup_elem(map, key);
    if (cell && cell[1] > now && (times < 2 || cell[2] > now)) {
      __sync_fetch_and_add((__u64*)cell, amount);
      if (idle) cell[times] = now + idle;
      return 1;
    }
    if (netc_renew(map, key, fresh, sizeof(__u64), times)) return 1;
  }
  return 0;
}
