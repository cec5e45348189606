/* Below, at or above zero as the first address is to the second. */
static __always_inline __s32 netc_compare_mac(const struct netc_mac *first, const struct netc_mac *second)
{
#pragma clang loop unroll(full)
	for (int i = 0; i < 6; i++) {
		if (first->b[i] != second->b[i])
			return first->b[i] < second->b[i] ? -1 : 1;
	}
	return 0;
}
