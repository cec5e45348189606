/* Steps through the tasks of a cgroup, to see whether one is of this process. */
struct task_struct {
	int tgid;
} __attribute__((preserve_access_index));

struct cgroup_subsys_state {
	int id;
} __attribute__((preserve_access_index));

struct cgroup {
	struct cgroup_subsys_state self;
} __attribute__((preserve_access_index));

struct bpf_iter_css_task {
	__u64 __opaque[1];
} __attribute__((aligned(8)));

extern struct cgroup *bpf_cgroup_from_id(__u64 id) __ksym;
extern void bpf_cgroup_release(struct cgroup *group) __ksym;
extern int bpf_iter_css_task_new(struct bpf_iter_css_task *it, struct cgroup_subsys_state *css,
				 unsigned int flags) __ksym;
extern struct task_struct *bpf_iter_css_task_next(struct bpf_iter_css_task *it) __ksym;
extern void bpf_iter_css_task_destroy(struct bpf_iter_css_task *it) __ksym;

static __always_inline bool has_process(__u64 group_id, __s32 pid)
{
	struct cgroup *group = bpf_cgroup_from_id(group_id);
	struct bpf_iter_css_task it;
	struct task_struct *task;
	bool found = false;

	if (!group)
		return false;
	bpf_iter_css_task_new(&it, &group->self, 0);
	while ((task = bpf_iter_css_task_next(&it))) {
		if (task->tgid == pid) {
			found = true;
			break;
		}
	}
	bpf_iter_css_task_destroy(&it);
	bpf_cgroup_release(group);
	return found;
}
