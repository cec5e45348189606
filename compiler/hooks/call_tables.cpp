#include <algorithm>

#include "compiler/hooks/hook_sets.h"
#include "compiler/hooks/hooks.h"
#include "compiler/hooks/rows.h"

namespace netc::hooks {
namespace {

using namespace rows;
using enum Args;

constexpr CallFlags kNoFlag = CallFlags::kNone;
constexpr CallFlags kGpl = CallFlags::kGpl;
constexpr CallFlags kPerfmon = CallFlags::kPerfmon;
constexpr CallFlags kSleepable = CallFlags::kSleepable;
constexpr CallFlags kAcquires = CallFlags::kAcquires;
constexpr CallFlags kReleases = CallFlags::kReleases;
constexpr CallFlags kMayBeNull = CallFlags::kMayBeNull;
constexpr CallFlags kTrusted = CallFlags::kTrusted;
constexpr CallFlags kRcu = CallFlags::kRcu;
constexpr CallFlags kChangesPacket = CallFlags::kChangesPacket;

template <typename... Kinds>
constexpr Call MakeCall(bool fits, HookSet hooks, KernelVersion since, Kinds... kinds) {
  return {hooks, since, sizeof...(kinds), {kinds...}, fits};
}

// Calls as they stand in the rows; those of one function are neighbours.
struct NamedCall {
  std::string_view name;
  Call call;
};

template <size_t kRows>
constexpr std::array<Call, kRows> Calls(const NamedCall (&rows)[kRows]) {
  std::array<Call, kRows> calls{};
  for (size_t i = 0; i < kRows; ++i) calls[i] = rows[i].call;
  return calls;
}

template <size_t kRows>
constexpr std::span<const Call> CallsOf(std::string_view name, const NamedCall (&rows)[kRows],
                                        const std::array<Call, kRows>& calls) {
  size_t first = 0;
  while (first < kRows && rows[first].name != name) ++first;
  size_t last = first;
  while (last < kRows && rows[last].name == name) ++last;
  return std::span<const Call>(calls).subspan(first, last - first);
}

#define CALL(name, hooks, ...) {"bpf_" #name, MakeCall(true, hooks, __VA_ARGS__)},
#define KNOWN(name, hooks, since) {"bpf_" #name, MakeCall(false, hooks, since)},
#define HELPER(...)
constexpr NamedCall kHelperCallRows[] = {
#include "compiler/hooks/helpers.def"
};
#undef HELPER
#undef CALL
#undef KNOWN
constexpr auto kHelperCalls = Calls(kHelperCallRows);

#define CALL(...)
#define KNOWN(...)
#define HELPER(name, number, result, parameters, since, flags) \
  {"bpf_" #name,                                               \
   number,                                                     \
   result,                                                     \
   parameters,                                                 \
   since,                                                      \
   flags,                                                      \
   CallsOf("bpf_" #name, kHelperCallRows, kHelperCalls)},
constexpr Helper kHelpers[] = {
#include "compiler/hooks/helpers.def"
};
#undef HELPER
#undef CALL
#undef KNOWN

#define KFUNC(...)
#define CALL(name, hooks, ...) {#name, MakeCall(true, hooks, __VA_ARGS__)},
#define KNOWN(name, hooks, since) {#name, MakeCall(false, hooks, since)},
constexpr NamedCall kKfuncCallRows[] = {
#include "compiler/hooks/kfuncs.def"
};
#undef KFUNC
#undef CALL
#undef KNOWN
constexpr auto kKfuncCalls = Calls(kKfuncCallRows);

#define CALL(...)
#define KNOWN(...)
#define KFUNC(name, result, parameters, since, flags, module) \
  {#name,                                                     \
   result,                                                    \
   parameters,                                                \
   since,                                                     \
   flags | kGpl,                                              \
   module,                                                    \
   CallsOf(#name, kKfuncCallRows, kKfuncCalls)},
constexpr Kfunc kKfuncs[] = {
#include "compiler/hooks/kfuncs.def"
};
#undef KFUNC
#undef CALL
#undef KNOWN

const Call* CallIn(std::span<const Call> calls, HookId id) {
  const auto call =
      std::find_if(calls.begin(), calls.end(), [&](const Call& c) { return c.hooks.has(id); });
  return call == calls.end() ? nullptr : &*call;
}

HookSet HooksOf(std::span<const Call> calls) {
  HookSet hooks;
  for (const Call& call : calls) {
    if (call.fits) hooks = hooks | call.hooks;
  }
  return hooks;
}

}  // namespace

const Call* Helper::In(HookId id) const {
  return CallIn(calls, id);
}
HookSet Helper::hooks() const {
  return HooksOf(calls);
}
const Call* Kfunc::In(HookId id) const {
  return CallIn(calls, id);
}
HookSet Kfunc::hooks() const {
  return HooksOf(calls);
}

std::span<const Helper> AllHelpers() {
  return kHelpers;
}
std::span<const Kfunc> AllKfuncs() {
  return kKfuncs;
}

const Helper* FindHelper(std::string_view name) {
  for (const Helper& helper : kHelpers) {
    if (helper.name == name) return &helper;
  }
  return nullptr;
}

const Kfunc* FindKfunc(std::string_view name) {
  for (const Kfunc& kfunc : kKfuncs) {
    if (kfunc.name == name) return &kfunc;
  }
  return nullptr;
}

}  // namespace netc::hooks
