// Conditions, and what of the packet is known where they held.
#include <fmt/format.h>

#include <algorithm>

#include "tools/differential/body.h"

namespace netc::differential {

bool Body::Reaches(uint32_t index, bool inner) const {
  const Protocol& protocol = pipeline_.protocols[index];
  if (inner && !protocol.inner) return false;
  if (!hook_) return true;
  if (hook_->packet.start == hooks::PacketStart::kNone) return false;
  bool frame = hook_->packet.start == hooks::PacketStart::kFrame;
  if (protocol.is_view) {
    return std::all_of(protocol.alternatives.begin(), protocol.alternatives.end(),
                       [&](uint32_t alternative) { return Reaches(alternative, inner); });
  }
  return frame || inner || !protocol.needs_frame;
}

std::string Body::NameOf(Known known) const {
  return (known % 2 ? "inner." : "") + pipeline_.protocols[known / 2].name;
}

std::optional<Body::Field> Body::AnyField(bool sure,
                                          const std::function<bool(const Member&)>& wanted) {
  struct Candidate {
    Known known;
    const Member* member;
  };
  std::vector<Candidate> candidates;
  auto add = [&](Known known) {
    if (!Reaches(known / 2, known % 2)) return;
    for (const Member& member : pipeline_.protocols[known / 2].members) {
      if (wanted(member)) candidates.push_back({known, &member});
    }
  };
  bool known_only = sure || choices_.Chance(40);
  if (known_only) {
    for (Known known : facts_.all()) add(known);
  } else {
    // One protocol, so that those with many fields don't stand before all others.
    for (int tries = 0; tries < 4 && candidates.empty(); ++tries) {
      uint32_t index = choices_.Below(static_cast<uint32_t>(pipeline_.protocols.size()));
      if (choices_.Chance(25)) index = pipeline_.favourite;
      add(index * 2 + (choices_.Chance(15) ? 1 : 0));
    }
  }
  if (candidates.empty()) return std::nullopt;
  used_packet_ = true;
  const Candidate& chosen = choices_.Of(candidates);
  if (pipeline_.protocols[chosen.known / 2].needs_frame && chosen.known % 2 == 0)
    used_frame_ = true;
  return Field{NameOf(chosen.known) + "." + chosen.member->name, chosen.member->type, chosen.known};
}

Body::Condition Body::MakeCondition(int depth, bool sure) {
  std::vector<uint32_t> weights = {5, 6, 5, 4, 2, 2, 2, 3};
  bool junctions = depth > 0;
  if (junctions) weights.push_back(8);
  switch (choices_.Weighted(weights)) {
    case 0:
      return Presence(sure);
    case 1:
      return Comparison(depth, sure);
    case 2:
      return Membership(depth, sure);
    case 3:
      return StateQuestion(depth, sure);
    case 4:
      return Has(sure);
    case 5:
      return PayloadTest(sure);
    case 6: {
      if (!pipeline_.aliases.empty() && choices_.Chance(60)) {
        const AliasDecl& alias = choices_.Of(pipeline_.aliases);
        bool frame = hook_ && hook_->packet.start == hooks::PacketStart::kFrame;
        bool none = hook_ && hook_->packet.start == hooks::PacketStart::kNone;
        bool fits =
            (alias.negatable || !sure) && !(alias.frame && !frame) && !(alias.packet && none);
        if (fits) {
          Condition made{{alias.name}, facts_, facts_, alias.negatable};
          for (Known known : alias.yes) made.yes.Add(pipeline_, known);
          used_packet_ |= alias.packet;
          used_frame_ |= alias.frame;
          return made;
        }
      }
      Text value = Value(Plain(Kind::kBool), depth > 0 ? depth - 1 : 0);
      return {Inside(std::move(value), Text::kCompare), facts_, facts_, true};
    }
    case 7:
      return AbsentTest(depth, sure);
    default:
      return Junction(depth, sure);
  }
}

Body::Condition Body::Presence(bool sure) {
  if (choices_.Chance(8)) {
    if (auto socket = SocketPresence()) return *socket;
  }
  for (int tries = 0; tries < 6; ++tries) {
    uint32_t index = choices_.Below(static_cast<uint32_t>(pipeline_.protocols.size()));
    // Those that most packets have, more often.
    if (choices_.Chance(12)) {
      index = pipeline_.favourite;
    } else if (choices_.Chance(60)) {
      constexpr const char* kUsual[] = {"ipv4", "tcp",  "udp",  "ipv6",    "ip",
                                        "l4",   "vlan", "icmp", "ethernet"};
      std::string name = choices_.Of(kUsual);
      for (uint32_t i = 0; i < pipeline_.protocols.size(); ++i) {
        if (pipeline_.protocols[i].name == name) index = i;
      }
    }
    bool inner = choices_.Chance(12);
    if (!Reaches(index, inner)) continue;
    Known known = index * 2 + (inner ? 1 : 0);
    used_packet_ = true;
    if (pipeline_.protocols[index].needs_frame && !inner) used_frame_ = true;
    Condition made{{NameOf(known)}, facts_, facts_, true};
    made.yes.Add(pipeline_, known);
    return made;
  }
  return Comparison(0, sure);
}

Body::Condition Body::Comparison(int depth, bool sure) {
  Condition made{{}, facts_, facts_, true};
  auto field =
      choices_.Chance(65) ? AnyField(sure, [](const Member&) { return true; }) : std::nullopt;
  Type type = field ? field->type : SomeType();
  Text left = field ? Text{field->text} : Value(type, depth > 0 ? depth - 1 : 0, Place::kAlone);
  bool known = !field || facts_.Has(field->known);
  if (field && type.kind == Kind::kBool && choices_.Chance(70)) {
    made.text = left;
    made.negatable = known;
    if (!known) made.yes.Add(pipeline_, field->known);
    return made;
  }
  bool ordered = type.kind != Kind::kBool && type.kind != Kind::kEnum &&
                 type.kind != Kind::kFlags && type.kind != Kind::kStruct &&
                 type.kind != Kind::kArray && type.kind != Kind::kIp && type.kind != Kind::kIpv4 &&
                 type.kind != Kind::kIpv6 && type.kind != Kind::kMac;
  const char* op = "==";
  if (ordered && choices_.Chance(60))
    op = choices_.OneOf({"<", "<=", ">", ">="});
  else if (known && choices_.Chance(40))
    op = "!=";
  else if (choices_.Chance(10))
    op = known && choices_.Chance(50) ? "is not" : "is";
  Place place = type.kind == Kind::kIp ? Place::kWanted : Place::kOperand;
  Text right = Value(type, depth > 0 ? depth - 1 : 0, place);
  made.text = {Written{"{} {} {}", Inside(std::move(left), Text::kBitOr).s, op,
                       Inside(std::move(right), Text::kBitOr).s}
                   .s,
               Text::kCompare};
  made.negatable = known;
  if (!known) made.yes.Add(pipeline_, field->known);
  return made;
}

Body::Condition Body::Membership(int depth, bool sure) {
  Condition made{{}, facts_, facts_, true};
  auto field =
      choices_.Chance(70)
          ? AnyField(sure, [&](const Member& member) { return HasSets(pipeline_, member.type); })
          : std::nullopt;
  Type type = field ? field->type : AnyScalar(pipeline_);
  if (!HasSets(pipeline_, type)) type = Unsigned(32);
  Text left = field ? Text{field->text} : Value(type, depth > 0 ? depth - 1 : 0, Place::kAlone);
  made.negatable = !field || facts_.Has(field->known);
  const char* op = made.negatable && choices_.Chance(30) ? "not in" : "in";
  made.text = {
      Written{"{} {} {}", Inside(std::move(left), Text::kBitOr).s, op, SetText(pipeline_, type)}.s,
      Text::kCompare};
  if (!made.negatable) made.yes.Add(pipeline_, field->known);
  return made;
}

Body::Condition Body::StateQuestion(int depth, bool sure) {
  Condition made{{}, facts_, facts_, true};
  int below = depth > 0 ? depth - 1 : 0;
  if (pipeline_.states.empty()) return Presence(sure);
  uint32_t index = choices_.Below(static_cast<uint32_t>(pipeline_.states.size()));
  const StateDecl& state = pipeline_.states[index];
  bool covers = state.form == StateForm::kHash || state.form == StateForm::kLru ||
                state.form == StateForm::kSet || state.form == StateForm::kPrefixSet ||
                state.form == StateForm::kPrefixes;
  bool valued = state.form == StateForm::kHash || state.form == StateForm::kLru ||
                state.form == StateForm::kArray || state.form == StateForm::kPrefixes ||
                state.form == StateForm::kCounterBy;
  if (state.form == StateForm::kLimiter || state.form == StateForm::kLimiterBy) {
    std::string arguments = state.form == StateForm::kLimiterBy ? Key(index, below) : "";
    bool size = state.in_bits && choices_.Chance(40);
    if (state.in_bits || choices_.Chance(30)) {
      Type type = size ? Plain(Kind::kSize) : Unsigned(32);
      arguments += (arguments.empty() ? "" : ", ") + Value(type, below).s;
    }
    made.text = {fmt::format("{}.take({})", state.name, arguments)};
    return made;
  }
  // A key that the packet has, without asking before whether it does.
  auto field = choices_.Chance(50)
                   ? AnyField(sure,
                              [&](const Member& member) {
                                return Converts(member.type, state.key, Place::kWanted);
                              })
                   : std::nullopt;
  std::string key = field ? field->text : Value(state.key, below).s;
  bool known = !field || facts_.Has(field->known);
  if (valued && !sure && !pipeline_.IsLarge(state.value) && choices_.Chance(covers ? 50 : 100)) {
    bool fresh = bound_.insert(index).second;
    Text right =
        Value(state.value, below, state.value.kind == Kind::kIp ? Place::kWanted : Place::kOperand);
    if (fresh) bound_.erase(index);
    bool integer = state.value.kind == Kind::kInteger || state.value.kind == Kind::kPort;
    made.text = {
        Written{"{}[{}] {} {}", state.name, key, integer ? choices_.OneOf({"==", ">", "<="}) : "==",
                Inside(std::move(right), Text::kBitOr).s}
            .s,
        Text::kCompare};
    made.negatable = false;
    if (!known) made.yes.Add(pipeline_, field->known);
    return made;
  }
  if (!covers) return Presence(sure);
  const char* op = known && choices_.Chance(30) ? "not in" : "in";
  made.text = {fmt::format("{} {} {}", field ? key : "(" + key + ")", op, state.name),
               Text::kCompare};
  made.negatable = known;
  if (!known) made.yes.Add(pipeline_, field->known);
  return made;
}

Body::Condition Body::Has(bool sure) {
  auto field =
      AnyField(sure, [](const Member& member) { return member.type.kind == Kind::kFlags; });
  if (!field) return Presence(sure);
  Condition made{{}, facts_, facts_, facts_.Has(field->known)};
  const EnumType& decl = pipeline_.enums[field->type.decl];
  auto bit = [&] {
    const std::string& member = choices_.Of(decl.members).first;
    return decl.name.empty() ? member : decl.name + "." + member;
  };
  std::string bits = bit();
  if (decl.name.empty() ? false : choices_.Chance(40)) bits = "(" + bits + " | " + bit() + ")";
  made.text = {fmt::format("{} {} {}", field->text, choices_.OneOf({"has", "is"}), bits),
               Text::kCompare};
  if (!made.negatable) made.yes.Add(pipeline_, field->known);
  return made;
}

// A comparison with what may be absent: false then.
Body::Condition Body::AbsentTest(int depth, bool sure) {
  if (sure) return Presence(sure);
  int below = depth > 0 ? depth - 1 : 0;
  std::vector<uint32_t> queues = Givers();
  std::optional<Part> array = AnyArray();
  std::optional<Word> word = hook_ ? UnsureWord() : std::nullopt;
  if (queues.empty() && !array && !word) return Presence(sure);
  std::string left;
  Type type;
  if (word && ((queues.empty() && !array) || choices_.Chance(40))) {
    left = word->name;
    type = word->type;
  } else if (array && (queues.empty() || choices_.Chance(50))) {
    const ArrayType decl = pipeline_.arrays[array->type.decl];
    type = decl.element;
    left = Written{"{}[{}]", TextOf(*array, below), IndexBeyond(decl.count, below)}.s;
  } else {
    const StateDecl& queue = pipeline_.states[choices_.Of(queues)];
    type = queue.value;
    left = Giver(queue, below);
  }
  bool integer = type.kind == Kind::kInteger || type.kind == Kind::kPort;
  Text right = Value(type, below, type.kind == Kind::kIp ? Place::kWanted : Place::kOperand);
  Condition made{{}, facts_, facts_, false};
  made.text = {Written{"{} {} {}", left, integer ? choices_.OneOf({"==", ">", "<="}) : "==",
                       Inside(std::move(right), Text::kBitOr).s}
                   .s,
               Text::kCompare};
  return made;
}

std::optional<Known> Body::InnermostKnown(bool inner) const {
  // Behind a view of which no header is known the payload may be undecided.
  std::set<Known> all(facts_.all().begin(), facts_.all().end());
  for (Known known : all) {
    const Protocol& protocol = pipeline_.protocols[known / 2];
    bool decided = !protocol.is_view || known % 2 != inner ||
                   std::ranges::any_of(protocol.alternatives, [&](uint32_t header) {
                     return all.contains(2 * header + inner);
                   });
    if (!decided) return std::nullopt;
  }
  for (Known known : facts_.all()) {
    bool header = !pipeline_.protocols[known / 2].is_view && known % 2 == inner;
    if (header && Reaches(known / 2, inner)) return known;
  }
  return std::nullopt;
}

Body::Condition Body::PayloadTest(bool sure) {
  bool inner = InnermostKnown(true) && choices_.Chance(60);
  if (sure || (!inner && !InnermostKnown())) return Presence(sure);
  uint8_t bits = choices_.OneOf<uint8_t>({8, 16, 32, 64});
  Condition made{{}, facts_, facts_, false};
  std::string offset =
      choices_.Chance(70) ? std::to_string(choices_.Below(12)) : Value(Unsigned(32), 1).s;
  std::string read = fmt::format("{}payload.u{}({})", inner ? "inner." : "", bits, offset);
  std::string right = Literal(pipeline_, Unsigned(bits)).s;
  if (choices_.Chance(40)) read += fmt::format(" & {}", choices_.Number(bits));
  made.text = {fmt::format("{} {} {}", read, choices_.OneOf({"==", "<", ">="}), right),
               Text::kCompare};
  used_packet_ = true;
  return made;
}

Body::Condition Body::Junction(int depth, bool sure) {
  Facts before = facts_;
  uint32_t form = choices_.Below(5);
  if (form == 0) {
    Condition inside = MakeCondition(depth - 1, /*sure=*/true);
    facts_ = before;
    return {{"not " + Inside(inside.text, Text::kNot).s, Text::kNot},
            inside.no,
            inside.yes,
            inside.negatable};
  }
  bool both = form < 4;
  uint32_t count = choices_.Between(2, 3);
  Condition made;
  std::optional<Facts> other;
  int precedence = both ? Text::kAnd : Text::kOr;
  for (uint32_t i = 0; i < count; ++i) {
    Condition operand = MakeCondition(depth - 1, sure);
    made.negatable &= operand.negatable;
    made.text.s += (i ? (both ? " and " : " or ") : "") + Inside(operand.text, precedence + 1).s;
    const Facts& leaves = both ? operand.no : operand.yes;
    other = other ? Facts::Either(*other, leaves) : leaves;
    facts_ = both ? operand.yes : operand.no;
  }
  made.text.precedence = precedence;
  made.yes = both ? facts_ : *other;
  made.no = both ? *other : facts_;
  facts_ = before;
  return made;
}

}  // namespace netc::differential
