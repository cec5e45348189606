// Expressions by the type that is wanted.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "tools/differential/body.h"

namespace netc::differential {

Text Body::Inside(Text text, int least) {
  bool needed = text.precedence < least;
  if (!needed && !choices_.Chance(15)) return text;
  if (!needed && text.s.front() == '(') return text;
  return {"(" + text.s + ")"};
}

// All operators lean to the left.
Text Body::Binary(const char* op, int precedence, Sides sides) {
  return {Written{"{} {} {}", Inside(std::move(sides.left), precedence).s, op,
                  Inside(std::move(sides.right), precedence + 1).s}
              .s,
          precedence};
}

bool Body::Converts(const Type& from, const Type& to, Place place) const {
  if (from == to) return true;
  if (place == Place::kAlone) return false;
  if (place == Place::kWanted) {
    if (to.kind == Kind::kIp) return from.kind == Kind::kIpv4 || from.kind == Kind::kIpv6;
    if (to.kind == Kind::kPort) return from == Unsigned(16);
    if (to == Unsigned(16) && from.kind == Kind::kPort) return true;
  }
  if (from.kind != Kind::kInteger || to.kind != Kind::kInteger) return false;
  if (from.is_signed) return to.is_signed && from.bits <= to.bits;
  return to.is_signed ? from.bits < to.bits : from.bits <= to.bits;
}

Type Body::SomeType() {
  // Of what is at hand now and then, so that the library's own types take part.
  auto locals = Variables([](const Variable&) { return true; });
  if (!locals.empty() && choices_.Chance(30)) {
    const Type& type = choices_.Of(locals).type;
    if (!pipeline_.IsLarge(type)) return type;
  }
  return AnyType(pipeline_);
}

std::vector<Variable> Body::Variables(const std::function<bool(const Variable&)>& wanted) const {
  std::vector<Variable> found;
  std::set<std::string> seen;
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    for (const Variable& variable : *scope) {
      if (seen.insert(variable.name).second && wanted(variable)) found.push_back(variable);
    }
  }
  return found;
}

Text Body::Value(const Type& type, int depth, Place place) {
  std::vector<Option> options;
  SimpleValues(type, options, place);
  Places(type, options, place);
  if (depth > 0) {
    if (type.kind == Kind::kBool) {
      options.push_back({6, [&] {
                           Condition condition = MakeCondition(depth - 1, /*sure=*/true);
                           return Text{"(" + condition.text.s + ")"};
                         }});
    }
    Arithmetic(type, depth, options);
    Quantities(type, depth, options);
    Casts(type, depth, options);
    if (place == Place::kWanted) Fitting(type, depth, options);
    Calls(type, depth, options);
    if (type.kind == Kind::kStruct)
      options.push_back({4, [&] { return StructValue(type, depth - 1); }});
    if (type.kind == Kind::kArray)
      options.push_back({4, [&] { return ArrayValue(type, depth - 1, place); }});
  }
  std::vector<uint32_t> weights;
  for (const Option& option : options) weights.push_back(option.first);
  return options[choices_.Weighted(weights)].second();
}

// Literals, constants, parameters.
void Body::SimpleValues(const Type& type, std::vector<Option>& options, Place place) {
  bool nameless =
      (type.kind == Kind::kEnum || type.kind == Kind::kFlags) && !pipeline_.CanName(type);
  bool alone = place == Place::kAlone;
  if (!(nameless && alone)) {
    options.push_back({2, [=, this] {
                         return alone ? TypedLiteral(pipeline_, type) : Literal(pipeline_, type);
                       }});
  }
  for (const auto* list : {&pipeline_.consts, &pipeline_.params}) {
    for (const Variable& variable : *list) {
      if (Converts(variable.type, type, place))
        options.push_back({2, [&] { return Text{variable.name}; }});
      if (variable.type.kind != Kind::kStruct && variable.type.kind != Kind::kArray) continue;
      for (const Part& part : PartsOf(variable.name, variable.type)) {
        if (!part.steps.empty() && Converts(part.type, type, place))
          options.push_back({1, [=, this] { return Text{TextOf(part, 1)}; }});
      }
    }
  }
}

