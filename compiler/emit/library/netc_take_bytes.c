/* `rate` is in bits a second, `burst` and `amount` in bytes. */
static __always_inline bool netc_take_bytes(void* map, const void* key, __u64 rate, __u64 burst,
                                            __u64 amount) {
  if (burst > 1ULL << 29) burst = 1ULL << 29;
  if (!rate || amount > burst) return 0;
  return netc_take_time(map, key, netc_now() * 16, netc_bytes_cost(burst, rate),
                        netc_bytes_cost(amount, rate));
}
