static __always_inline __u32 classify(__be32 src)
{
	return sorce;
}
