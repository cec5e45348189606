// One smallest program for each way of attaching, each counting its calls.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 8);
    __type(key, __u32);
    __type(value, __u64);
} calls SEC(".maps");

static __always_inline void called(__u32 slot)
{
    __u64 *value = bpf_map_lookup_elem(&calls, &slot);
    if (value) __sync_fetch_and_add(value, 1);
}

#ifdef NETC_HOOK_XDP
SEC("xdp")
int drop_all(struct xdp_md *ctx)
{
    called(0);
    return XDP_PASS;
}
#endif

#ifdef NETC_HOOK_TC
SEC("tc/ingress")
int in(struct __sk_buff *skb)
{
    called(0);
    return -1;
}

SEC("tc/egress")
int out(struct __sk_buff *skb)
{
    called(1);
    return -1;
}
#endif

#ifdef NETC_HOOK_CGROUP
SEC("cgroup/connect4")
int refuse_connect(struct bpf_sock_addr *ctx)
{
    called(0);
    return ctx->user_port == __builtin_bswap16(9) ? 0 : 1;
}

SEC("sockops")
int policy(struct bpf_sock_ops *ctx)
{
    called(1);
    return 1;
}
#endif

#ifdef NETC_HOOK_SK_LOOKUP
SEC("sk_lookup")
int anyport(struct bpf_sk_lookup *ctx)
{
    called(0);
    return ctx->local_port == 9 ? SK_DROP : SK_PASS;
}
#endif

#if defined(NETC_HOOK_CC) || defined(NETC_HOOK_SWEEP)
struct sock_common {
    unsigned short skc_family;
} __attribute__((preserve_access_index));
struct sock {
    struct sock_common __sk_common;
} __attribute__((preserve_access_index));
#endif

#ifdef NETC_HOOK_CC
struct tcp_sock {
    __u32 snd_cwnd;
    __u32 snd_ssthresh;
} __attribute__((preserve_access_index));
struct tcp_congestion_ops {
    __u32 (*ssthresh)(struct sock *sk);
    void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
    __u32 (*undo_cwnd)(struct sock *sk);
    char name[16];
};

SEC("struct_ops")
__u32 BPF_PROG(netc_plain_ssthresh, struct sock *sk)
{
    called(0);
    return 2;
}

SEC("struct_ops")
void BPF_PROG(netc_plain_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
    called(1);
}

SEC("struct_ops")
__u32 BPF_PROG(netc_plain_undo_cwnd, struct sock *sk)
{
    return ((struct tcp_sock *)sk)->snd_cwnd;
}

SEC(".struct_ops.link")
struct tcp_congestion_ops netc_plain = {
    .ssthresh = (void *)netc_plain_ssthresh,
    .cong_avoid = (void *)netc_plain_cong_avoid,
    .undo_cwnd = (void *)netc_plain_undo_cwnd,
    .name = "netc_plain",
};
#endif

#ifdef NETC_HOOK_SWEEP
struct bpf_iter__tcp {
    void *meta;
    struct sock_common *sk_common;
} __attribute__((preserve_access_index));

SEC("iter/tcp")
int visit(struct bpf_iter__tcp *ctx)
{
    if (ctx->sk_common) called(0);
    return 0;
}
#endif
