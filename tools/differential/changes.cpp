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

// Of any header that there may be here, known or not.
std::optional<Body::Field> Body::Rewritable() {
  for (int tries = 0; tries < 8; ++tries) {
    uint32_t index = choices_.Below(static_cast<uint32_t>(pipeline_.protocols.size()));
    if (tries == 0 && choices_.Chance(50)) index = pipeline_.favourite;
    bool inner = choices_.Chance(15);
    const Protocol& protocol = pipeline_.protocols[index];
    std::vector<const Member*> members;
    for (const Member& member : protocol.members) {
      if (member.assignable) members.push_back(&member);
    }
    if (members.empty() || !Reaches(index, inner)) continue;
    const Member& member = *choices_.Of(members);
    Known known = 2 * index + (inner ? 1 : 0);
    used_packet_ = true;
    if (protocol.needs_frame && !inner) used_frame_ = true;
    return Field{NameOf(known) + "." + member.name, member.type, known};
  }
  return std::nullopt;
}

void Body::AssignField() {
  auto field = choices_.Chance(55)
                   ? AnyField(/*sure=*/true, [](const Member& member) { return member.assignable; })
                   : std::nullopt;
  if (!field) field = Rewritable();
  if (!field) return Assign();
  if (facts_.Has(field->known)) return RewriteField(*field);
  Facts before = facts_;
  Line(fmt::format("if {} {{", NameOf(field->known)));
  facts_.Add(pipeline_, field->known);
  scopes_.emplace_back();
  RewriteField(*field);
  scopes_.pop_back();
  Line("}");
  facts_ = before;
}

void Body::RewriteField(const Field& field) {
  const Member* member = nullptr;
  for (const Member& each : pipeline_.protocols[field.known / 2].members) {
    if (NameOf(field.known) + "." + each.name == field.text) member = &each;
  }
  if (function_) function_->writes_packet = true;
  Type type = field.type;
  bool narrow = type.kind == Kind::kInteger && member->bits < type.bits;
  Text value = Value(type, 2, narrow ? Place::kAlone : Place::kWanted);
  if (narrow) {
    value = Binary("&", Text::kBitAnd,
                   {std::move(value), {fmt::format("{}", (1ull << member->bits) - 1)}});
  }
  std::string op = "=";
  if (type.kind == Kind::kInteger && !narrow && choices_.Chance(40)) {
    op = choices_.OneOf({"+=", "-=", "^=", "|=", "&="});
  }
  if (type.kind == Kind::kFlags && choices_.Chance(40)) op = choices_.OneOf({"|=", "&=", "^="});
  Conditional(fmt::format("{} {} {}", field.text, op, value.s));
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

}  // namespace netc::differential
