#include <bpf/bpf_core_read.h>

/* Writes of each socket what a reader of the iterator gets to see. */
struct bpf_iter_meta {
	struct seq_file *seq;
} __attribute__((preserve_access_index));

struct btf_ptr {
	void *ptr;
	__u32 type_id;
	__u32 flags;
};

struct each_socket { /* the begin of struct bpf_iter__tcp */
	struct bpf_iter_meta *meta;
	struct sock_common *socket;
};

static __always_inline void show(void *ctx)
{
	struct each_socket *each = ctx;
	struct sock_common *socket = each->socket;
	struct seq_file *seq = each->meta->seq;
	static const char format[] = "socket %llx\n";
	static const char end[] = "\n";
	struct btf_ptr object = { .ptr = socket };
	__u64 address = (__u64)socket;

	if (!socket)
		return;
	bpf_seq_printf(seq, format, sizeof(format), &address, sizeof(address));
	object.type_id = bpf_core_type_id_kernel(struct sock_common);
	bpf_seq_printf_btf(seq, &object, sizeof(object), 0);
	bpf_seq_write(seq, end, sizeof(end) - 1);
}
