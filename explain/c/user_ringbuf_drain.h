/* Takes what user space has written into a ring: the next number is the limit. */
struct bpf_dynptr;

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
} orders SEC(".maps");

static long take(struct bpf_dynptr *record, void *data)
{
	__u32 *limit = data;

	bpf_dynptr_read(limit, sizeof(*limit), record, 0, 0);
	return 0;
}

static __always_inline __u32 ordered_limit(void)
{
	__u32 limit = 1500;

	bpf_user_ringbuf_drain(&orders, take, &limit, 0);
	return limit;
}
