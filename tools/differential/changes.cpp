// Statements that change something: variables, fields, the packet's ends; events and calls.
#include <fmt/format.h>

#include <algorithm>

#include "tools/differential/body.h"

namespace netc::differential {

// The condition comes first, but what it makes known is not used in the statement.
void Body::Conditional(std::string text) {
  bool conditional = false;
  Facts yes = facts_, no = facts_;
  text += When(&conditional, &yes, &no);
  Line(text + ";");
  if (conditional) facts_ = Facts::Either(yes, no);
}

void Body::Assign() {
  std::vector<Part> places;
  for (const Variable& variable : Variables([](const Variable& v) { return v.is_var; })) {
    for (Part& part : PartsOf(variable.name, variable.type)) {
      if (!pipeline_.IsLarge(part.type)) places.push_back(std::move(part));
    }
  }
  if (places.empty()) return Bind();
  const Part& chosen = choices_.Of(places);
  Type type = chosen.type;
  std::string place = TextOf(chosen, 2);
  std::string op = "=";
  Text value;
  bool quantity = type.kind == Kind::kDuration || type.kind == Kind::kSize ||
                  type.kind == Kind::kBitrate || type.kind == Kind::kFrequency;
  bool number = type.kind == Kind::kInteger;
  if (choices_.Chance(50) && (quantity || number || type.kind == Kind::kFlags)) {
    if (number) op = choices_.OneOf({"+=", "-=", "*=", "&=", "|=", "^=", "<<=", ">>="});
    if (quantity) op = choices_.OneOf({"+=", "-="});
    if (type.kind == Kind::kFlags) op = choices_.OneOf({"|=", "&=", "^="});
  }
  value = Value(type, 3);
  Conditional(fmt::format("{} {} {}", place, op, value.s));
}

void Body::AssignField() {
  auto field = AnyField(/*sure=*/true, [](const Member& member) { return member.assignable; });
  if (!field) return Assign();
  const Protocol& protocol = pipeline_.protocols[field->known / 2];
  const Member* member = nullptr;
  for (const Member& each : protocol.members) {
    if (NameOf(field->known) + "." + each.name == field->text) member = &each;
  }
  bool inner = field->known % 2 == 1;
  if (inner || !member) return Assign();
  if (function_) function_->writes_packet = true;
  Type type = field->type;
  bool narrow = type.kind == Kind::kInteger && member->bits < type.bits;
  Text value = Value(type, 2, narrow ? Place::kAlone : Place::kWanted);
  if (narrow) {
    value = Binary("&", Text::kBitAnd, std::move(value),
                   {fmt::format("{}", (1ull << member->bits) - 1)});
  }
  std::string op = "=";
  if (type.kind == Kind::kInteger && !narrow && choices_.Chance(40)) {
    op = choices_.OneOf({"+=", "-=", "^=", "|=", "&="});
  }
  if (type.kind == Kind::kFlags && choices_.Chance(40)) op = choices_.OneOf({"|=", "&=", "^="});
  Conditional(fmt::format("{} {} {}", field->text, op, value.s));
}

void Body::EmitEvent() {
  if (pipeline_.events.empty()) return Counters();
  const EventDecl& event = choices_.Of(pipeline_.events);
  std::string list;
  for (const auto& [name, type] : event.fields) {
    list += fmt::format("{}{}: {}", list.empty() ? "" : ", ", name, Value(type, 2).s);
  }
  Conditional(fmt::format("emit {} {{ {} }}", event.name, list));
}

void Body::Call() {
  std::vector<const FunctionDecl*> functions;
  for (const FunctionDecl& function : pipeline_.functions) {
    if (CanCall(function)) functions.push_back(&function);
  }
  if (functions.empty()) return Assign();
  const FunctionDecl& function = *choices_.Of(functions);
  NoteCall(function);
  std::string text = function.name + Arguments(function, 2);
  Conditional(std::move(text));
}

// `trim`, `grow`, `push`, `pop`, as the hook's rows say.
void Body::Effect() {
  std::vector<std::string> forms;
  auto has = [&](const char* word, const char* kind) {
    return hooks::FindEffect(hook_->id, word, kind) != nullptr;
  };
  for (const char* word : {"trim", "grow"}) {
    if (has(word, "")) forms.emplace_back(word);
  }
  if (has("push", "")) forms.emplace_back("push bytes");
  if (has("pop", "")) forms.emplace_back("pop bytes");
  for (const Protocol& protocol : pipeline_.protocols) {
    for (const char* word : {"push", "pop"}) {
      bool row = has(word, protocol.name.c_str()) || has(word, "header");
      if (row && protocol.pushable) forms.push_back(fmt::format("{} {}", word, protocol.name));
    }
  }
  if (forms.empty()) return Bind();
  std::string form = choices_.Of(forms);
  std::string text = form;
  if (form == "trim" || form == "grow") {
    text += choices_.Chance(60) ? fmt::format(" {}", choices_.Between(1, 60))
                                : " " + Value(Unsigned(32), 2).s;
    // A word behind the action's must be a name or a literal.
    if (text[5] == '(' || text[5] == '-') text = form + fmt::format(" {}", choices_.Between(1, 60));
  } else if (form == "push bytes" || form == "pop bytes") {
    text = fmt::format("{} {}", form.substr(0, form.find(' ')), choices_.Between(1, 40));
  } else if (form.starts_with("pop")) {
    std::string name = form.substr(4);
    for (uint32_t i = 0; i < pipeline_.protocols.size(); ++i) {
      if (pipeline_.protocols[i].name == name && !facts_.Has(i * 2)) return Bind();
    }
  } else if (choices_.Chance(60)) {
    std::string name = form.substr(5), fields;
    for (const Protocol& protocol : pipeline_.protocols) {
      if (protocol.name != name) continue;
      for (const Member& member : protocol.members) {
        if (!member.assignable || !choices_.Chance(50)) continue;
        bool narrow = member.type.kind == Kind::kInteger && member.bits < member.type.bits;
        std::string value =
            narrow ? std::to_string(choices_.Number(member.bits)) : Value(member.type, 1).s;
        fields += fmt::format("{}{}: {}", fields.empty() ? "" : ", ", member.name, value);
      }
    }
    text += fields.empty() ? "" : " { " + fields + " }";
  }
  bool conditional = false;
  Facts no = facts_;
  text += When(&conditional, nullptr, &no);
  facts_.Forget();
  if (choices_.Chance(50)) {
    Line(text + " else {");
    Block(2);
    Line("}");
  } else {
    Line(text + ";");
  }
  ended_ = false;
  facts_.Forget();
}

}  // namespace netc::differential
