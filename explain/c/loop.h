/* Where a byte stands first, looked for by a function that the kernel calls. */
struct search {
	void *ctx;
	__u8 wanted;
	__u32 offset;
};

static long look_at(__u64 index, void *data)
{
	struct search *search = data;
	__u8 byte;

	if (bpf_xdp_load_bytes(search->ctx, index, &byte, 1))
		return 1; /* ends the loop */
	if (byte != search->wanted)
		return 0;
	search->offset = index;
	return 1;
}

static __always_inline __u32 find_byte(void *ctx, __u8 wanted)
{
	struct search search = { .ctx = ctx, .wanted = wanted, .offset = 0xffffffff };

	bpf_loop(1500, look_at, &search, 0);
	return search.offset;
}
