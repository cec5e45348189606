/* What user space has written beside a cgroup: an extended attribute. */
struct bpf_dynptr {
	__u64 __opaque[2];
} __attribute__((aligned(8)));

struct cgroup {
};

extern struct cgroup *bpf_cgroup_from_id(__u64 id) __ksym;
extern void bpf_cgroup_release(struct cgroup *group) __ksym;
extern int bpf_cgroup_read_xattr(struct cgroup *group, const char *name,
				 struct bpf_dynptr *value) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u8[8]);
} values SEC(".maps");

static __always_inline bool is_trusted(__u64 id)
{
	__u32 key = 0;
	__u8 *value = bpf_map_lookup_elem(&values, &key);
	struct bpf_dynptr text;
	struct cgroup *group;
	int bytes;

	if (!value || bpf_dynptr_from_mem(value, 8, 0, &text))
		return false;
	group = bpf_cgroup_from_id(id);
	if (!group)
		return false;
	bytes = bpf_cgroup_read_xattr(group, "user.trusted", &text);
	bpf_cgroup_release(group);
	return bytes > 0 && value[0] == 'y';
}
