/* Takes a value through memory of a function's caller, which the verifier doesn't follow:
 * what it knew of the value is forgotten.
 */
#define NETC_FORGET(value, memory) do { \
		*(volatile __u32 *)&(memory) = (value); \
		(value) = *(volatile __u32 *)&(memory); \
	} while (0)
