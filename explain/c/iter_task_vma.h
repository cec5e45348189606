/* Steps through the parts of a task's memory. */
struct task_struct {
};

struct vm_area_struct {
	unsigned long vm_start, vm_end;
} __attribute__((preserve_access_index));

struct bpf_iter_task_vma {
	__u64 __opaque[1];
} __attribute__((aligned(8)));

extern int bpf_iter_task_vma_new(struct bpf_iter_task_vma *it, struct task_struct *task,
				 __u64 address) __ksym;
extern struct vm_area_struct *bpf_iter_task_vma_next(struct bpf_iter_task_vma *it) __ksym;
extern void bpf_iter_task_vma_destroy(struct bpf_iter_task_vma *it) __ksym;

static __always_inline __u64 first_part(void)
{
	struct bpf_iter_task_vma it;
	struct vm_area_struct *part;
	__u64 bytes = 0;

	bpf_iter_task_vma_new(&it, bpf_get_current_task_btf(), 0);
	part = bpf_iter_task_vma_next(&it);
	if (part)
		bytes = part->vm_end - part->vm_start;
	bpf_iter_task_vma_destroy(&it);
	return bytes;
}
