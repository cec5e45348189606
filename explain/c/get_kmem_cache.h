/* In which of the kernel's caches a task's struct lies: the size of its objects. */
struct task_struct;

struct kmem_cache {
	unsigned int object_size;
} __attribute__((preserve_access_index));

extern struct kmem_cache *bpf_get_kmem_cache(__u64 address) __ksym;

static __always_inline __u32 size_of_task(void)
{
	struct kmem_cache *cache = bpf_get_kmem_cache(bpf_get_current_task());

	return cache ? cache->object_size : 0;
}
