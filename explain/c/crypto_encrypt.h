/* Encrypts 16 bytes of a map's value, with a key that another program has put into a map. */
struct bpf_dynptr {
	__u64 __opaque[2];
} __attribute__((aligned(8)));

struct bpf_crypto_ctx {
};

extern int bpf_crypto_encrypt(struct bpf_crypto_ctx *key, const struct bpf_dynptr *from,
			      const struct bpf_dynptr *to, const struct bpf_dynptr *start) __ksym;
extern int bpf_crypto_decrypt(struct bpf_crypto_ctx *key, const struct bpf_dynptr *from,
			      const struct bpf_dynptr *to, const struct bpf_dynptr *start) __ksym;

struct kept {
	struct bpf_crypto_ctx __attribute__((btf_type_tag("kptr"))) *key;
	__u8 text[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kept);
} secrets SEC(".maps");

static __always_inline int encrypt(bool back)
{
	__u32 slot = 0;
	struct kept *kept = bpf_map_lookup_elem(&secrets, &slot);
	struct bpf_crypto_ctx *key;
	struct bpf_dynptr text;
	int error = -1;

	if (!kept || bpf_dynptr_from_mem(kept->text, sizeof(kept->text), 0, &text))
		return -1;
	key = kept->key;
	if (key && back)
		error = bpf_crypto_decrypt(key, &text, &text, NULL);
	else if (key)
		error = bpf_crypto_encrypt(key, &text, &text, NULL);
	return error;
}
