/* Reads memory of the kernel's and of the running process straight into a dynptr. */
struct bpf_dynptr {
	__u64 __opaque[2];
} __attribute__((aligned(8)));

extern int bpf_probe_read_kernel_dynptr(struct bpf_dynptr *to, __u32 offset, __u32 size,
					const void *from) __ksym;
extern int bpf_probe_read_kernel_str_dynptr(struct bpf_dynptr *to, __u32 offset, __u32 size,
					    const void *from) __ksym;
extern int bpf_probe_read_user_dynptr(struct bpf_dynptr *to, __u32 offset, __u32 size,
				      const void *from) __ksym;
extern int bpf_probe_read_user_str_dynptr(struct bpf_dynptr *to, __u32 offset, __u32 size,
					  const void *from) __ksym;

struct task_struct {
	char comm[16];
} __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u8[64]);
} copies SEC(".maps");

static __always_inline void copy(__u64 address)
{
	const void *user = (const void *)address;
	__u32 key = 0;
	__u8 *value = bpf_map_lookup_elem(&copies, &key);
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct bpf_dynptr kept;

	if (!value || bpf_dynptr_from_mem(value, 64, 0, &kept))
		return;
	bpf_probe_read_kernel_dynptr(&kept, 0, 16, task->comm);
	bpf_probe_read_kernel_str_dynptr(&kept, 16, 16, task->comm);
	bpf_probe_read_user_dynptr(&kept, 32, 16, user);
	bpf_probe_read_user_str_dynptr(&kept, 48, 16, user);
}
