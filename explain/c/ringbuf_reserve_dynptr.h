/* A record whose size is known only when the program runs. */
struct bpf_dynptr {
	__u64 __opaque[2];
} __attribute__((aligned(8)));

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

static __always_inline void report(__u32 length, __u32 mark)
{
	struct bpf_dynptr record;

	/* Also where there is no room the dynptr must be given back. */
	if (bpf_ringbuf_reserve_dynptr(&ring, length & 255, 0, &record) ||
	    bpf_dynptr_write(&record, 0, &mark, sizeof(mark), 0)) {
		bpf_ringbuf_discard_dynptr(&record, 0);
		return;
	}
	bpf_ringbuf_submit_dynptr(&record, 0);
}
