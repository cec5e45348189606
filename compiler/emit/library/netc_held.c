/* The map that another one holds. */
static __always_inline void* netc_held(void* holder) {
  __u32 slot = 0;

  return bpf_map_lookup_elem(holder, &slot);
}
