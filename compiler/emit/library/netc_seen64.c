/* What a place holds that others change, read once. */
static __always_inline __u64 netc_seen64(const void* cell) {
  return *(const volatile __u64*)cell;
}
