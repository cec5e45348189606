/* Reads where nothing is known to be. */
static __always_inline __u32 at(__u64 address)
{
	return *(__u32 *)address;
}
