// Slots: what stands in states of sockets, devices and CPUs, and verdicts that go
// where a slot says.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/hooks/slots.h"
#include "compiler/hooks/verdict_notes.h"
#include "compiler/sema/attributes.h"
#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;

namespace {

struct SlotKind {
  StateKind kind;
  std::string_view word;
  uint32_t map_type;               // enum bpf_map_type
  hooks::AttributeType attribute;  // that names such a state
  bool has_values;                 // in the source
};
constexpr SlotKind kSlotKinds[] = {
    {StateKind::kSockets, "sockets", 15, hooks::AttributeType::kSockets, false},
    {StateKind::kReuseportSockets, "reuseport_sockets", 20, hooks::AttributeType::kSockets, false},
    {StateKind::kDevices, "devices", 14, hooks::AttributeType::kDevices, true},
    {StateKind::kInterfaces, "interfaces", 25, hooks::AttributeType::kDevices, true},
    {StateKind::kCpus, "cpus", 16, hooks::AttributeType::kCpus, true},
    {StateKind::kXdpSockets, "xdp_sockets", 17, hooks::AttributeType::kFlag, false},
};

const SlotKind* FindSlotKind(StateKind kind) {
  for (const SlotKind& row : kSlotKinds) {
    if (row.kind == kind) return &row;
  }
  return nullptr;
}

// IFNAMSIZ without its NUL (include/uapi/linux/if.h).
constexpr size_t kInterfaceName = 15;

bool HoldsInterfaces(StateKind kind) {
  return kind == StateKind::kDevices || kind == StateKind::kInterfaces;
}

// Whether a slot of this kind can be the verdict's target in this hook. The other ways to an
// interface take its number, which those that hold interfaces have.
bool Takes(const hooks::Hook& hook, const Verdict& checked, const SlotKind& kind,
           hooks::KernelVersion floor) {
  if (checked.way) return HoldsInterfaces(kind.kind);
  return hooks::UseOfSlots(hook.id, checked.verdict->form, kind.map_type, floor) !=
         hooks::SlotUse::kNone;
}

// Kinds that the verdict takes in this hook, as "`devices` or `cpus`".
std::string KindsFor(const hooks::Hook& hook, const Verdict& checked, hooks::KernelVersion floor) {
  std::string list;
  for (const SlotKind& row : kSlotKinds) {
    if (!Takes(hook, checked, row, floor)) continue;
    list += fmt::format("{}`{}`", list.empty() ? "" : " or ", row.word);
  }
  return list;
}

// "redirect peer"
std::string Phrase(const Verdict& checked) {
  std::string phrase(checked.verdict->word);
  if (checked.way) phrase += fmt::format(" {}", checked.way->word);
  return phrase;
}

}  // namespace

void AddSlot(Context& context, uint32_t file, State& state, const ast::State::Entry& node) {
  TypeTable& types = context.program.types;
  const SlotKind& row = *FindSlotKind(state.kind);
  if (!row.has_values) {
    context.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, node.key->span,
                    "sockets belong to processes that run: they can't stand in the source")
            .WithHint(
                fmt::format("here: `netc run --socket {}[0]=pid:PID,port:PORT`", state.name)));
    return;
  }
  BodyChecker checker(context, file, nullptr);
  TypeId u32 = types.Unsigned(32);
  StateEntry entry;
  bool alone = !node.value;
  const ast::Expr& value = alone ? *node.key : *node.value;
  if (HoldsInterfaces(state.kind)) {
    bool by_number = state.kind == StateKind::kInterfaces;
    if (by_number && !alone) {
      context.diagnostics.Emit(
          diag::Error(Kind::kTypeMismatch, node.key->span,
                      fmt::format("interfaces of `{}` are found by their numbers", state.name),
                      "is no name of an interface")
              .WithHint("here: the name alone, as in { \"eth0\", \"eth1\" }"));
      return;
    }
    auto name = InterfaceText(context, file, value);
    if (!name) {
      context.diagnostics.Emit(
          diag::Error(Kind::kTypeMismatch, value.span,
                      fmt::format("a slot of {} holds an interface's name", row.word),
                      "is none, as in \"eth0\""));
      return;
    }
    Constant text;
    text.text = name->text;
    entry.param = name->param;
    ExprPtr written =
        MakeConstant(value.span, types.Of(TypeKind::kString, {}, kInterfaceName + 1), text);
    if (by_number) {
      entry.key = std::move(written);
      state.entries.push_back(std::move(entry));
      return;
    }
    entry.value = std::move(written);
    entry.key = alone ? MakeNumber(value.span, u32, state.entries.size())
                      : checker.ConstantOf(*node.key, u32);
  } else {
    // The slot of a CPU is its number; the value is how many frames may wait for it.
    constexpr uint64_t kQueue = 2048;
    entry.key = checker.ConstantOf(*node.key, u32);
    entry.value = alone ? MakeNumber(value.span, u32, kQueue) : checker.ConstantOf(value, u32);
  }
  if (!entry.key || !entry.value) return;
  if (AsConstant(*entry.key)->number >= state.capacity) {
    context.diagnostics.Emit(
        diag::Error(Kind::kTooMany, node.key->span,
                    fmt::format("`{}` has slots 0 to {}", state.name, state.capacity - 1)));
    return;
  }
  state.entries.push_back(std::move(entry));
}

