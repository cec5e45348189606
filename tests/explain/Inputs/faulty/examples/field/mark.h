/* Reads nothing. */

static __always_inline bool holds(void)
{
	return true;
}
