#include <fmt/format.h>

#include <algorithm>

#include "compiler/reference/phrases.h"
#include "compiler/reference/text.h"

namespace netc::reference {

using namespace hooks;

namespace {

struct Named {
  Args kind;
  std::string_view name;
};

// Contexts and sockets first: they are what differs between hooks.
constexpr Named kObjects[] = {
    {Args::kCtx, "`ctx`"},
    {Args::kKernCtx, "the context cast by bpf_cast_to_kern_ctx"},
    {Args::kFullSock, "full socket"},
    {Args::kTcpSock, "TCP socket"},
    {Args::kListener, "listening socket"},
    {Args::kBtfSk, "BTF socket from bpf_skc_to_*"},
    {Args::kAcquiredSk, "looked-up socket"},
    {Args::kTask, "task"},
    {Args::kCgroupPtr, "cgroup (BTF)"},
    {Args::kBtf, "kernel object (BTF)"},
};
constexpr Named kOthers[] = {
    {Args::kAny, "number"},
    {Args::kMap, "map"},
    {Args::kMem, "memory"},
    {Args::kPkt, "packet bytes"},
    {Args::kBtfRo, "read-only kernel object"},
    {Args::kSize, "size"},
    {Args::kSizeOrZero, "size or 0"},
    {Args::kNull, "0"},
    {Args::kDynptr, "dynptr"},
    {Args::kDynptrUninit, "fresh dynptr"},
    {Args::kConstStr, "constant string"},
    {Args::kSpinLock, "spin lock"},
    {Args::kTimer, "timer"},
    {Args::kCallback, "function"},
    {Args::kRecord, "ring buffer record"},
    {Args::kMapValue, "map value"},
    {Args::kKptrSlot, "kernel pointer slot"},
    {Args::kPerCpuPtr, "per-CPU variable"},
};

// The context's socket, as it is in this hook.
std::string SocketOf(HookId id) {
  const Field* field = Get(id).FindField("sk");
  if (field == nullptr) return "`sk` (BTF socket)";
  const std::string name = fmt::format("`ctx->{}`", field->name);
  switch (field->yields) {
    case Yields::kSock:
      return name + " (full socket)";
    case Yields::kSockOrNull:
      return name + " (full socket, tested for null)";
    case Yields::kBtfSockCommonOrNull:
      return name + " (BTF socket, tested for null)";
    default:
      return name + " (socket, tested for null)";
  }
}

void AppendObjects(HookId id, Args args, std::vector<std::string>& kinds) {
  if (Takes(args, Args::kCtxSk)) kinds.push_back(SocketOf(id));
  for (const Named& named : kObjects) {
    if (Takes(args, named.kind)) kinds.emplace_back(named.name);
  }
}

}  // namespace

std::string ArgumentPhrase(HookId id, Args args) {
  std::vector<std::string> kinds;
  AppendObjects(id, args, kinds);
  for (const Named& named : kOthers) {
    if (Takes(args, named.kind)) kinds.emplace_back(named.name);
  }
  return Join(kinds, " or ");
}

std::string ArgumentsPhrase(HookId id, const Call& call) {
  std::vector<std::string> arguments;
  for (size_t i = 0; i < call.arity; ++i) {
    arguments.push_back(ArgumentPhrase(id, call.arguments[i]));
  }
  return Join(arguments);
}

std::string ObjectPhrase(HookId id, const Call& call) {
  std::vector<std::string> kinds;
  for (size_t i = 0; i < call.arity; ++i) AppendObjects(id, call.arguments[i], kinds);
  return Join(kinds, " or ");
}

std::string NeedsPhrase(CallFlags flags) {
  std::vector<std::string> needs;
  if (Has(flags, CallFlags::kGpl)) needs.emplace_back("GPL");
  if (Has(flags, CallFlags::kPerfmon)) needs.emplace_back("CAP_PERFMON");
  if (Has(flags, CallFlags::kSleepable)) needs.emplace_back("a sleepable program");
  return Join(needs);
}

std::string SourcePhrase(HookId id, const WordSource& source) {
  const std::string object =
      source.object == Args::kNone ? "" : " of " + ArgumentPhrase(id, source.object);
  switch (source.kind) {
    case SourceKind::kField:
      return fmt::format("`ctx->{}`", source.what);
    case SourceKind::kByFamily: {
      std::string members(source.what);
      std::replace(members.begin(), members.end(), ' ', '/');
      return fmt::format("`ctx->{}` by the family", members);
    }
    case SourceKind::kPointee:
      return fmt::format("`{}`", source.what) + object;
    case SourceKind::kHelper:
    case SourceKind::kHelperHigh:
    case SourceKind::kHelperText:
      return fmt::format("`{}`", source.what) + object;
    case SourceKind::kOption:
      return fmt::format("`bpf_getsockopt`, {},", source.what) + object;
  }
  return {};
}

}  // namespace netc::reference