// Locals and their fields, header fields, words of the hook.
void Body::Places(const Type& type, std::vector<Option>& options, Place place) {
  for (const Variable& variable : Variables([](const Variable&) { return true; })) {
    if (Converts(variable.type, type, place))
      options.push_back({5, [=] { return Text{variable.name}; }});
    if (variable.type.kind != Kind::kStruct && variable.type.kind != Kind::kArray) continue;
    for (const Part& part : PartsOf(variable.name, variable.type)) {
      if (!part.steps.empty() && Converts(part.type, type, place))
        options.push_back({4, [=, this] { return Text{TextOf(part, 2)}; }});
    }
  }
  std::vector<std::pair<Text, bool>> fields;  // and whether they are of the frame
  for (Known known : facts_.all()) {
    if (!Reaches(known / 2, known % 2)) continue;
    const Protocol& protocol = pipeline_.protocols[known / 2];
    for (const Member& member : protocol.members) {
      if (!Converts(member.type, type, place)) continue;
      fields.push_back(
          {{NameOf(known) + "." + member.name}, protocol.needs_frame && known % 2 == 0});
    }
  }
  if (!fields.empty()) {
    options.push_back({10, [this, fields] {
                         used_packet_ = true;
                         auto [field, of_frame] = choices_.Of(fields);
                         used_frame_ |= of_frame;
                         return field;
                       }});
  }
  for (const Word& word : Words()) {
    if (IsSure(word) && Converts(word.type, type, place))
      options.push_back({1, [=] { return Text{word.name}; }});
  }
}

// Operators whose operands and result are of one type.
void Body::Arithmetic(const Type& type, int depth, std::vector<Option>& options) {
  bool plain = type.kind == Kind::kInteger, port = type.kind == Kind::kPort;
  if (type.kind == Kind::kFlags && pipeline_.CanName(type)) {
    options.push_back(
        {4, [=, this] {
           uint32_t op = choices_.Below(4);
           if (op == 3)
             return Text{"~" + Inside(Value(type, depth - 1, Place::kAlone), Text::kUnary).s,
                         Text::kUnary};
           const char* ops[] = {"&", "|", "^"};
           int precedences[] = {Text::kBitAnd, Text::kBitOr, Text::kXor};
           return Binary(
               ops[op], precedences[op],
               {Value(type, depth - 1, Place::kAlone), Value(type, depth - 1, Place::kAlone)});
         }});
  }
  if (!plain && !port) return;
  options.push_back({10, [=, this] {
                       struct Row {
                         const char* op;
                         int precedence;
                       };
                       constexpr Row kRows[] = {{"+", Text::kSum},     {"-", Text::kSum},
                                                {"*", Text::kProduct}, {"/", Text::kProduct},
                                                {"%", Text::kProduct}, {"&", Text::kBitAnd},
                                                {"|", Text::kBitOr},   {"^", Text::kXor}};
                       const Row& row = choices_.Of(kRows);
                       bool swapped = plain && choices_.Chance(25);
                       // One side has the type, so that the other may be a literal or narrower.
                       Text left =
                           Value(type, depth - 1, swapped ? Place::kOperand : Place::kAlone);
                       Text right = Value(port ? Unsigned(16) : type, depth - 1,
                                          swapped ? Place::kAlone : Place::kOperand);
                       return Binary(row.op, row.precedence, {std::move(left), std::move(right)});
                     }});
  if (!plain) return;
  options.push_back({4, [=, this] {
                       Type amount = choices_.OneOf({Unsigned(32), Unsigned(8), Unsigned(64),
                                                     Type{Kind::kInteger, 32, true, 0}});
                       const char* op = choices_.OneOf({"<<", ">>"});
                       return Binary(op, Text::kShift,
                                     {Value(type, depth - 1, Place::kAlone),
                                      Value(amount, depth - 1, Place::kAlone)});
                     }});
  options.push_back({2, [=, this] {
                       // `- 5` and `~5` are literals, which have no type of their own.
                       const char* op = choices_.OneOf({"-", "~"});
                       return Text{
                           op + Inside(Value(type, depth - 1, Place::kAlone), Text::kAtom).s,
                           Text::kUnary};
                     }});
}

