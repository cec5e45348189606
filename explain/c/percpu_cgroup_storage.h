/* Bytes of the cgroup that the program is attached to, counted on each CPU by itself. */
struct bpf_cgroup_storage_key {
	__u64 cgroup_inode_id;
	__u32 attach_type;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE);
	__type(key, struct bpf_cgroup_storage_key);
	__type(value, __u64);
} sent SEC(".maps");

static __always_inline __u64 sent_here(__u64 bytes)
{
	__u64 *all = bpf_get_local_storage(&sent, 0);

	return *all += bytes;
}
