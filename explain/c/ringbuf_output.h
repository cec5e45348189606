/* A record copied into a ring of one's own, unless less than half of it is free. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

static __always_inline bool report(__u64 size)
{
	if (bpf_ringbuf_query(&ring, 0 /* BPF_RB_AVAIL_DATA */) > 2048)
		return false;
	return bpf_ringbuf_output(&ring, &size, sizeof(size), 0) == 0;
}

/* One that is filled in place, and thrown away if there is nothing to tell. */
static __always_inline void report_large(__u64 size)
{
	__u64 *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record)
		return;
	*record = size;
	if (size > 1500)
		bpf_ringbuf_submit(record, 0);
	else
		bpf_ringbuf_discard(record, 0);
}
