/* Below, at or above zero as the first address is to the second. */
static __always_inline __s32 netc_compare_ipv6(const struct netc_ipv6 *first, const struct netc_ipv6 *second)
{
#pragma clang loop unroll(full)
	for (int i = 0; i < 4; i++) {
		__u32 a = bpf_ntohl(first->w[i]), b = bpf_ntohl(second->w[i]);

		if (a != b)
			return a < b ? -1 : 1;
	}
	return 0;
}
