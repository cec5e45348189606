/* Whether there is an entry. Clang would else make one test of this one and another by
 * or-ing the pointer, which the verifier refuses.
 */
static __always_inline bool netc_found(const void *entry)
{
	bool found = entry;

	NETC_OPAQUE(found);
	return found;
}
