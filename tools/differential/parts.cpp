// Places inside values: fields of structs and tuples, elements of arrays; and arrays themselves.
#include <fmt/format.h>

#include "tools/differential/body.h"

namespace netc::differential {

// The value itself and what it holds, `levels` deep.
void Body::AddParts(const Part& part, int levels, std::vector<Part>& parts) const {
  parts.push_back(part);
  if (levels == 0) return;
  if (part.type.kind == Kind::kStruct) {
    for (const auto& [name, type] : pipeline_.structs[part.type.decl].fields) {
      Part inner = part;
      inner.steps.push_back({name, 0});
      inner.type = type;
      AddParts(inner, levels - 1, parts);
    }
  }
  if (part.type.kind == Kind::kArray) {
    const ArrayType& decl = pipeline_.arrays[part.type.decl];
    Part inner = part;
    inner.steps.push_back({"", decl.count});
    inner.type = decl.element;
    AddParts(inner, levels - 1, parts);
  }
}

std::vector<Body::Part> Body::PartsOf(const std::string& name, const Type& type) const {
  std::vector<Part> parts;
  AddParts({name, {}, type}, 3, parts);
  return parts;
}

// As it is written; indexes are made up now.
std::string Body::TextOf(const Part& part, int depth) {
  std::string text = part.base;
  for (const auto& [field, count] : part.steps)
    text += field.empty() ? "[" + IndexBelow(count, depth) + "]" : "." + field;
  return text;
}

// An index that is known to be below: docs/language.md, section 5.
std::string Body::IndexBelow(uint32_t count, int depth) {
  auto loops = Variables([&](const Variable& variable) { return variable.most < count; });
  if (!loops.empty() && choices_.Chance(60)) return choices_.Of(loops).name;
  if (depth <= 0 || !choices_.Chance(50)) return std::to_string(choices_.Below(count));
  Type type = Unsigned(choices_.OneOf<uint8_t>({32, 8, 64, 16}));
  if (count > 255) type = Unsigned(32);
  Text index = Value(type, depth - 1, Place::kAlone);
  uint32_t mask = 0;
  while (2 * mask + 1 < count) mask = 2 * mask + 1;
  switch (choices_.Below(3)) {
    case 0:
      return Binary("&", Text::kBitAnd, {std::move(index), {std::to_string(mask)}}).s;
    case 1:
      return Binary("%", Text::kProduct, {std::move(index), {std::to_string(count)}}).s;
    default:
      return fmt::format("min({}, {})", index.s, count - 1);
  }
}

// One of which nothing like that is known, though it often is.
std::string Body::IndexBeyond(uint32_t count, int depth) {
  auto wide = Variables([](const Variable& variable) {
    return variable.is_var && variable.type.kind == Kind::kInteger && !variable.type.is_signed &&
           variable.type.bits >= 16;
  });
  if (!wide.empty() && choices_.Chance(30)) return choices_.Of(wide).name;
  uint32_t divisor = count + choices_.Between(1, 3);
  if (depth > 0 && choices_.Chance(50))
    return fmt::format("hash({}) % {}", Value(SomeType(), depth - 1, Place::kAlone).s, divisor);
  return choices_.Chance(50) ? "cpu" : fmt::format("random() % {}", divisor);
}

// An array at hand, of which an element can be asked for by any index.
std::optional<Body::Part> Body::AnyArray() {
  std::vector<Part> arrays;
  for (const Variable& variable : Variables([](const Variable&) { return true; })) {
    for (Part& part : PartsOf(variable.name, variable.type)) {
      if (part.type.kind == Kind::kArray) arrays.push_back(std::move(part));
    }
  }
  for (const auto* list : {&pipeline_.consts, &pipeline_.params}) {
    for (const Variable& variable : *list) {
      if (variable.type.kind == Kind::kArray) arrays.push_back({variable.name, {}, variable.type});
    }
  }
  if (arrays.empty()) return std::nullopt;
  return choices_.Of(arrays);
}

Text Body::ArrayValue(const Type& type, int depth, Place place) {
  ArrayType decl = pipeline_.arrays[type.decl];
  std::string list;
  for (uint32_t i = 0; i < decl.count; ++i) {
    Place each = place == Place::kWanted ? place : Place::kAlone;
    list += (i ? ", " : "") + Value(decl.element, i < 4 ? depth : 0, each).s;
  }
  return {"[" + list + "]"};
}

// `for x in array`.
void Body::ArrayLoop() {
  auto part = AnyArray();
  if (!part) return Bind();
  const ArrayType decl = pipeline_.arrays[part->type.decl];
  bool bound = pipeline_.IsLarge(part->type);
  if (rounds_ > 4 && decl.count > 3) return Bind();
  if (rounds_ > 1 && bound) return Bind();
  std::string name = pipeline_.Name("x");
  Line(fmt::format("for {} in {} {{", name, TextOf(*part, 1)));
  LoopBody({name, decl.element, false}, decl.count, bound ? 1 : 4);
}

}  // namespace netc::differential
