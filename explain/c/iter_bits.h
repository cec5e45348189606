/* Steps through the bits that are set, here in a number: the second of them. */
struct bpf_iter_bits {
	__u64 __opaque[2];
} __attribute__((aligned(8)));

extern int bpf_iter_bits_new(struct bpf_iter_bits *it, const __u64 *words, __u32 count) __ksym;
extern int *bpf_iter_bits_next(struct bpf_iter_bits *it) __ksym;
extern void bpf_iter_bits_destroy(struct bpf_iter_bits *it) __ksym;

static __always_inline __s32 second_bit(__u64 mask)
{
	struct bpf_iter_bits it;
	__s32 second = -1;
	int *bit;

	bpf_iter_bits_new(&it, &mask, 1);
	bit = bpf_iter_bits_next(&it);
	if (bit)
		bit = bpf_iter_bits_next(&it);
	if (bit)
		second = *bit;
	bpf_iter_bits_destroy(&it);
	return second;
}
