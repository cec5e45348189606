#include "classes.h"

/* The class of a flow; addresses are in network order. */
static __always_inline __u32 classify(__be32 src, __u16 dport)
{
	if ((src & bpf_htonl(0xff000000)) == bpf_htonl(0x0a000000))
		return CLASS_INSIDE;
	return dport < 1024 ? CLASS_SERVER : CLASS_OTHER;
}

static __always_inline bool is_odd(__u64 number)
{
	return number & 1;
}

static __always_inline __u32 first_byte(void *ctx)
{
	__u8 byte = 0;

	bpf_xdp_load_bytes(ctx, 0, &byte, 1);
	return byte;
}
