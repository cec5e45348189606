struct css_set___netc {
	struct cgroup *dfl_cgrp;
} __attribute__((preserve_access_index));

struct task_struct___netc {
	struct css_set___netc *cgroups;
} __attribute__((preserve_access_index));

/* The cgroup of the running task. */
static __always_inline void *netc_task_cgroup(void)
{
	struct task_struct___netc *task = (void *)bpf_get_current_task_btf();

	return task->cgroups->dfl_cgrp;
}
