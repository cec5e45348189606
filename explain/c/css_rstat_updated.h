/* Tells the kernel that what it counts of a cgroup on this CPU has changed. */
struct cgroup_subsys_state {
};

struct cgroup {
	struct cgroup_subsys_state self;
} __attribute__((preserve_access_index));

extern struct cgroup *bpf_cgroup_from_id(__u64 id) __ksym;
extern void bpf_cgroup_release(struct cgroup *group) __ksym;
extern void css_rstat_updated(struct cgroup_subsys_state *state, int cpu) __ksym;

static __always_inline void changed(__u64 id)
{
	struct cgroup *group = bpf_cgroup_from_id(id);

	if (!group)
		return;
	css_rstat_updated((void *)group, bpf_get_smp_processor_id());
	bpf_cgroup_release(group);
}
