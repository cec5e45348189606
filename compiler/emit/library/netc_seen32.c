/* What a place holds that others change, read once. */
static __always_inline __u32 netc_seen32(const void* cell) {
  return *(const volatile __u32*)cell;
}