void Body::Quantities(const Type& type, int depth, std::vector<Option>& options) {
  bool quantity = type.kind == Kind::kDuration || type.kind == Kind::kFrequency ||
                  type.kind == Kind::kBitrate || type.kind == Kind::kSize;
  if (quantity) {
    options.push_back({4, [=, this] {
                         uint32_t op = choices_.Below(3);
                         const char* ops[] = {"+", "-", "%"};
                         return Binary(ops[op], op == 2 ? Text::kProduct : Text::kSum,
                                       {Value(type, depth - 1), Value(type, depth - 1)});
                       }});
    options.push_back(
        {4, [=, this] {
           Text number =
               Value(Unsigned(choices_.OneOf<uint8_t>({32, 64, 16})), depth - 1, Place::kAlone);
           Text held = Value(type, depth - 1);
           switch (choices_.Below(3)) {
             case 0:
               return Binary("*", Text::kProduct, {std::move(held), std::move(number)});
             case 1:
               return Binary("/", Text::kProduct, {std::move(held), std::move(number)});
             default:
               return Binary("*", Text::kProduct, {std::move(number), std::move(held)});
           }
         }});
  }
  if (type == Unsigned(64)) {
    options.push_back(
        {2, [=, this] {
           Type held = Plain(
               choices_.OneOf({Kind::kDuration, Kind::kSize, Kind::kBitrate, Kind::kFrequency}));
           return Binary("/", Text::kProduct, {Value(held, depth - 1), Value(held, depth - 1)});
         }});
  }
  Type time = Plain(Kind::kTime), duration = Plain(Kind::kDuration);
  if (type.kind == Kind::kDuration) {
    options.push_back({2, [=, this] {
                         return Binary("-", Text::kSum,
                                       {Value(time, depth - 1, Place::kAlone),
                                        Value(time, depth - 1, Place::kAlone)});
                       }});
  }
  if (type.kind == Kind::kTime) {
    options.push_back({3, [=, this] {
                         Text at = Value(time, depth - 1, Place::kAlone),
                              span = Value(duration, depth - 1);
                         switch (choices_.Below(3)) {
                           case 0:
                             return Binary("+", Text::kSum, {std::move(at), std::move(span)});
                           case 1:
                             return Binary("-", Text::kSum, {std::move(at), std::move(span)});
                           default:
                             return Binary("+", Text::kSum, {std::move(span), std::move(at)});
                         }
                       }});
    options.push_back({3, [] { return Text{"now()"}; }});
  }
}

// `x as T`.
void Body::Casts(const Type& type, int depth, std::vector<Option>& options) {
  auto cast = [this, depth](const Type& from, const Type& to) {
    Text value = Inside(Value(from, depth - 1, Place::kAlone), Text::kCast);
    return Text{fmt::format("{} as {}", value.s, pipeline_.TypeName(to)), Text::kCast};
  };
  bool enumeration =
      (type.kind == Kind::kEnum || type.kind == Kind::kFlags) && pipeline_.CanName(type);
  bool quantity = type.kind == Kind::kDuration || type.kind == Kind::kTime ||
                  type.kind == Kind::kFrequency || type.kind == Kind::kBitrate ||
                  type.kind == Kind::kSize || type.kind == Kind::kPort;
  if (type.kind == Kind::kInteger || quantity || enumeration) {
    options.push_back({enumeration || quantity ? 2u : 5u, [=, this] {
                         Type from = AnyScalar(pipeline_);
                         bool to_integer = type.kind == Kind::kInteger;
                         bool address = from.kind == Kind::kIpv4 && to_integer &&
                                        (type.bits == 32 || type.bits == 64);
                         bool number = from.kind != Kind::kIp && from.kind != Kind::kIpv4 &&
                                       from.kind != Kind::kIpv6 && from.kind != Kind::kMac &&
                                       (from.kind != Kind::kBool || to_integer);
                         return cast(address || number ? from : Unsigned(32), type);
                       }});
  }
  if (type.kind == Kind::kIpv4) options.push_back({2, [=] { return cast(Unsigned(32), type); }});
  if (type.kind == Kind::kIp) {
    options.push_back(
        {3, [=, this] { return cast(Plain(choices_.OneOf({Kind::kIpv4, Kind::kIpv6})), type); }});
  }
}

// Wider numbers of which it is proved that they fit.
void Body::Fitting(const Type& type, int depth, std::vector<Option>& options) {
  if (type.kind != Kind::kInteger || type.is_signed || type.bits >= 32) return;
  options.push_back(
      {4, [=, this] {
         Type wide = Unsigned(choices_.OneOf<uint8_t>({32, 64}));
         Text value = Value(wide, depth - 1, Place::kAlone);
         uint64_t most = (1ull << type.bits) - 1;
         switch (choices_.Below(4)) {
           case 0:
             return Binary("&", Text::kBitAnd, {std::move(value), {fmt::format("{}", most)}});
           case 1:
             return Binary(">>", Text::kShift,
                           {std::move(value), {fmt::format("{}", wide.bits - type.bits)}});
           case 2:
             return Binary("%", Text::kProduct, {std::move(value), {fmt::format("{}", most)}});
           default:
             return Binary("&", Text::kBitAnd,
                           {{fmt::format("{}", choices_.Number(type.bits))}, std::move(value)});
         }
       }});
}

