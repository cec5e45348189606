// May this hook do that, on that kernel? And if not: why, and where else?
#pragma once

#include <string>

#include "compiler/hooks/hooks.h"

namespace netc::hooks {

enum class Refusal : uint8_t {
  kNone,       // allowed
  kNotHere,    // no kernel lets this hook do it
  kTooNew,     // this hook may do it, since a later kernel than the floor
  kNoObject,   // the kernel knows the call, but no argument fits in this hook
  kSleepable,  // only in sleepable programs, which netc doesn't make
};

struct Access {
  Refusal refusal = Refusal::kNone;
  KernelVersion since{};       // first kernel on which this hook may do it; {0, 0} if none
  HookSet available;           // hooks that may do it on the floor kernel
  const Call* call = nullptr;  // for calls: the form in this hook, if there is one

  bool allowed() const { return refusal == Refusal::kNone; }
};

// First kernel on which the hook itself can be loaded and the call be made.
KernelVersion Since(HookId id, const Call& call);

Access AccessHelper(HookId id, const Helper& helper, KernelVersion floor);
Access AccessKfunc(HookId id, const Kfunc& kfunc, KernelVersion floor);

}  // namespace netc::hooks