void CheckStateAttribute(Context& context, const hooks::AttachAttribute& row,
                         const AttachAttribute& made, Span span) {
  std::string words;
  for (const SlotKind& kind : kSlotKinds) {
    if (kind.attribute != row.type || row.type == hooks::AttributeType::kFlag) continue;
    words += fmt::format("{}`{}`", words.empty() ? "" : " or ", kind.word);
  }
  if (words.empty()) return;
  for (size_t i = 0; i < context.program.states.size(); ++i) {
    const SlotKind* kind = FindSlotKind(context.program.states[i].kind);
    bool fits = kind && kind->attribute == row.type && context.program.states[i].name == made.value;
    if (!fits || made.param) continue;
    context.state_read[i] = true;
    return;
  }
  context.diagnostics.Emit(diag::Error(
      Kind::kBadAttribute, span,
      fmt::format("`{}` is {}: the name of a state of {}", row.name, row.meaning, words)));
}

bool BodyChecker::SlotOf(const ast::Index& node, StateId state, Verdict& checked) {
  const State& declared = context_.program.states[static_cast<uint32_t>(state)];
  const SlotKind* row = FindSlotKind(declared.kind);
  hooks::KernelVersion floor = context_.program.floor;
  if (!row || !Takes(*block_->hook, checked, *row, floor)) {
    context_.diagnostics.Emit(
        diag::Error(
            Kind::kTypeMismatch, node.object->span,
            fmt::format("in {} `{}` can't take a slot of `{}`", block_->hook->name, Phrase(checked),
                        declared.name),
            fmt::format("here it takes a slot of {}", KindsFor(*block_->hook, checked, floor)))
            .WithLabel(declared.span, "is declared here"));
    return false;
  }
  context_.state_read[static_cast<uint32_t>(state)] = true;
  TypeId u32 = types_.Unsigned(32);
  ExprPtr slot = Coerce(Check(*node.index, u32), u32);
  if (slot->type == error_type()) return false;
  checked.target = state;
  checked.arguments.push_back(std::move(slot));
  return true;
}

// An interface's name: slot 0 of a state of its own.
bool BodyChecker::NamedInterface(const ast::Expr& expr, Verdict& checked) {
  const auto* local = std::get_if<ast::NameRef>(&expr.node);
  if (local && FindLocal(local->text)) return false;
  auto named = InterfaceText(context_, file_, expr);
  if (!named) return false;
  std::vector<State>& states = context_.program.states;
  std::string documentation =
      named->param ? fmt::format("The interface that the parameter `{}` names.", named->name)
                   : fmt::format("The interface `{}`.", named->text);
  size_t i = 0;
  while (i < states.size() && states[i].documentation != documentation) ++i;
  checked.target = StateId{static_cast<uint32_t>(i)};
  checked.arguments.push_back(MakeNumber(expr.span, types_.Unsigned(32), 0));
  if (i < states.size()) return true;
  State made;
  made.name = "to_" + named->name;
  for (char& c : made.name) c = isalnum(static_cast<unsigned char>(c)) ? c : '_';
  auto taken = [&](const State& other) { return other.name == made.name; };
  while (std::any_of(states.begin(), states.end(), taken)) made.name += '_';
  made.documentation = std::move(documentation);
  made.span = expr.span;
  made.kind = StateKind::kDevices;
  made.key = types_.Unsigned(32);
  Constant value;
  value.text = named->text;
  TypeId type = types_.Of(TypeKind::kString, {}, kInterfaceName + 1);
  made.entries.push_back(
      {MakeNumber(expr.span, *made.key, 0), MakeConstant(expr.span, type, value), named->param});
  states.push_back(std::move(made));
  context_.state_read.push_back(true);
  return true;
}

