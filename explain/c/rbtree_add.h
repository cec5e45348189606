#include <bpf/bpf_core_read.h>

/* Packets' times in a tree that keeps them in order: the first is taken out when it is over. */
struct bpf_spin_lock {
	__u32 val;
};

struct bpf_rb_root {
	__u64 __opaque[2];
} __attribute__((aligned(8)));

struct bpf_rb_node {
	__u64 __opaque[4];
} __attribute__((aligned(8)));

struct due {
	struct bpf_rb_node node;
	__u64 at;
};

struct schedule {
	struct bpf_spin_lock lock;
	struct bpf_rb_root tree __attribute__((btf_decl_tag("contains:due:node")));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct schedule);
} all SEC(".maps");

extern void *bpf_obj_new_impl(__u64 type, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;
extern int bpf_rbtree_add_impl(struct bpf_rb_root *tree, struct bpf_rb_node *node,
			       bool (*less)(struct bpf_rb_node *, const struct bpf_rb_node *),
			       void *meta, __u64 offset) __ksym;
extern struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *tree) __ksym;
extern struct bpf_rb_node *bpf_rbtree_remove(struct bpf_rb_root *tree,
					     struct bpf_rb_node *node) __ksym;

static bool is_sooner(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return ((struct due *)a)->at < ((struct due *)b)->at;
}

static __always_inline bool schedule(__u64 at)
{
	__u32 key = 0;
	struct schedule *schedule = bpf_map_lookup_elem(&all, &key);
	struct bpf_rb_node *first;
	struct due *due;

	if (!schedule)
		return false;
	due = bpf_obj_new_impl(bpf_core_type_id_local(struct due), NULL);
	if (!due)
		return false;
	due->at = at;
	bpf_spin_lock(&schedule->lock);
	bpf_rbtree_add_impl(&schedule->tree, &due->node, is_sooner, NULL, 0);
	first = bpf_rbtree_first(&schedule->tree);
	if (first)
		first = bpf_rbtree_remove(&schedule->tree, first);
	bpf_spin_unlock(&schedule->lock);
	if (first)
		bpf_obj_drop_impl(first, NULL);
	return true;
}
