/* What so many bytes take, at `rate` bits a second, in sixteenths of nanoseconds, so that
 * small packets at high rates cost what they should. Rounded up, so that parts cost no
 * less than the whole. At most 2^29 bytes, so that nothing overflows.
 */
static __always_inline __u64 netc_bytes_cost(__u64 bytes, __u64 rate) {
  __u64 fine = bytes > 1ULL << 25 ? 1 : 16, most = 1ULL << 58;
  __u64 product = bytes * 8000000000ULL * fine, cost = product / rate + (product % rate != 0);

  if (fine > 1) return cost;
  return (cost < most ? cost : most) * 16;
}
