/* Keeps a cgroup in a map: the map's value owns it, and gives it to who exchanges it. */
struct cgroup {};

extern struct cgroup *bpf_cgroup_from_id(__u64 id) __ksym;
extern void bpf_cgroup_release(struct cgroup *group) __ksym;

struct kept {
	struct cgroup __attribute__((btf_type_tag("kptr"))) *group;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kept);
} groups SEC(".maps");

static __always_inline bool keep(__u64 id)
{
	__u32 key = 0;
	struct kept *kept = bpf_map_lookup_elem(&groups, &key);
	struct cgroup *group, *before;

	if (!kept)
		return false;
	group = bpf_cgroup_from_id(id);
	if (!group)
		return false;
	before = bpf_kptr_xchg(&kept->group, group);
	if (before)
		bpf_cgroup_release(before);
	return true;
}
