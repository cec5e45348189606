#include "compiler/hooks/access.h"

#include <algorithm>

namespace netc::hooks {
namespace {

template <typename Function>
Access AccessCall(HookId id, const Function& function, KernelVersion floor) {
  Access access;
  for (HookId hook : function.hooks()) {
    if (Since(hook, *function.In(hook)) <= floor) access.available = access.available | hook;
  }
  access.call = function.In(id);
  if (access.call == nullptr) {
    access.refusal = Refusal::kNotHere;
    return access;
  }
  access.since = Since(id, *access.call);
  if (!access.call->fits) {
    access.refusal = Refusal::kNoObject;
  } else if (Has(function.flags, CallFlags::kSleepable)) {
    access.refusal = Refusal::kSleepable;
    access.available = {};
  } else if (floor < access.since) {
    access.refusal = Refusal::kTooNew;
  }
  return access;
}

}  // namespace

KernelVersion Since(HookId id, const Call& call) {
  return std::max(call.since, Get(id).since);
}

Access AccessHelper(HookId id, const Helper& helper, KernelVersion floor) {
  return AccessCall(id, helper, floor);
}

Access AccessKfunc(HookId id, const Kfunc& kfunc, KernelVersion floor) {
  return AccessCall(id, kfunc, floor);
}

}  // namespace netc::hooks
