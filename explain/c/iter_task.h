/* Steps through the tasks of the machine, to find one with this process number. */
struct task_struct {
	int tgid;
} __attribute__((preserve_access_index));

struct bpf_iter_task {
	__u64 __opaque[3];
} __attribute__((aligned(8)));

extern int bpf_iter_task_new(struct bpf_iter_task *it, struct task_struct *task,
			     unsigned int flags) __ksym;
extern struct task_struct *bpf_iter_task_next(struct bpf_iter_task *it) __ksym;
extern void bpf_iter_task_destroy(struct bpf_iter_task *it) __ksym;

static __always_inline bool runs(__s32 pid)
{
	struct bpf_iter_task it;
	struct task_struct *task;
	bool found = false;

	bpf_iter_task_new(&it, NULL, 0 /* all processes */);
	while ((task = bpf_iter_task_next(&it))) {
		if (task->tgid == pid) {
			found = true;
			break;
		}
	}
	bpf_iter_task_destroy(&it);
	return found;
}
