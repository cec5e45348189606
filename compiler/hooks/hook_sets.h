// Names for the sets of hooks that rows of the tables mention. Included only
// where rows are turned into tables: the names are short for the rows' sake.
#pragma once

#include "compiler/hooks/hook_id.h"

namespace netc::hooks::rows {

#define HOOK(id, ...) inline constexpr HookSet k##id = HookId::k##id;
#include "compiler/hooks/hooks.def"
#undef HOOK

inline constexpr HookSet kNoHook{};
inline constexpr HookSet kAll = HookSet::FromBits((uint64_t{1} << kHookCount) - 1);
inline constexpr HookSet kXdpAll = kXdp | kXdpDevmap | kXdpCpumap;
inline constexpr HookSet kTc = kTcIngress | kTcEgress;
inline constexpr HookSet kReuseportAll = kReuseport | kReuseportMigrate;
inline constexpr HookSet kCgroupSkb = kCgroupIngress | kCgroupEgress;
inline constexpr HookSet kSkb = kTc | kCgroupSkb;
inline constexpr HookSet kPostBind = kPostBind4 | kPostBind6;
inline constexpr HookSet kCgroupSock = kSockCreate | kSockRelease | kPostBind;
inline constexpr HookSet kBind = kBind4 | kBind6;
inline constexpr HookSet kConnect = kConnect4 | kConnect6 | kConnectUnix;
inline constexpr HookSet kSendmsg = kSendmsg4 | kSendmsg6 | kSendmsgUnix;
inline constexpr HookSet kRecvmsg = kRecvmsg4 | kRecvmsg6 | kRecvmsgUnix;
inline constexpr HookSet kGetpeername = kGetpeername4 | kGetpeername6 | kGetpeernameUnix;
inline constexpr HookSet kGetsockname = kGetsockname4 | kGetsockname6 | kGetsocknameUnix;
inline constexpr HookSet kSockAddr4 =
    kBind4 | kConnect4 | kSendmsg4 | kRecvmsg4 | kGetpeername4 | kGetsockname4;
inline constexpr HookSet kSockAddr6 =
    kBind6 | kConnect6 | kSendmsg6 | kRecvmsg6 | kGetpeername6 | kGetsockname6;
inline constexpr HookSet kSockAddrUnix =
    kConnectUnix | kSendmsgUnix | kRecvmsgUnix | kGetpeernameUnix | kGetsocknameUnix;
inline constexpr HookSet kSockAddr = kSockAddr4 | kSockAddr6 | kSockAddrUnix;
// Those sock_addr hooks that can only let the call go on.
inline constexpr HookSet kSockAddrObserve = kRecvmsg | kGetpeername | kGetsockname;
inline constexpr HookSet kSockAddrRefuse = kSockAddr - kSockAddrObserve;
inline constexpr HookSet kSockopt = kGetsockopt | kSetsockopt;
inline constexpr HookSet kLsmAll = kLsmCgroup | kLsmCgroupSockopt;
// All program types that attach to a cgroup, but for LSM.
inline constexpr HookSet kCgroup = kCgroupSkb | kCgroupSock | kSockAddr | kSockopt | kSockops;
inline constexpr HookSet kCcAll = kCcSsthresh | kCcCongAvoid | kCcSetState | kCcCwndEvent |
                                  kCcInAckEvent | kCcPktsAcked | kCcMinTsoSegs | kCcCongControl |
                                  kCcUndoCwnd | kCcSndbufExpand | kCcInit | kCcRelease;

}  // namespace netc::hooks::rows
