/* In which part of its memory the running task is: the kernel calls `look` with it. */
struct task_struct;

struct vm_area_struct {
	unsigned long vm_start;
} __attribute__((preserve_access_index));

static long look(struct task_struct *task, struct vm_area_struct *area, void *data)
{
	*(__u64 *)data = area->vm_start;
	return 0;
}

static __always_inline __u64 part_of(__u64 address)
{
	__u64 start = 0;

	bpf_find_vma(bpf_get_current_task_btf(), address, look, &start, 0);
	return start;
}
