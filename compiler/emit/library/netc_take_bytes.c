/* `rate` is in bits a second, `burst` and `amount` in bytes. */
static __always_inline bool netc_take_bytes(void* map, const void* key, __u64 rate, __u64 burst,
                                            __u64 amount) {
  __u64 most = (1ULL << 62) / 8000000000ULL;

  if (!rate || amount > burst || amount > most) return 0;
  if (burst > most) burst = most;
  return netc_take_time(map, key, burst * 8000000000ULL / rate, amount * 8000000000ULL / rate);
}
