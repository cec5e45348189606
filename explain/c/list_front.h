#include <bpf/bpf_core_read.h>

/* Puts a size into a list, and looks at both of its ends without taking anything out. */
struct bpf_spin_lock {
	__u32 val;
};

struct bpf_list_head {
	__u64 __opaque[2];
} __attribute__((aligned(8)));

struct bpf_list_node {
	__u64 __opaque[3];
} __attribute__((aligned(8)));

struct size {
	struct bpf_list_node node;
	__u32 bytes;
};

struct sizes {
	struct bpf_spin_lock lock;
	struct bpf_list_head list __attribute__((btf_decl_tag("contains:size:node")));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sizes);
} all SEC(".maps");

extern void *bpf_obj_new_impl(__u64 type, void *meta) __ksym;
extern int bpf_list_push_back_impl(struct bpf_list_head *list, struct bpf_list_node *node,
				   void *meta, __u64 offset) __ksym;
extern struct bpf_list_node *bpf_list_front(struct bpf_list_head *list) __ksym;
extern struct bpf_list_node *bpf_list_back(struct bpf_list_head *list) __ksym;

static __always_inline __u32 between(__u32 bytes)
{
	__u32 key = 0, first = 0, last = 0;
	struct sizes *sizes = bpf_map_lookup_elem(&all, &key);
	struct bpf_list_node *node;
	struct size *size;

	if (!sizes)
		return 0;
	size = bpf_obj_new_impl(bpf_core_type_id_local(struct size), NULL);
	if (!size)
		return 0;
	size->bytes = bytes;
	bpf_spin_lock(&sizes->lock);
	bpf_list_push_back_impl(&sizes->list, &size->node, NULL, 0);
	node = bpf_list_front(&sizes->list);
	if (node)
		first = ((struct size *)node)->bytes;
	node = bpf_list_back(&sizes->list);
	if (node)
		last = ((struct size *)node)->bytes;
	bpf_spin_unlock(&sizes->lock);
	return last - first;
}
