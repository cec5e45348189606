#include "compiler/hooks/word_plan.h"

#include <algorithm>
#include <map>

#include "compiler/hooks/names.h"

namespace netc::hooks {
namespace {

constexpr KernelVersion kNewest{255, 255};

struct TypeName {
  std::string_view name;
  WordType type;
};
// Types as words.def writes them.
constexpr TypeName kTypeNames[] = {
    {"condition", WordType::kCondition},
    {"socket", WordType::kCondition},
    {"bool", WordType::kBool},
    {"u32", WordType::kU32},
    {"u64", WordType::kU64},
    {"ip", WordType::kIp},
    {"duration", WordType::kDuration},
    {"string", WordType::kText},
};

const Field* PointeeNamed(std::string_view name, Args object) {
  for (const PointeeField& row : AllPointeeFields()) {
    bool tcp = row.pointer == Pointer::kTcpSock;
    if (row.pointer == Pointer::kXdpSock || tcp != (object == Args::kTcpSock)) continue;
    if (row.field.name == name) return &row.field;
  }
  return nullptr;
}

// The fields that "remote_ip4 remote_ip6" names, or one.
void FindFields(HookId id, WordPlan& plan) {
  std::string_view what = plan.source.what;
  const auto find = [&](std::string_view name) {
    return plan.source.kind == SourceKind::kPointee ? PointeeNamed(name, plan.source.object)
                                                    : Get(id).FindField(name);
  };
  const size_t blank = what.find(' ');
  plan.field = find(what.substr(0, blank));
  if (blank != std::string_view::npos) plan.field6 = find(what.substr(blank + 1));
}

bool ReadsFields(SourceKind kind) {
  return kind == SourceKind::kField || kind == SourceKind::kByFamily ||
         kind == SourceKind::kPointee;
}

WordPlan PlanAbstract(HookId id, const Word& word, KernelVersion floor) {
  const WordAccess access = AccessWord(id, word, floor);
  WordPlan plan{access};
  plan.needs = access.needs;
  plan.instead = access.instead;
  plan.scale = word.scale;
  for (const TypeName& row : kTypeNames) {
    if (row.name == word.type) plan.type = row.type;
  }
  if (access.source == nullptr) return plan;
  plan.source = *access.source;
  if (ReadsFields(plan.source.kind)) FindFields(id, plan);
  if (plan.source.kind == SourceKind::kOption) plan.option = FindSocketOption(plan.source.what);
  // Of one family only: the address is of that.
  if (plan.type == WordType::kIp && plan.field6 == nullptr) plan.type = TypeOfField(*plan.field);
  return plan;
}

// A word that is a TCP socket's in general, though this context has it at hand: it is 0
// there without a full socket.
bool IsOfTcp(std::string_view word) {
  return std::any_of(AllPointeeFields().begin(), AllPointeeFields().end(),
                     [&](const PointeeField& row) {
                       return row.pointer == Pointer::kTcpSock && row.field.word == word;
                     });
}

WordPlan Refused(Refusal refusal, KernelVersion since = {}) {
  WordPlan plan;
  plan.refusal = refusal;
  plan.since = since;
  return plan;
}

WordPlan At(WordPlan plan, KernelVersion since, KernelVersion floor) {
  plan.since = since;
  if (floor < since) plan.refusal = Refusal::kTooNew;
  return plan;
}

WordPlan PlanField(HookId id, std::string_view word, KernelVersion floor) {
  for (const Field& field : Get(id).fields) {
    if (field.word != word || field.yields != Yields::kScalar || !field.readable()) continue;
    WordPlan plan;
    plan.type = TypeOfField(field);
    if (plan.type == WordType::kNone) continue;
    plan.field = &field;
    const Needs has = IsOfTcp(word) ? Needs::kTcp : Needs::kNothing;
    plan.source = {id, SourceKind::kField, field.name, Args::kNone, has};
    return At(plan, std::max(field.since, Get(id).since), floor);
  }
  return Refused(Refusal::kNotHere);
}

// The pointer through which a row can be read in this hook, and since when; kNone if there
// is no way.
struct Way {
  Args object = Args::kNone;
  Needs has{};
  KernelVersion since{};
};
Way WayTo(HookId id, Pointer pointer) {
  const Field* sk = nullptr;
  for (const Field& field : Get(id).fields) {
    if (field.word == "sk") sk = &field;
  }
  if (sk == nullptr) return {};
  const auto through = [&](const char* name, Args object, Needs has) -> Way {
    const Access access = AccessHelper(id, *FindHelper(name), kNewest);
    if (!access.allowed()) return {};
    return {object, has, std::max(access.since, sk->since)};
  };
  const bool full = sk->yields == Yields::kSock || sk->yields == Yields::kSockOrNull;
  const bool any = sk->yields == Yields::kSockCommonOrNull;
  const KernelVersion since = std::max(sk->since, Get(id).since);
  switch (pointer) {
    case Pointer::kSockCommon:
      if (any) return {Args::kCtxSk, Needs::kSocket, since};
      return {};
    case Pointer::kSock:
      if (full) return {Args::kCtxSk, Needs::kFull, since};
      return any ? through("bpf_sk_fullsock", Args::kFullSock, Needs::kFull) : Way{};
    case Pointer::kTcpSock:
      if (full || any) return through("bpf_tcp_sock", Args::kTcpSock, Needs::kTcp);
      return {};
    case Pointer::kXdpSock:
      break;
  }
  return {};
}

WordPlan PlanPointee(HookId id, std::string_view word, KernelVersion floor) {
  WordPlan best = Refused(Refusal::kNotHere);
  for (const PointeeField& row : AllPointeeFields()) {
    if (row.field.word != word || row.pointer == Pointer::kXdpSock) continue;
    const Way way = WayTo(id, row.pointer);
    if (way.object == Args::kNone) {
      if (row.pointer == Pointer::kTcpSock) best.needs = "bpf_tcp_sock";
      continue;
    }
    WordPlan plan;
    plan.type = TypeOfField(row.field);
    plan.field = &row.field;
    plan.source = {id, SourceKind::kPointee, row.field.name, way.object, way.has};
    return At(plan, std::max(row.field.since, way.since), floor);
  }
  return best;
}

Needs HasOf(OptionSockets sockets) {
  if (sockets == OptionSockets::kTcp) return Needs::kTcp;
  return sockets == OptionSockets::kAny6 ? Needs::kAnswer : Needs::kFull;
}

WordPlan PlanOption(HookId id, const SocketOption& option, KernelVersion floor) {
  const Access access = AccessHelper(id, *FindHelper("bpf_getsockopt"), kNewest);
  WordPlan plan{access};
  plan.available = {};
  plan.needs = "bpf_getsockopt";
  if (!access.allowed()) return plan;
  if (option.read_since == KernelVersion{}) return Refused(Refusal::kNotHere);
  plan.type = TypeOfOption(option);
  plan.option = &option;
  const bool context = Takes(access.call->arguments[0], Args::kCtx);
  plan.source = {id, SourceKind::kOption, option.c_name, context ? Args::kCtx : Args::kCtxSk,
                 HasOf(option.sockets)};
  return At(plan, std::max(access.since, option.read_since), floor);
}

}  // namespace

std::string Grouped(const std::map<KernelVersion, HookSet>& by_kernel) {
  std::string text;
  for (const auto& [since, hooks] : by_kernel) {
    std::string names;
    for (const std::string& name : NamesOf(hooks)) names += (names.empty() ? "" : ", ") + name;
    text += (text.empty() ? "" : "; ") + names + " (since " + std::to_string(since.major) + "." +
            std::to_string(since.minor) + ")";
  }
  return text;
}

WordType TypeOfField(const Field& field) {
  const bool port = field.word.ends_with(".port");
  if (port) return WordType::kPort;
  const bool address = field.order == ByteOrder::kBig && field.c_type != "__be16";
  if (address) return field.size == 16 ? WordType::kIpv6 : WordType::kIpv4;
  const bool is_signed = field.c_type.starts_with("__s");
  switch (field.size) {
    case 1:
      return WordType::kU8;
    case 2:
      return WordType::kU16;
    case 4:
      return is_signed ? WordType::kI32 : WordType::kU32;
    case 8:
      return WordType::kU64;
    default:
      return WordType::kNone;
  }
}

WordType TypeOfOption(const SocketOption& option) {
  switch (option.unit) {
    case OptionUnit::kYesNo:
      return WordType::kBool;
    case OptionUnit::kText:
      return WordType::kText;
    case OptionUnit::kSeconds:
    case OptionUnit::kMilliseconds:
    case OptionUnit::kMicroseconds:
      return WordType::kDuration;
    case OptionUnit::kBytesPerSecond:
      return WordType::kBitrate;
    case OptionUnit::kBytes:
      return WordType::kSize;
    case OptionUnit::kNumber:
    case OptionUnit::kPackets:
    case OptionUnit::kInterface:
      break;
  }
  return WordType::kU32;
}

bool IsWord(std::string_view word) {
  if (FindWord(word) != nullptr) return true;
  const SocketOption* option = FindSocketOption(word);
  if (option != nullptr && option->word == word) return true;
  for (const Hook& hook : AllHooks()) {
    for (const Field& field : hook.fields) {
      if (field.word == word) return true;
    }
  }
  return std::any_of(AllPointeeFields().begin(), AllPointeeFields().end(),
                     [&](const PointeeField& row) { return row.field.word == word; });
}

WordPlan PlanRead(HookId id, std::string_view word, KernelVersion floor) {
  WordPlan first = Refused(Refusal::kNotHere);
  // The nearest refusal is the one to speak of.
  const auto better = [&](WordPlan plan) {
    if (first.refusal == Refusal::kNotHere && plan.refusal == Refusal::kTooNew) {
      first = std::move(plan);
    } else {
      if (first.needs.empty()) first.needs = plan.needs;
      if (first.instead.empty()) first.instead = plan.instead;
    }
  };
  if (const Word* row = FindWord(word)) {
    WordPlan plan = PlanAbstract(id, *row, floor);
    if (plan.allowed()) return plan;
    better(std::move(plan));
  }
  WordPlan plan = PlanField(id, word, floor);
  if (plan.allowed()) return plan;
  better(std::move(plan));
  plan = PlanPointee(id, word, floor);
  if (plan.allowed()) return plan;
  better(std::move(plan));
  const SocketOption* option = FindSocketOption(word);
  if (option != nullptr && option->word == word) {
    plan = PlanOption(id, *option, floor);
    if (plan.allowed()) return plan;
    better(std::move(plan));
  }
  return first;
}

std::string HooksThatRead(std::string_view word) {
  std::map<KernelVersion, HookSet> hooks;
  for (const Hook& hook : AllHooks()) {
    const WordPlan plan = PlanRead(hook.id, word, kNewest);
    if (plan.allowed()) hooks[plan.since] = hooks[plan.since] | hook.id;
  }
  return Grouped(hooks);
}

WordWrite PlanWrite(HookId id, std::string_view word, KernelVersion floor) {
  WordWrite plan;
  const auto field_named = [&](std::string_view member) {
    for (const Field& field : Get(id).fields) {
      if (field.word == word || field.name == member) {
        if (field.yields == Yields::kScalar && field.writable()) return &field;
      }
    }
    return static_cast<const Field*>(nullptr);
  };
  std::string_view member = "-";
  if (const Word* row = FindWord(word)) {
    for (const WordSource& source : row->sources) {
      if (source.hooks.has(id) && source.kind == SourceKind::kField) member = source.what;
    }
  }
  if (const Field* field = field_named(member)) {
    plan.field = field;
    plan.type = TypeOfField(*field);
    plan.since = std::max(field->since, Get(id).since);
    if (floor < plan.since) plan.refusal = Refusal::kTooNew;
    return plan;
  }
  const SocketOption* option = FindSocketOption(word);
  if (option == nullptr || option->word != word) {
    plan.refusal = Refusal::kNotHere;
    return plan;
  }
  static_cast<Access&>(plan) = AccessOption(id, *option, floor);
  if (plan.call != nullptr) {
    plan.object = Takes(plan.call->arguments[0], Args::kCtx) ? Args::kCtx : Args::kCtxSk;
  }
  plan.option = option;
  plan.type = TypeOfOption(*option);
  return plan;
}

std::string HooksThatWrite(std::string_view word) {
  std::map<KernelVersion, HookSet> hooks;
  for (const Hook& hook : AllHooks()) {
    const WordWrite plan = PlanWrite(hook.id, word, kNewest);
    if (plan.allowed()) hooks[plan.since] = hooks[plan.since] | hook.id;
  }
  return Grouped(hooks);
}

std::vector<std::string> WordsOf(HookId id) {
  std::vector<std::string> words;
  const auto add = [&](std::string_view word) {
    if (word.empty() || word.starts_with("storage.")) return;
    if (std::find(words.begin(), words.end(), word) != words.end()) return;
    words.emplace_back(word);
  };
  for (const Word& word : AllWords()) {
    if (AccessWord(id, word, kNewest).allowed()) add(word.name);
  }
  for (const Field& field : Get(id).fields) add(field.word);
  for (const PointeeField& row : AllPointeeFields()) {
    if (WayTo(id, row.pointer).object != Args::kNone) add(row.field.word);
  }
  for (const SocketOption& option : AllSocketOptions()) {
    if (AccessOption(id, option, kNewest).allowed()) add(option.word);
  }
  return words;
}

}  // namespace netc::hooks
