// SPDX-License-Identifier: MIT OR GPL-2.0-only
// What the program and its loader share.
#ifndef EDGE_FIREWALL_H_
#define EDGE_FIREWALL_H_

#include <linux/types.h>

enum reason {
  REASON_PASS,
  REASON_BLOCKED,
  REASON_BLOCKED6,
  REASON_FRAGMENT,
  REASON_FRAGMENT6,
  REASON_REFLECTED,
  REASON_SYN_FLOOD,
  REASON_UNREADABLE,
  REASONS,
};

struct prefix4 {
  __u32 length;
  __u8 address[4];
};

struct prefix6 {
  __u32 length;
  __u8 address[16];
};

// A source went over its SYN rate.
struct syn_flood {
  __be32 src;
  __u16 dport;
  __u16 pad;
};

#endif
