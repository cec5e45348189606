// SPDX-License-Identifier: MIT OR GPL-2.0-only
// examples/edge_firewall.np, written by hand: a firewall at the driver that drops blocked
// sources, fragments without a transport header, reflected UDP from anyone but our
// resolvers, and sources that send more SYNs than is theirs.
// clang-format off: linux/bpf.h has the types that bpf_helpers.h takes.
#include <linux/bpf.h>
// clang-format on
#include "edge_firewall.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stdbool.h>
#include <stddef.h>

#define MAX_TAGS 2
#define MAX_EXTENSIONS 8
// A packet pointer to which more than 0xffff may have been added is one that the verifier
// lets nothing be read through (find_good_pkt_pointers, kernel/bpf/verifier.c, 6.1).
#define MAX_OFFSET 32767
#define FRAGMENT_OFFSET 0x1fff
#define NS_PER_SECOND 1000000000ULL
#define SYN_BURST 400
#define LIMITER_TRIES 8

struct vlan_tag {
  __be16 tci;
  __be16 type;
};

struct extension {
  __u8 next;
  __u8 length;
};

struct routing {
  struct extension base;
  __u8 type;
  __u8 segments_left;
  __u8 data[4];
};

struct fragment {
  __u8 next;
  __u8 reserved;
  __be16 offset;
  __be32 id;
};

struct authentication {
  __u8 next;
  __u8 length;
  __be16 reserved;
  __be32 spi;
  __be32 sequence;
};

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, 65536);
  __type(key, struct prefix4);
  __type(value, __u8);
} blocked SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, 65536);
  __type(key, struct prefix6);
  __type(value, __u8);
} blocked6 SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 64);
  __type(key, __be32);
  __type(value, __u8);
} resolvers SEC(".maps");

// For each source the time at which its whole burst is there again.
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 65536);
  __type(key, __be32);
  __type(value, __u64);
} syn_limit SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 1000000);
  __type(key, __be32);
  __type(value, __u64);
} dropped SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1 << 20);
} events SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, REASONS);
  __type(key, __u32);
  __type(value, __u64);
} reasons SEC(".maps");

// SYNs a second that one source may send before it is cut off; the loader may change it.
volatile __u64 allowed_syns = 200;
__u64 lost_events = 0;

struct cursor {
  void* data;
  void* data_end;
  __u32 at;
  __u32 limit;  // what the network header says is its packet's; behind it is padding
};

// The header at the cursor, or NULL where the packet is too short for it.
static __always_inline void* peek(const struct cursor* cursor, __u32 size) {
  void* header;

  if (cursor->at > MAX_OFFSET || cursor->at + size > cursor->limit) return NULL;
  header = cursor->data + cursor->at;
  return header + size <= cursor->data_end ? header : NULL;
}

static __always_inline bool is_tag(__be16 type) {
  return type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD);
}

// Passes over Ethernet and tags to the network header; false if they can't be read.
static __always_inline bool pass_link(struct cursor* cursor, __be16* type) {
  const struct ethhdr* ethernet = peek(cursor, sizeof(*ethernet));

  if (!ethernet) return false;
  *type = ethernet->h_proto;
  cursor->at += sizeof(*ethernet);
#pragma unroll
  for (int i = 0; i < MAX_TAGS; i++) {
    const struct vlan_tag* tag;

    if (!is_tag(*type)) return true;
    tag = peek(cursor, sizeof(*tag));
    if (!tag) return false;
    *type = tag->type;
    cursor->at += sizeof(*tag);
  }
  return !is_tag(*type);
}

