/* netc's own hash: FNV-1a over the bytes, then the finisher of MurmurHash3. */
static __always_inline __u32 netc_hash(const void *bytes, __u32 size)
{
	__u32 hash = 2166136261U;

	for (__u32 i = 0; i < size; i++)
		hash = (hash ^ ((const __u8 *)bytes)[i]) * 16777619U;
	hash = (hash ^ hash >> 16) * 0x85ebca6bU;
	hash = (hash ^ hash >> 13) * 0xc2b2ae35U;
	return hash ^ hash >> 16;
}
