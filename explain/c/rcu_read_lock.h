/* Follows pointers that the kernel frees only when no reader is left. */
struct task_struct {
	struct task_struct *real_parent;
	int tgid;
} __attribute__((preserve_access_index));

extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

static __always_inline __s32 parent(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__s32 pid;

	bpf_rcu_read_lock();
	pid = task->real_parent->tgid;
	bpf_rcu_read_unlock();
	return pid;
}
