/* A loop of any number of rounds that the verifier follows once. */
struct bpf_iter_num {
	__u64 __opaque[1];
} __attribute__((aligned(8)));

extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;

static __always_inline bool has_byte(void *ctx, __u8 wanted)
{
	struct bpf_iter_num it;
	bool found = false;
	int *offset;

	bpf_iter_num_new(&it, 0, 1500);
	while ((offset = bpf_iter_num_next(&it))) {
		__u8 byte;

		if (bpf_xdp_load_bytes(ctx, *offset, &byte, 1))
			break;
		if (byte == wanted) {
			found = true;
			break;
		}
	}
	bpf_iter_num_destroy(&it);
	return found;
}
