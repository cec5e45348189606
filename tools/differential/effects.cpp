// Effects, as the hook's rows say: `trim`, `grow`, `push`, `pop`, `encap`, `decap`, `become`,
// `pace`.
#include <fmt/format.h>

#include "compiler/hooks/hooks.h"
#include "tools/differential/body.h"

namespace netc::differential {

std::optional<Known> Body::KnownOf(const std::string& name, bool inner) const {
  for (uint32_t i = 0; i < pipeline_.protocols.size(); ++i) {
    if (pipeline_.protocols[i].name == name) return 2 * i + (inner ? 1 : 0);
  }
  return std::nullopt;
}

std::vector<std::string> Body::Effects() const {
  std::vector<std::string> forms;
  auto has = [&](const char* word, const char* kind) {
    return hooks::FindEffect(hook_->id, word, kind) != nullptr;
  };
  for (const char* word : {"trim", "grow", "decap"}) {
    if (has(word, "")) forms.emplace_back(word);
  }
  bool paced = !StatesOf({StateForm::kPacer, StateForm::kPacerBy}).empty();
  if (has("pace", "") && paced) forms.insert(forms.end(), 3, "pace");
  if (has("become", "")) forms.emplace_back("become");
  if (has("push", "")) forms.emplace_back("push bytes");
  if (has("pop", "")) forms.emplace_back("pop bytes");
  for (const char* kind : {"ipip", "ip6tnl", "gre", "gue", "vxlan"}) {
    if (has("encap", kind)) forms.push_back(fmt::format("encap {}", kind));
  }
  for (const Protocol& protocol : pipeline_.protocols) {
    for (const char* word : {"push", "pop"}) {
      bool row = has(word, protocol.name.c_str()) || has(word, "header");
      if (row && protocol.pushable) forms.push_back(fmt::format("{} {}", word, protocol.name));
    }
  }
  return forms;
}

// ` { name: value }` for those that are taken; `must` are always.
std::string Body::EncapFields(const std::string& kind) {
  bool six = kind == "ip6tnl" || (kind != "ipip" && choices_.Chance(40));
  Type address = Plain(six ? Kind::kIpv6 : Kind::kIpv4);
  std::string fields = Written{"src: {}, dst: {}", Value(address, 1).s, Value(address, 1).s}.s;
  auto add = [&](const char* name, const std::string& value) {
    fields += fmt::format(", {}: {}", name, value);
  };
  auto masked = [&](uint8_t bits) {
    if (choices_.Chance(50)) return std::to_string(choices_.Number(bits));
    return Binary("&", Text::kBitAnd,
                  {Value(Unsigned(32), 1, Place::kAlone), {std::to_string((1u << bits) - 1)}})
        .s;
  };
  if (kind == "vxlan") add("vni", masked(24));
  if (choices_.Chance(25)) add("ttl", Value(Unsigned(8), 1).s);
  if (choices_.Chance(25)) add("dscp", masked(6));
  if (!six && choices_.Chance(25)) add("dont_fragment", Value(Plain(Kind::kBool), 0).s);
  if (!six && choices_.Chance(25)) add("id", Value(Unsigned(16), 1).s);
  if (six && choices_.Chance(25)) add("flow_label", masked(20));
  bool udp = kind == "vxlan" || kind == "gue";
  if (udp && choices_.Chance(25)) add("sport", Value(Plain(Kind::kPort), 1).s);
  if (udp && choices_.Chance(25)) add("dport", Value(Plain(Kind::kPort), 1).s);
  if (choices_.Chance(25)) add("mac", Value(Plain(Kind::kMac), 1).s);
  return " { " + fields + " }";
}

// Headers that stand on each other, some with fields, options behind TCP.
std::string Body::MadeHeaders() {
  bool six = choices_.Chance(40);
  std::vector<std::string> names = {"ethernet"};
  if (choices_.Chance(30)) names.emplace_back("vlan");
  names.emplace_back(six ? "ipv6" : "ipv4");
  names.emplace_back(choices_.OneOf({"udp", "tcp"}));
  std::string text;
  for (const std::string& name : names) {
    auto known = KnownOf(name, false);
    if (!known) break;
    text += (text.empty() ? "" : ", ") + name;
    std::string fields;
    for (const Member& member : pipeline_.protocols[*known / 2].members) {
      if (!member.assignable || !choices_.Chance(30)) continue;
      bool narrow = member.type.kind == Kind::kInteger && member.bits < member.type.bits;
      std::string value =
          narrow ? std::to_string(choices_.Number(member.bits)) : Value(member.type, 1).s;
      fields += fmt::format("{}{}: {}", fields.empty() ? "" : ", ", member.name, value);
    }
    if (!fields.empty()) text += " { " + fields + " }";
    if (name != "tcp") continue;
    for (const char* option : {"tcp.mss", "tcp.sack_permitted", "tcp.window_scale"}) {
      if (choices_.Chance(40)) text += fmt::format(", {}", option);
    }
  }
  return text;
}

// The header or view that must be known for it; none: any packet will do.
std::string Body::NeededBy(const std::string& form) {
  if (form == "decap") return choices_.Chance(30) ? "inner.ethernet" : "inner.ip";
  if (form.starts_with("encap") && form != "encap vxlan") return "ip";
  if (form.starts_with("pop") && form != "pop bytes") return form.substr(4);
  return "";
}

std::string Body::EffectText(const std::string& form) {
  if (form == "pace") {
    uint32_t index = choices_.Of(StatesOf({StateForm::kPacer, StateForm::kPacerBy}));
    const StateDecl& state = pipeline_.states[index];
    std::string line = state.name;
    if (state.form == StateForm::kPacerBy) line += "[" + Key(index, 1) + "]";
    return fmt::format("pace {}, {}", line, Value(Plain(Kind::kBitrate), 1).s);
  }
  if (form == "trim" || form == "grow") {
    std::string text = form;
    // A constant 0 is refused: nothing would happen.
    text += choices_.Chance(60)
                ? fmt::format(" {}", choices_.Between(1, 60))
                : " " + Binary("|", Text::kBitOr, {Value(Unsigned(32), 2, Place::kAlone), {"1"}}).s;
    // A word behind the action's must be a name or a literal.
    if (text[5] == '(' || text[5] == '-') text = form + fmt::format(" {}", choices_.Between(1, 60));
    return text;
  }
  if (form == "push bytes" || form == "pop bytes")
    return fmt::format("{} {}", form.substr(0, form.find(' ')), choices_.Between(1, 40));
  if (form.starts_with("encap")) return form + EncapFields(form.substr(6));
  if (form == "become") return form + " " + MadeHeaders();
  if (!form.starts_with("push") || !choices_.Chance(60)) return form;
  std::string fields;
  const Protocol& protocol = pipeline_.protocols[*KnownOf(form.substr(5), false) / 2];
  for (const Member& member : protocol.members) {
    if (!member.assignable || !choices_.Chance(50)) continue;
    bool narrow = member.type.kind == Kind::kInteger && member.bits < member.type.bits;
    std::string value =
        narrow ? std::to_string(choices_.Number(member.bits)) : Value(member.type, 1).s;
    fields += fmt::format("{}{}: {}", fields.empty() ? "" : ", ", member.name, value);
  }
  return form + (fields.empty() ? "" : " { " + fields + " }");
}

void Body::Effect() {
  std::vector<std::string> forms = Effects();
  if (forms.empty()) return Bind();
  std::string form = choices_.Of(forms);
  std::string needed = NeededBy(form);
  bool inner = needed.starts_with("inner.");
  auto known = KnownOf(inner ? needed.substr(6) : needed, inner);
  if (!needed.empty() && !known) return Bind();
  bool guarded = known && !needed.empty() && !facts_.Has(*known);
  if (guarded && !Reaches(*known / 2, inner)) return Bind();
  if (guarded) {
    Line(fmt::format("if {} {{", needed));
    facts_.Add(pipeline_, *known);
    scopes_.emplace_back();
  }
  std::string text = EffectText(form);
  text += When();
  facts_.Forget();
  if (choices_.Chance(50)) {
    Line(text + " else {");
    Block(2);
    Line("}");
  } else {
    Line(text + ";");
  }
  if (guarded) {
    scopes_.pop_back();
    Line("}");
  }
  ended_ = false;
  facts_.Forget();
}

}  // namespace netc::differential
