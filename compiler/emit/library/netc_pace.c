/* A line is one word: when it will be free, in sixteenths of nanoseconds. A packet departs
 * then, or now if that is later, and occupies the line for as long as its bytes take. The
 * result is its departure in nanoseconds; NETC_LATE if that would be beyond the horizon.
 */
#define NETC_LATE (~0ULL)
static __always_inline __u64 netc_pace(void* map, const void* key, __u64 rate, __u64 bytes,
                                       __u64 horizon)
{
  __u64 *line, seen, departs, next, cost, now;

  if (!rate) return NETC_LATE;
  now = netc_monotonic() * 16;
  cost = netc_bytes_cost(bytes, rate);
  line = bpf_map_lookup_elem(map, key);
  if (!line) {
    next = now + cost;
    if (!bpf_map_update_elem(map, key, &next, 1 /* BPF_NOEXIST */)) return now / 16;
    line = bpf_map_lookup_elem(map, key);
    if (!line) return NETC_LATE;
  }
  /* Others may pace at the same time; who loses eight times in a row is told that it is late. */
#pragma clang loop unroll(full)
  for (int tries = 0; tries < 8; tries++) {
    seen = *(volatile __u64*)line;
    departs = seen > now ? seen : now;
    if (departs - now > horizon * 16) return NETC_LATE;
    next = departs + cost;
    if (__sync_val_compare_and_swap(line, seen, next) == seen) return (departs + 15) / 16;
  }
  return NETC_LATE;
}