// GCRA in one word, so that no lock is needed: `cell` is the time at which the burst is
// whole again, and each SYN moves it on by the interval.
static __always_inline bool take_syn(__be32 src) {
  __u64 rate = allowed_syns;
  __u64 now = bpf_ktime_get_boot_ns();
  __u64 interval, window, next;
  __u64* cell;

  if (!rate) return false;
  interval = NS_PER_SECOND / rate;
  window = interval * SYN_BURST;
  next = now + interval;
  cell = bpf_map_lookup_elem(&syn_limit, &src);
  if (!cell) {
    if (!bpf_map_update_elem(&syn_limit, &src, &next, BPF_NOEXIST)) return true;
    // Another processor was faster.
    cell = bpf_map_lookup_elem(&syn_limit, &src);
    if (!cell) return false;
  }
#pragma unroll
  for (int i = 0; i < LIMITER_TRIES; i++) {
    __u64 seen = *(volatile __u64*)cell;

    next = (seen > now ? seen : now) + interval;
    if (next - now > window) return false;
    if (__sync_val_compare_and_swap(cell, seen, next) == seen) return true;
  }
  return false;
}

static __always_inline void count_source(__be32 src) {
  __u64 one = 1;
  __u64* count = bpf_map_lookup_elem(&dropped, &src);

  if (!count) {
    if (!bpf_map_update_elem(&dropped, &src, &one, BPF_NOEXIST)) return;
    count = bpf_map_lookup_elem(&dropped, &src);
  }
  if (count) __sync_fetch_and_add(count, 1);
}

static __always_inline void tell_flood(__be32 src, __be16 dport) {
  struct syn_flood* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

  if (!event) {
    __sync_fetch_and_add(&lost_events, 1);
    return;
  }
  event->src = src;
  event->dport = bpf_ntohs(dport);
  event->pad = 0;
  bpf_ringbuf_submit(event, 0);
}

static __always_inline bool is_amplifier(__be16 port) {
  return port == bpf_htons(53) || port == bpf_htons(123) || port == bpf_htons(11211);
}

static __always_inline enum reason judge_udp(const struct cursor* cursor, __be32 src) {
  const struct udphdr* udp = peek(cursor, sizeof(*udp));

  if (!udp) return REASON_UNREADABLE;
  if (is_amplifier(udp->source) && !bpf_map_lookup_elem(&resolvers, &src)) return REASON_REFLECTED;
  return REASON_PASS;
}

static __always_inline enum reason judge_tcp(const struct cursor* cursor, __be32 src) {
  const struct tcphdr* tcp = peek(cursor, sizeof(*tcp));

  if (!tcp || tcp->doff < 5) return REASON_UNREADABLE;
  if (!tcp->syn || tcp->ack || take_syn(src)) return REASON_PASS;
  count_source(src);
  tell_flood(src, tcp->dest);
  return REASON_SYN_FLOOD;
}

// Passes over authentication headers (RFC 4302), behind which the transport header stands.
static __always_inline bool pass_authentication(struct cursor* cursor, __u8* protocol) {
#pragma unroll
  for (int i = 0; i < MAX_EXTENSIONS; i++) {
    const struct authentication* header;

    if (*protocol != IPPROTO_AH) return true;
    header = peek(cursor, sizeof(*header));
    if (!header || header->length < 1) return false;
    *protocol = header->next;
    cursor->at += (header->length + 2) * 4;
  }
  return *protocol != IPPROTO_AH && cursor->at <= MAX_OFFSET;
}

static __always_inline enum reason judge_ipv4(struct cursor* cursor) {
  const struct iphdr* ip = peek(cursor, sizeof(*ip));
  struct prefix4 key = {.length = 32};
  __u32 header, total;
  __u8 protocol;
  __be32 src;

  if (!ip || ip->version != 4 || ip->ihl < 5) return REASON_UNREADABLE;
  src = ip->saddr;
  __builtin_memcpy(key.address, &src, sizeof(src));
  if (bpf_map_lookup_elem(&blocked, &key)) return REASON_BLOCKED;
  if (ip->frag_off & bpf_htons(FRAGMENT_OFFSET)) return REASON_FRAGMENT;

  header = ip->ihl * 4;
  total = bpf_ntohs(ip->tot_len);
  if (total >= header) cursor->limit = cursor->at + total;
  cursor->at += header;
  protocol = ip->protocol;
  if (!pass_authentication(cursor, &protocol)) return REASON_UNREADABLE;
  if (protocol == IPPROTO_UDP) return judge_udp(cursor, src);
  if (protocol == IPPROTO_TCP) return judge_tcp(cursor, src);
  return REASON_PASS;
}

