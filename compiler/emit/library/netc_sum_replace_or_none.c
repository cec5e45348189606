/* The same for UDP, where 0 says that there is no checksum (RFC 768). */
static __always_inline void netc_sum_replace_or_none(__be16* sum, const void* from, const void* to,
                                                     __u32 size) {
  if (!*sum) return;
  netc_sum_replace(sum, from, to, size);
  if (!*sum) *sum = 0xffff;
}