bool Body::CanCall(const FunctionDecl& function) const {
  bool writes = hook_ ? hook_->packet.direct_write : true;
  if (function.writes_packet && !writes) return false;
  bool frame = !hook_ || hook_->packet.start == hooks::PacketStart::kFrame;
  if (function.reads_frame && !frame) return false;
  if (function.weight * rounds_ > 60 || function.weight > budget_ + 6) return false;
  return std::none_of(function.changes.begin(), function.changes.end(),
                      [&](uint32_t state) { return bound_.contains(state); });
}

void Body::NoteCall(const FunctionDecl& function) {
  budget_ -= std::min(budget_, function.weight);
  used_packet_ |= function.reads_packet;
  used_frame_ |= function.reads_frame;
  if (!function_) return;
  function_->changes.insert(function.changes.begin(), function.changes.end());
  function_->writes_packet |= function.writes_packet;
  function_->weight += function.weight;
}

std::string Body::Arguments(const FunctionDecl& function, int depth) {
  std::string list;
  for (const Type& parameter : function.parameters) {
    list += (list.empty() ? "" : ", ") + Value(parameter, depth - 1).s;
  }
  return "(" + list + ")";
}

void Body::Calls(const Type& type, int depth, std::vector<Option>& options) {
  for (const FunctionDecl& function : pipeline_.functions) {
    if (!function.result || *function.result != type || !CanCall(function)) continue;
    options.push_back({4, [&, depth] {
                         NoteCall(function);
                         return Text{function.name + Arguments(function, depth)};
                       }});
  }
  bool number = type.kind != Kind::kBool && type.kind != Kind::kEnum && type.kind != Kind::kFlags &&
                type.kind != Kind::kStruct && type.kind != Kind::kArray && type.kind != Kind::kIp &&
                type.kind != Kind::kIpv4 && type.kind != Kind::kIpv6 && type.kind != Kind::kMac;
  if (number) {
    options.push_back({2, [=, this] {
                         if (choices_.Chance(25))
                           return Text{
                               fmt::format("abs({})", Value(type, depth - 1, Place::kAlone).s)};
                         Text left = Value(type, depth - 1, Place::kAlone);
                         return Text{Written{"{}({}, {})", choices_.OneOf({"min", "max"}), left.s,
                                             Value(type, depth - 1, Place::kAlone).s}
                                         .s};
                       }});
  }
  if (type == Unsigned(32)) {
    options.push_back(
        {3, [=, this] {
           uint32_t which = choices_.Below(5);
           if (which == 0) return Text{"cpu"};
           if (which == 1) return Text{"random()"};
           if (which == 2) return Text{choices_.OneOf({"numa_node()", "cpu()"})};
           return Text{fmt::format("hash({})", Value(SomeType(), depth - 1, Place::kAlone).s)};
         }});
  }
  if (type == Unsigned(64)) {
    options.push_back({2, [=, this] {
                         Type u64 = Unsigned(64);
                         std::string a = Value(u64, depth - 1).s, b = Value(u64, depth - 1).s;
                         return Text{
                             fmt::format("mul_div({}, {}, {})", a, b, Value(u64, depth - 1).s)};
                       }});
    for (uint32_t state : StatesOf({StateForm::kCounter})) {
      options.push_back({3, [=, this] { return Text{pipeline_.states[state].name}; }});
    }
  }
  for (uint32_t state : Insertable({StateForm::kHash, StateForm::kLru})) {
    const StateDecl& decl = pipeline_.states[state];
    if (decl.value != type) continue;
    options.push_back({3, [&, state, depth] {
                         std::string key = Key(state, depth - 1);
                         return Text{
                             fmt::format("({}[{}] or_insert {})", decl.name, key,
                                         Inside(Value(decl.value, depth - 1), Text::kOr).s)};
                       }});
  }
}

Text Body::StructValue(const Type& type, int depth) {
  const StructType& decl = pipeline_.structs[type.decl];
  std::vector<std::string> parts;
  for (const auto& [name, field] : decl.fields) {
    std::string value = Value(field, depth, decl.name.empty() ? Place::kAlone : Place::kWanted).s;
    parts.push_back(decl.name.empty() ? value : name + ": " + value);
  }
  if (!decl.name.empty() && parts.size() > 1 && choices_.Chance(30))
    std::swap(parts.front(), parts.back());
  std::string list;
  for (const std::string& part : parts) list += (list.empty() ? "" : ", ") + part;
  return {decl.name.empty() ? "(" + list + ")" : "(" + decl.name + " { " + list + " })"};
}

}  // namespace netc::differential
