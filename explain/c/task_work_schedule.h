/* Work that the running task does itself, before it goes back to user space. */
struct task_struct {
};
struct bpf_map {
};

struct bpf_task_work {
	__u64 __opaque;
} __attribute__((aligned(8)));

struct tries {
	__u64 count;
	struct bpf_task_work work;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, struct tries);
} all SEC(".maps");

typedef int (*bpf_task_work_callback_t)(struct bpf_map *map, void *key, void *value);

extern int bpf_task_work_schedule_resume_impl(struct task_struct *task, struct bpf_task_work *work,
					      void *map, bpf_task_work_callback_t callback,
					      void *program) __ksym;
extern int bpf_task_work_schedule_signal_impl(struct task_struct *task, struct bpf_task_work *work,
					      void *map, bpf_task_work_callback_t callback,
					      void *program) __ksym;

static int forget(struct bpf_map *map, void *key, void *value)
{
	((struct tries *)value)->count = 0;
	return 0;
}

static __always_inline bool forget_later(__u32 key)
{
	struct tries *tries = bpf_map_lookup_elem(&all, &key);
	struct task_struct *task = bpf_get_current_task_btf();

	if (!tries)
		return false;
	if (tries->count++ > 100)
		return !bpf_task_work_schedule_signal_impl(task, &tries->work, &all, forget, NULL);
	return !bpf_task_work_schedule_resume_impl(task, &tries->work, &all, forget, NULL);
}
