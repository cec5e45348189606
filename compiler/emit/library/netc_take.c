/* A rate limiter is one word: the time at which its budget will be whole again
 * (GCRA). Each event moves that time on by `cost`; an event that would move it more
 * than `window` ahead of `now` is refused.
 */
static __always_inline bool netc_take_time(void* map, const void* key, __u64 now, __u64 window,
                                           __u64 cost) {
  __u64 *cell, seen, from, next = now + cost;

  if (cost > window) return 0;
  cell = bpf_map_lookup_elem(map, key);
  if (!cell) {
    if (!bpf_map_update_elem(map, key, &next, 1 /* BPF_NOEXIST */)) return 1;
    cell = bpf_map_lookup_elem(map, key);
    if (!cell) return 0;
  }
  /* Others may take at the same time; who loses eight times in a row is refused. */
#pragma clang loop unroll(full)
  for (int tries = 0; tries < 8; tries++) {
    seen = *(volatile __u64*)cell;
    from = seen > now ? seen : now;
    next = from + cost;
    if (next - now > window) return 0;
    if (__sync_val_compare_and_swap(cell, seen, next) == seen) return 1;
  }
  return 0;
}

/* `rate` counts events in 1,000,000 seconds; 0 is never. A window is at most a
 * quarter of what 64 bits hold (146 years), so that nothing overflows.
 */
static __always_inline bool netc_take(void* map, const void* key, __u64 rate, __u64 burst,
                                      __u64 amount) {
  __u64 longest = 1ULL << 62, interval;

  if (!rate) return 0;
  interval = 1000000000000000ULL / rate;
  if (!interval) interval = 1;
  if (amount > burst || amount > longest / interval) return 0;
  if (burst > longest / interval) burst = longest / interval;
  return netc_take_time(map, key, netc_now(), burst * interval, amount * interval);
}
