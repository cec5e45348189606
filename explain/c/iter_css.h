/* Steps through a cgroup and those below it, to see whether one has this number. */
struct cgroup_subsys_state {
	int id;
} __attribute__((preserve_access_index));

struct cgroup {
	struct cgroup_subsys_state self;
} __attribute__((preserve_access_index));

struct bpf_iter_css {
	__u64 __opaque[3];
} __attribute__((aligned(8)));

extern struct cgroup *bpf_cgroup_from_id(__u64 id) __ksym;
extern void bpf_cgroup_release(struct cgroup *group) __ksym;
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
extern int bpf_iter_css_new(struct bpf_iter_css *it, struct cgroup_subsys_state *start,
			    unsigned int flags) __ksym;
extern struct cgroup_subsys_state *bpf_iter_css_next(struct bpf_iter_css *it) __ksym;
extern void bpf_iter_css_destroy(struct bpf_iter_css *it) __ksym;

static __always_inline bool has_below(__u64 group_id, __s32 id)
{
	struct cgroup *group = bpf_cgroup_from_id(group_id);
	struct cgroup_subsys_state *each;
	struct bpf_iter_css it;
	bool found = false;

	if (!group)
		return false;
	bpf_rcu_read_lock();
	bpf_iter_css_new(&it, &group->self, 1 /* BPF_CGROUP_ITER_DESCENDANTS_PRE */);
	while ((each = bpf_iter_css_next(&it))) {
		if (each->id == id) {
			found = true;
			break;
		}
	}
	bpf_iter_css_destroy(&it);
	bpf_rcu_read_unlock();
	bpf_cgroup_release(group);
	return found;
}
