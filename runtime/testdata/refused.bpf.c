// A program that the verifier refuses, where edge.np:13 stands for the culprit.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("xdp")
int guard(struct xdp_md *ctx)
{
    char *data = (void *)(long)ctx->data;  // np: 12
    if (ctx->rx_queue_index == 7) return XDP_PASS;
    return data[3] ? XDP_DROP : XDP_PASS;  // np: 13
}
