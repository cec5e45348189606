/* Takes `from` out of an Internet checksum and `to` in (RFC 1624). */
static __always_inline void netc_sum_replace(__be16* sum, const void* from, const void* to,
                                             __u32 size) {
  __u64 total = bpf_csum_diff((__be32*)from, size, (__be32*)to, size, (__u16) ~*sum);

  total = (total & 0xffff) + (total >> 16 & 0xffff);
  total = (total & 0xffff) + (total >> 16);
  *sum = ~total;
}
