/* Work for later, where the kernel may sleep: sets a count back that the packets raise. */
struct bpf_wq {
	__u64 __opaque[2];
} __attribute__((aligned(8)));

struct window {
	__u64 count;
	struct bpf_wq work;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct window);
} windows SEC(".maps");

extern int bpf_wq_init(struct bpf_wq *work, void *map, unsigned int flags) __ksym;
extern int bpf_wq_set_callback_impl(struct bpf_wq *work, int (*callback)(void *, int *, void *),
				    unsigned int flags, void *program) __ksym;
extern int bpf_wq_start(struct bpf_wq *work, unsigned int flags) __ksym;

static int start_again(void *map, int *key, void *value)
{
	struct window *window = value;

	window->count = 0;
	return 0;
}

static __always_inline __u64 in_window(void)
{
	__u32 key = 0;
	struct window *window = bpf_map_lookup_elem(&windows, &key);

	if (!window)
		return 0;
	if (window->count == 1000 && !bpf_wq_init(&window->work, &windows, 0) &&
	    !bpf_wq_set_callback_impl(&window->work, start_again, 0, NULL))
		bpf_wq_start(&window->work, 0);
	return __sync_fetch_and_add(&window->count, 1);
}
