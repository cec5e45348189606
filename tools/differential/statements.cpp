// Blocks and the statements that steer: if, match, for, verdicts.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/hooks/slots.h"
#include "compiler/hooks/verdict_notes.h"
#include "tools/differential/body.h"

namespace netc::differential {

std::string Body::Write(uint32_t statements, const std::vector<Variable>& parameters) {
  budget_ = statements;
  scopes_.back() = parameters;
  effects_ = hook_ != nullptr;
  scopes_.emplace_back();
  Statements(statements);
  if (function_ && function_->result && !ended_) {
    Line(fmt::format("return {};", Value(*function_->result, 2).s));
  } else if (hook_ && !ended_ && choices_.Chance(50)) {
    Line(VerdictText() + ";");
  }
  scopes_.pop_back();
  return "{\n" + out_ + "}\n";
}

void Body::Statements(uint32_t count) {
  ended_ = false;
  for (uint32_t i = 0; i < count && budget_ > 0 && !ended_; ++i) {
    --budget_;
    Statement();
  }
}

void Body::Block(uint32_t count) {
  scopes_.emplace_back();
  Statements(count);
  scopes_.pop_back();
}

void Body::Statement() {
  if (function_) ++function_->weight;
  bool deep = scopes_.size() > 5;
  bool writes = hook_ ? hook_->packet.direct_write : function_ && function_->writes_packet;
  uint32_t nested = deep ? 0 : 1;
  switch (choices_.Weighted({8,
                             6,
                             writes ? 7u : 0u,
                             8 * nested,
                             7 * nested,
                             4 * nested,
                             4 * nested,
                             loops_ ? 4u : 0u,
                             4,
                             hook_ ? 7u : 2u,
                             5,
                             5,
                             3,
                             3,
                             effects_ ? 4u : 0u,
                             nested,
                             4,
                             3,
                             3,
                             hook_ ? 3u : 0u})) {
    case 0:
      return Bind();
    case 1:
      return Assign();
    case 2:
      return AssignField();
    case 3:
      return IfChain();
    case 4:
      return IfLet();
    case 5:
      return Match();
    case 6:
      return Loop();
    case 7:
      return LeaveLoop();
    case 8:
      return EmitEvent();
    case 9:
      return Verdict();
    case 10:
      return Counters();
    case 11:
      return WriteState();
    case 12:
      return Remove();
    case 13:
      return Call();
    case 14:
      return Effect();
    case 16:
      return UpdateState();
    case 17:
      return Push();
    case 18:
      return Record();
    case 19:
      return AssignWord();
    default:
      break;
  }
  Open("{");
  Statements(3);
  Close("}");
}

// " when C", or nothing.
std::string Body::When(bool* conditional, Facts* yes, Facts* no) {
  if (!choices_.Chance(40)) return "";
  Condition condition = MakeCondition(2, false);
  if (conditional) *conditional = true;
  if (yes) *yes = condition.yes;
  if (no) *no = condition.no;
  return " when " + condition.text.s;
}

void Body::Bind() {
  Type type = SomeType();
  if (choices_.Chance(30)) {
    // Of a header's field, whatever its type is.
    auto field = AnyField(/*sure=*/true, [](const Member&) { return true; });
    if (field) type = field->type;
  }
  bool is_var = choices_.Chance(50);
  bool typed = pipeline_.CanName(type) && choices_.Chance(40);
  std::string name = pipeline_.Name("v");
  if (is_var && typed && choices_.Chance(30)) {
    Line(fmt::format("var {}: {};", name, pipeline_.TypeName(type)));
    return Declare({name, type, true});
  }
  Text value = Value(type, 3, typed ? Place::kWanted : Place::kAlone);
  std::string declared = typed ? ": " + pipeline_.TypeName(type) : "";
  Line(fmt::format("{} {}{} = {};", is_var ? "var" : "let", name, declared, value.s));
  Declare({name, type, is_var});
}

void Body::IfChain() {
  std::optional<Facts> after;
  auto join = [&] {
    if (!ended_) after = after ? Facts::Either(*after, facts_) : facts_;
  };
  uint32_t branches = choices_.Weighted({6, 2, 1}) + 1;
  bool effects_before = effects_;
  std::string head = "";
  for (uint32_t i = 0; i < branches; ++i) {
    Condition condition = MakeCondition(2, false);
    Line(fmt::format("{}if {} {{", head, condition.text.s));
    facts_ = condition.yes;
    Block(4);
    join();
    facts_ = condition.no;
    head = "} else ";
    ended_ = false;
    if (budget_ == 0) break;
  }
  if (choices_.Chance(50)) {
    Line("} else {");
    Block(3);
    Line("}");
  } else {
    Line("}");
  }
  join();
  effects_ = effects_before;
  ended_ = !after;
  facts_ = after.value_or(Facts{});
}

// What a state gives that is no lookup: what comes next, or a member of a ring.
std::string Body::Giver(const StateDecl& state, int depth) {
  bool by_key = state.form == StateForm::kRingBy;
  if (state.form != StateForm::kRing && !by_key) {
    return fmt::format("{}.{}()", state.name, choices_.OneOf({"peek", "pop"}));
  }
  std::string key = by_key ? Value(state.key, depth).s + ", " : "";
  return fmt::format("{}.pick({}{})", state.name, key, Value(Unsigned(32), depth).s);
}

// What may be absent, for `if let`: a lookup, what a queue gives, an element, bytes of the payload.
std::string Body::Absent(Facts& yes, Variable& bound, std::optional<uint32_t>& state) {
  std::vector<uint32_t> states =
      StatesOf({StateForm::kHash, StateForm::kLru, StateForm::kArray, StateForm::kPrefixes,
                StateForm::kCounterBy, StateForm::kHistogramBy});
  std::vector<uint32_t> queues = Givers();
  std::optional<Part> array = choices_.Chance(40) ? AnyArray() : std::nullopt;
  if (hook_ && choices_.Chance(8)) {
    if (auto word = UnsureWord()) {
      bound.type = word->type;
      return word->name;
    }
  }
  bool payload = InnermostKnown().has_value();
  if (states.empty() && queues.empty() && !array && !payload) return "";
  switch (choices_.Weighted(
      {states.empty() ? 0u : 8u, queues.empty() ? 0u : 4u, array ? 5u : 0u, payload ? 2u : 0u})) {
    case 0:
      break;
    case 1: {
      const StateDecl& queue = pipeline_.states[choices_.Of(queues)];
      bound.type = queue.value;
      return Giver(queue, 2);
    }
    case 2: {
      const ArrayType decl = pipeline_.arrays[array->type.decl];
      bound.type = decl.element;
      return Written{"{}[{}]", TextOf(*array, 1), IndexBeyond(decl.count, 2)}.s;
    }
    default: {
      uint8_t bits = choices_.OneOf<uint8_t>({8, 16, 32, 64});
      bound.type = Unsigned(bits);
      used_packet_ = true;
      return fmt::format("payload.u{}({})", bits, Value(Unsigned(32), 1).s);
    }
  }
  state = choices_.Of(states);
  const StateDecl& decl = pipeline_.states[*state];
  bound.type = decl.value;
  bound.is_var = decl.form != StateForm::kCounterBy && decl.form != StateForm::kHistogramBy;
  auto wanted = [&](const Member& member) {
    return Converts(member.type, decl.key, Place::kWanted);
  };
  auto field = choices_.Chance(40) ? AnyField(false, wanted) : std::nullopt;
  if (field) yes.Add(pipeline_, field->known);
  if (field || !choices_.Chance(20))
    return fmt::format("{}[{}]", decl.name, field ? field->text : Key(*state, 2));
  // The key may be absent as well.
  for (uint32_t other : states) {
    const StateDecl& inner = pipeline_.states[other];
    if (other != *state && inner.value == decl.key)
      return fmt::format("{}[{}[{}]]", decl.name, inner.name, Key(other, 1));
  }
  return fmt::format("{}[{}]", decl.name, Key(*state, 2));
}

void Body::IfLet() {
  std::string name = pipeline_.Name("e");
  Facts yes = facts_, no = facts_;
  Variable bound{name, {}, false};
  std::optional<uint32_t> state;
  std::string source = Absent(yes, bound, state);
  if (source.empty()) return Bind();
  Line(fmt::format("if let {} = {} {{", name, source));
  facts_ = yes;
  // While the entry is bound, nothing may take its place.
  bool fresh = state && bound_.insert(*state).second;
  scopes_.emplace_back();
  Declare(bound);
  scopes_.emplace_back();
  if (bound.is_var && choices_.Chance(40)) Assign();
  Statements(4);
  scopes_.pop_back();
  scopes_.pop_back();
  if (fresh) bound_.erase(*state);
  std::optional<Facts> after;
  if (!ended_) after = facts_;
  ended_ = false;
  facts_ = no;
  if (choices_.Chance(50)) {
    Line("} else {");
    Block(3);
  }
  Line("}");
  if (!ended_) after = after ? Facts::Either(*after, facts_) : facts_;
  ended_ = !after;
  facts_ = after.value_or(Facts{});
}

void Body::Match() {
  auto field = AnyField(/*sure=*/true,
                        [&](const Member& member) { return HasSets(pipeline_, member.type); });
  Type type = field ? field->type : AnyScalar(pipeline_);
  if (!HasSets(pipeline_, type)) type = Unsigned(16);
  Line(fmt::format("match {} {{", field ? field->text : Value(type, 2, Place::kAlone).s));
  Facts before = facts_;
  std::optional<Facts> after;
  auto arm = [&](const std::string& patterns) {
    facts_ = before;
    ended_ = false;
    scopes_.emplace_back();
    if (hook_ && choices_.Chance(30)) {
      Line(fmt::format("{} => {};", patterns, VerdictText()));
      ended_ = true;
    } else {
      Line(patterns + " => {");
      Block(3);
      Line("}");
    }
    scopes_.pop_back();
    if (!ended_) after = after ? Facts::Either(*after, facts_) : facts_;
  };
  uint32_t arms = choices_.Between(1, 3);
  for (uint32_t i = 0; i < arms; ++i) {
    std::string patterns = SetText(pipeline_, type, true);
    for (uint32_t more = choices_.Below(3); more > 0; --more)
      patterns += ", " + SetText(pipeline_, type, true);
    arm(patterns);
  }
  bool has_else = choices_.Chance(50);
  if (has_else) arm("else");
  Line("}");
  if (!has_else) after = after ? Facts::Either(*after, before) : before;
  ended_ = !after;
  facts_ = after.value_or(Facts{});
}

void Body::Loop() {
  if (loops_ >= 2) return Bind();
  if (choices_.Chance(30)) return ArrayLoop();
  uint32_t most = rounds_ > 4 ? 3 : 8;
  uint32_t bound = choices_.Between(1, most);
  std::string range;
  std::optional<uint32_t> last;  // that the variable can be
  switch (choices_.Below(4)) {
    case 0:
      range = fmt::format("0..<{}", bound);
      last = bound - 1;
      break;
    case 1:
      range = fmt::format("{}..{}", choices_.Below(3), bound + 1);
      last = bound + 1;
      break;
    case 2:
      range = fmt::format("0..<({} & {})",
                          Inside(Value(Unsigned(32), 2, Place::kAlone), Text::kShift).s, most - 1);
      bound = most;
      last = most - 2;
      break;
    default:
      if (choices_.Chance(50)) {
        range = Written{"{}..<min({}, {})", Value(Unsigned(8), 1).s,
                        Value(Unsigned(32), 1, Place::kAlone).s, bound}
                    .s;
        last = bound - 1;
        break;
      }
      range = Written{"{}..<({} % {})", Value(Unsigned(8), 1).s,
                      Inside(Value(Unsigned(32), 1, Place::kAlone), Text::kProduct).s, bound + 1}
                  .s;
      break;
  }
  std::string name = pipeline_.Name("i");
  Line(fmt::format("for {} in {} {{", name, range));
  Variable variable{name, Unsigned(32), false};
  if (last) variable.most = *last;
  LoopBody(variable, bound + 1, 4);
}

// The body and its closing bracket.
void Body::LoopBody(const Variable& variable, uint32_t rounds, uint32_t statements) {
  bool effects_before = effects_;
  bool moves = effects_ && hook_ && hook_->packet.direct_write && choices_.Chance(15);
  effects_ = moves;
  if (moves) facts_.Forget();
  Facts before = facts_;
  uint32_t rounds_before = rounds_;
  rounds_ *= rounds;
  ++loops_;
  scopes_.emplace_back();
  Declare(variable);
  Block(statements);
  scopes_.pop_back();
  --loops_;
  rounds_ = rounds_before;
  effects_ = effects_before;
  facts_ = before;
  ended_ = false;
  Line("}");
}

void Body::LeaveLoop() {
  Facts no = facts_;
  bool conditional = false;
  std::string when = When(&conditional, nullptr, &no);
  Line(fmt::format("{}{};", choices_.OneOf({"continue", "break"}), when));
  ended_ = !conditional;
  if (conditional) facts_ = no;
}

std::string Body::VerdictText() {
  std::vector<std::string> plain;
  for (const hooks::Verdict& verdict : hook_->verdicts) {
    if (verdict.form == hooks::VerdictForm::kPlain) plain.emplace_back(verdict.word);
  }
  return choices_.Of(plain);
}

// Another way to the target, by its word; none: the plain one.
std::string Body::Way(std::string_view verdict) {
  std::vector<std::string> ways{""};
  for (const hooks::TargetWay& way : hooks::AllTargetWays()) {
    if (way.hooks.has(hook_->id) && way.verdict == verdict) ways.emplace_back(way.word);
  }
  return choices_.Of(ways);
}

std::string Body::InWay(const std::string& way, const std::string& target) {
  if (way.empty()) return target;
  bool hop = hooks::FindTargetWay(hook_->id, "redirect", way)->takes_hop && choices_.Chance(50);
  Kind family = choices_.Chance(50) ? Kind::kIpv4 : Kind::kIpv6;
  std::string via = hop ? ", via: " + Value(Plain(family), 1, Place::kAlone).s : "";
  return fmt::format("{}({}{})", way, target, via);
}

void Body::Verdict() {
  if (!hook_) {
    // In a function: an early return.
    std::string value = function_->result ? " " + Value(*function_->result, 2).s : "";
    if (!choices_.Chance(60)) return Bind();
    Condition condition = MakeCondition(2, false);
    Line(fmt::format("if {} {{ return{}; }}", condition.text.s, value));
    facts_ = condition.no;
    return;
  }
  Facts no = facts_;
  std::string word = VerdictText();
  bool slot = false;
  for (const hooks::Verdict& verdict : hook_->verdicts) {
    bool socket = verdict.form == hooks::VerdictForm::kSocket,
         target = verdict.form == hooks::VerdictForm::kTarget;
    if ((!socket && !target) || !choices_.Chance(25)) continue;
    std::string way = target ? Way(verdict.word) : "";
    if (target && choices_.Chance(50)) {
      slot = choices_.Chance(50);  // a name is one of netc's own
      word = fmt::format("{} {}", verdict.word, InWay(way, slot ? "\"lo\"" : "1"));
      continue;
    }
    for (const StateDecl& state : pipeline_.states) {
      if (state.form != StateForm::kSlots) continue;
      // enum bpf_map_type
      uint32_t map = state.word == "devices"   ? 14
                     : state.word == "sockets" ? 15
                     : state.word == "cpus"    ? 16
                                               : 25;
      bool taken = way.empty() ? hooks::UseOfSlots(hook_->id, verdict.form, map, {6, 1}) !=
                                     hooks::SlotUse::kNone
                               : map == 14 || map == 25;
      if (!taken) continue;
      word = fmt::format("{} {}", verdict.word,
                         InWay(way, fmt::format("{}[{}]", state.name, Value(Unsigned(32), 1).s)));
      slot = true;
    }
  }
  bool conditional = !choices_.Chance(25);
  if (!conditional && scopes_.size() > 2) {
    Line(word + ";");
    ended_ = !slot;
    return;
  }
  Condition condition = MakeCondition(3, false);
  Line(fmt::format("{} when {};", word, condition.text.s));
  facts_ = slot ? Facts::Either(condition.yes, condition.no) : condition.no;
}

}  // namespace netc::differential
