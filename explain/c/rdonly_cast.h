#include <bpf/bpf_core_read.h>

/* Reads what a pointer leads to as a struct of the kernel's that its type doesn't say. */
struct sk_buff {
	unsigned char *head;
	unsigned int end;
} __attribute__((preserve_access_index));

struct skb_shared_info {
	__u8 nr_frags;
} __attribute__((preserve_access_index));

extern void *bpf_cast_to_kern_ctx(void *ctx) __ksym;
extern void *bpf_rdonly_cast(const void *object, __u32 type) __ksym;

static __always_inline __u32 fragments(void *ctx)
{
	struct sk_buff *packet = bpf_cast_to_kern_ctx(ctx);
	struct skb_shared_info *shared;

	shared = bpf_rdonly_cast(packet->head + packet->end,
				 bpf_core_type_id_kernel(struct skb_shared_info));
	return shared->nr_frags;
}