// Whether a fragment header behind others says that this fragment has no transport header.
// A function of its own to the verifier, which then needn't follow the walk once for each
// state of its caller.
__noinline int judge_extensions(struct xdp_md* ctx, __u32 at, __u32 limit, __u32 next) {
  struct cursor cursor = {(void*)(long)ctx->data, (void*)(long)ctx->data_end, at, limit};

#pragma unroll
  for (int i = 0; i < MAX_EXTENSIONS; i++) {
    if (next == IPPROTO_FRAGMENT) {
      const struct fragment* fragment = peek(&cursor, sizeof(*fragment));

      if (!fragment) return REASON_UNREADABLE;
      return fragment->offset & bpf_htons(~7) ? REASON_FRAGMENT6 : REASON_PASS;
    } else if (next == IPPROTO_ROUTING) {
      const struct routing* header = peek(&cursor, sizeof(*header));

      if (!header) return REASON_UNREADABLE;
      next = header->base.next;
      cursor.at += (header->base.length + 1) * 8;
    } else if (next == IPPROTO_HOPOPTS || next == IPPROTO_DSTOPTS) {
      const struct extension* header = peek(&cursor, sizeof(*header));

      if (!header) return REASON_UNREADABLE;
      next = header->next;
      cursor.at += (header->length + 1) * 8;
    } else if (next == IPPROTO_AH) {
      const struct authentication* header = peek(&cursor, sizeof(*header));

      if (!header || header->length < 1) return REASON_UNREADABLE;
      next = header->next;
      cursor.at += (header->length + 2) * 4;
    } else {
      return cursor.at <= MAX_OFFSET ? REASON_PASS : REASON_UNREADABLE;
    }
  }
  switch (next) {
    case IPPROTO_HOPOPTS:
    case IPPROTO_ROUTING:
    case IPPROTO_DSTOPTS:
    case IPPROTO_FRAGMENT:
    case IPPROTO_AH:
      return REASON_UNREADABLE;
    default:
      return cursor.at <= MAX_OFFSET ? REASON_PASS : REASON_UNREADABLE;
  }
}

static __always_inline enum reason judge_ipv6(struct xdp_md* ctx, struct cursor* cursor) {
  const struct ipv6hdr* ip = peek(cursor, sizeof(*ip));
  struct prefix6 key = {.length = 128};
  __u32 limit;

  if (!ip || ip->version != 6) return REASON_UNREADABLE;
  __builtin_memcpy(key.address, &ip->saddr, sizeof(ip->saddr));
  if (bpf_map_lookup_elem(&blocked6, &key)) return REASON_BLOCKED6;
  // A jumbogram's length stands in its hop-by-hop options (RFC 2675), or the packet is a
  // segment that the kernel is about to cut: 0 bounds nothing then.
  limit = ip->payload_len || ip->nexthdr
              ? cursor->at + sizeof(*ip) + bpf_ntohs(ip->payload_len) : ~0U;
  return judge_extensions(ctx, cursor->at + sizeof(*ip), limit, ip->nexthdr);
}

static __always_inline enum reason judge(struct xdp_md* ctx) {
  struct cursor cursor = {(void*)(long)ctx->data, (void*)(long)ctx->data_end, 0, ~0U};
  __be16 type;

  if (!pass_link(&cursor, &type)) return REASON_UNREADABLE;
  if (type == bpf_htons(ETH_P_IP)) return judge_ipv4(&cursor);
  if (type == bpf_htons(ETH_P_IPV6)) return judge_ipv6(ctx, &cursor);
  return REASON_PASS;
}

SEC("xdp")
int guard(struct xdp_md* ctx) {
  __u32 reason = judge(ctx);
  __u64* count = bpf_map_lookup_elem(&reasons, &reason);

  if (count) ++*count;
  return reason == REASON_PASS ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
