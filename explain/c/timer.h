/* Counts packets until a timer sets the count back, a second after the first of them. */
struct bpf_timer {
	__u64 __opaque[2];
} __attribute__((aligned(8)));

struct window {
	__u64 count;
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct window);
} windows SEC(".maps");

static int start_again(void *map, __u32 *key, struct window *window)
{
	window->count = 0;
	return 0;
}

static __always_inline __u64 in_window(void)
{
	__u32 key = 0;
	struct window *window = bpf_map_lookup_elem(&windows, &key);

	if (!window)
		return 0;
	if (window->count == 0) {
		bpf_timer_init(&window->timer, &windows, 1 /* CLOCK_MONOTONIC */);
		bpf_timer_set_callback(&window->timer, start_again);
		bpf_timer_start(&window->timer, 1000000000, 0);
	}
	return __sync_fetch_and_add(&window->count, 1);
}

static __always_inline void close_window(void)
{
	__u32 key = 0;
	struct window *window = bpf_map_lookup_elem(&windows, &key);

	if (window)
		bpf_timer_cancel(&window->timer);
}
