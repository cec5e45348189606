// A small firewall in the form in which netc emits one: the runtime's tests load,
// feed and observe it. `np: N` marks the line of edge.np that a line stands for.
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile __u8 netc_count_rules;
const volatile __u8 netc_audit;
const volatile __u8 netc_test;

struct netc_world {
    __u64 now, random, cpu;
};
struct netc_world netc_world SEC(".data.test");

volatile __u64 allowed_syns SEC(".data.params") = 200000000;
volatile __u16 ssh_port SEC(".data.params") = 22;

struct ipv4_prefix {
    __u32 length;
    __u32 address;
};
struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(max_entries, 65536);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, struct ipv4_prefix);
    __type(value, __u8);
} blocked SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 64);
    __type(key, __u32);
    __type(value, __u8);
} resolvers SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 1024);
    __type(key, __u32);
    __type(value, __u64);
} syn_limit SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
    __uint(max_entries, 1024);
    __type(key, __u32);
    __type(value, __u64);
} dropped SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u64);
} seen SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4096);
} netc_events SEC(".maps");

struct slots {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 8);
    __type(key, __u32);
    __type(value, __u64);
};
struct slots netc_lost SEC(".maps");
struct slots netc_rules SEC(".maps");
struct slots netc_faults SEC(".maps");

struct event_syn_flood {
    __u32 id;
    __u32 src;
    __u16 dport;
    __u16 zero;
};

static __always_inline void count(void *map, __u32 slot)
{
    __u64 *value = bpf_map_lookup_elem(map, &slot);
    if (value) *value += 1;
}

static __always_inline void count_rule(__u32 rule)
{
    if (netc_count_rules) count(&netc_rules, rule);
}

static __always_inline __u64 now(void)
{
    return netc_test ? netc_world.now : bpf_ktime_get_boot_ns();
}

// One token of a limiter (GCRA): `next` is when the bucket is full again.
static __always_inline int take(__u32 key, __u64 interval, __u64 burst)
{
    __u64 time = now();
    __u64 *next = bpf_map_lookup_elem(&syn_limit, &key);
    if (!next) {
        __u64 first = time + interval;
        bpf_map_update_elem(&syn_limit, &key, &first, BPF_ANY);
        return 1;
    }
    __u64 start = *next > time ? *next : time;
    if (start - time > interval * (burst - 1)) return 0;
    *next = start + interval;
    return 1;
}

static __always_inline void emit_syn_flood(__u32 src, __u16 dport)
{
    struct event_syn_flood *event = bpf_ringbuf_reserve(&netc_events, sizeof *event, 0);
    if (!event) {
        count(&netc_lost, 1);
        return;
    }
    event->id = 1;
    event->src = src;
    event->dport = dport;
    event->zero = 0;
    bpf_ringbuf_submit(event, 0);
}

struct headers {
    __u8 ethernet[12];
    __be16 ethertype;
    __u8 version_ihl, tos;
    __be16 length, id, fragment;
    __u8 ttl, proto;
    __be16 checksum;
    __be32 src, dst;
    __be16 sport, dport;
} __attribute__((packed));

SEC("xdp")
int guard(struct xdp_md *ctx)
{
    struct headers *packet = (void *)(long)ctx->data;
    __u32 zero = 0;
    count(&seen, zero);
    if ((void *)(packet + 1) > (void *)(long)ctx->data_end) {
        count(&netc_faults, 0);
        return XDP_DROP;
    }
    if (packet->ethertype != bpf_htons(0x0800)) return XDP_PASS;
    // drop when ipv4.src in blocked;
    struct ipv4_prefix source = {32, packet->src};  // np: 12
    if (bpf_map_lookup_elem(&blocked, &source)) {
        count_rule(0);
        if (!netc_audit) return XDP_DROP;
    }
    // drop when ipv4 and udp.sport in {53} and ipv4.src not in resolvers;
    __u32 src = packet->src;  // np: 13
    if (packet->proto == 17 && packet->sport == bpf_htons(53) &&
        !bpf_map_lookup_elem(&resolvers, &src)) {
        count_rule(1);
        if (!netc_audit) return XDP_DROP;
    }
    // if ipv4 and tcp and not syn_limit.take(ipv4.src)
    __u64 interval = 1000000000000000ull / (allowed_syns | 1);  // np: 14
    if (packet->proto == 6 && packet->dport != bpf_htons(ssh_port) && !take(src, interval, 2)) {
        __u64 one = 1;
        __u64 *drops = bpf_map_lookup_elem(&dropped, &src);  // np: 15
        if (drops)
            *drops += 1;
        else
            bpf_map_update_elem(&dropped, &src, &one, BPF_ANY);
        emit_syn_flood(src, bpf_ntohs(packet->dport));  // np: 16
        count_rule(2);
        if (!netc_audit) return XDP_DROP;
    }
    // ttl is rewritten, so that a test sees a changed packet
    if (packet->proto == 1) packet->ttl = 7;  // np: 18
    return XDP_PASS;
}
