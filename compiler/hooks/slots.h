// How a verdict reaches what a slot of a map holds: a device, a CPU, a socket.
#pragma once

#include "compiler/hooks/hooks.h"

namespace netc::hooks {

enum class SlotUse : uint8_t {
  kNone,         // it can't
  kRedirectMap,  // bpf_redirect_map
  kRedirect,     // bpf_redirect, to the interface number that a lookup finds
  kSelect,       // bpf_sk_select_reuseport
  kAssign,       // a lookup, bpf_sk_assign and bpf_sk_release
};

// `map_type` is that of enum bpf_map_type.
SlotUse UseOfSlots(HookId hook, VerdictForm form, uint32_t map_type, KernelVersion floor);

}  // namespace netc::hooks