// `peer(TARGET)`, `neigh(TARGET, via: ADDRESS)`: the interface is reached by another way.
const ast::Call* BodyChecker::WayTo(const ast::Expr& target, Verdict& checked) {
  const auto* call = std::get_if<ast::Call>(&target.node);
  const auto* name = call ? std::get_if<ast::NameRef>(&call->callee->node) : nullptr;
  if (!name) return nullptr;
  std::string_view verdict = checked.verdict->word;
  checked.way = hooks::FindTargetWay(block_->hook->id, verdict, name->text);
  if (checked.way) return call;
  std::string available;
  for (const hooks::TargetWay& way : hooks::AllTargetWays()) {
    if (way.verdict != verdict || way.word != name->text) continue;
    for (hooks::HookId id : way.hooks) {
      available += (available.empty() ? "" : ", ") + std::string(hooks::Get(id).name);
    }
  }
  if (available.empty()) return nullptr;
  context_.diagnostics.Emit(
      diag::Error(Kind::kVerdictUnavailable, call->callee->span,
                  fmt::format("{} has no `{} {}`", block_->hook->name, verdict, name->text))
          .WithLabel(block_->head, fmt::format("this hook sees {}", block_->hook->summary))
          .WithHint("available in: " + available));
  return call;
}

// The next hop behind the interface; it says by its family which one is meant.
bool BodyChecker::NextHop(const ast::Argument& argument, Verdict& checked) {
  ExprPtr address = Check(*argument.value, {});
  if (address->type == error_type()) return false;
  TypeKind kind = types_[address->type].kind;
  if (kind != TypeKind::kIpv4 && kind != TypeKind::kIpv6) {
    context_.diagnostics.Emit(diag::Error(Kind::kTypeMismatch, address->span,
                                          "a next hop is an address of one family",
                                          fmt::format("is {}", types_.Name(address->type))));
    return false;
  }
  checked.hop = types_.AddKernelStruct(*hooks::FindKernelStruct("bpf_redir_neigh"));
  checked.arguments.push_back(std::move(address));
  return true;
}

bool BodyChecker::Target(const ast::Statement& statement, const ast::Action& node,
                         Verdict& checked) {
  const hooks::Verdict& verdict = *checked.verdict;
  bool socket = verdict.form == hooks::VerdictForm::kSocket;
  if (node.arguments.size() != 1) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kWrongArguments, statement.span,
                    fmt::format("`{}` takes one target", verdict.word))
            .WithHint(socket ? "here: a slot, as in `select workers[0];`"
                             : fmt::format("here: an interface or a slot, as in `{0} \"eth0\";` or "
                                           "`{0} uplinks[0];`",
                                           verdict.word)));
    return false;
  }
  const ast::Expr* target = node.arguments[0].get();
  const ast::Argument* hop = nullptr;
  if (const ast::Call* call = WayTo(*target, checked)) {
    if (!checked.way) return false;
    bool named = call->arguments.size() == 2 && call->arguments[1].name &&
                 call->arguments[1].name->text == "via";
    if (checked.way->takes_hop && named) hop = &call->arguments[1];
    if (call->arguments.empty() || call->arguments[0].name ||
        call->arguments.size() != (hop ? 2u : 1u)) {
      std::string form = checked.way->takes_hop ? fmt::format(" or `{} {}(TARGET, via: ADDRESS);`",
                                                              verdict.word, checked.way->word)
                                                : "";
      context_.diagnostics.Emit(
          diag::Error(
              Kind::kWrongArguments, target->span,
              fmt::format("`{}` takes one interface{}", Phrase(checked),
                          checked.way->takes_hop ? ", and a next hop if it is to be another" : ""))
              .WithHint(
                  fmt::format("here: `{} {}(TARGET);`{}", verdict.word, checked.way->word, form)));
      return false;
    }
    target = call->arguments[0].value.get();
  }
  bool good = false;
  const auto* index = std::get_if<ast::Index>(&target->node);
  auto state = index ? AsState(*index->object) : std::nullopt;
  if (state) {
    good = SlotOf(*index, *state, checked);
  } else if (socket) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, target->span, "a socket is chosen by its slot",
                    "is no slot")
            .WithHint(fmt::format("here: `{} STATE[n];` with a state of {}", verdict.word,
                                  KindsFor(*block_->hook, checked, context_.program.floor))));
  } else if (NamedInterface(*target, checked)) {
    good = true;
  } else {
    TypeId u32 = types_.Unsigned(32);
    ExprPtr number = Coerce(Check(*target, u32), u32);
    good = number->type != error_type();
    checked.arguments.push_back(std::move(number));
  }
  return good && (!hop || NextHop(*hop, checked));
}

}  // namespace netc::sema
