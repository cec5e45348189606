// The declarations of a pipeline: types, constants, parameters, events, states.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "tools/differential/pipeline.h"

namespace netc::differential {

std::string Pipeline::TypeName(const Type& type) const {
  switch (type.kind) {
    case Kind::kBool:
      return "bool";
    case Kind::kInteger:
      return fmt::format("{}{}", type.is_signed ? "i" : "u", type.bits);
    case Kind::kPort:
      return "port";
    case Kind::kDuration:
      return "duration";
    case Kind::kTime:
      return "time";
    case Kind::kFrequency:
      return "frequency";
    case Kind::kBitrate:
      return "bitrate";
    case Kind::kSize:
      return "size";
    case Kind::kIpv4:
      return "ipv4_addr";
    case Kind::kIpv6:
      return "ipv6_addr";
    case Kind::kIp:
      return "ip_addr";
    case Kind::kMac:
      return "mac_addr";
    case Kind::kEnum:
    case Kind::kFlags:
      return enums[type.decl].name;
    case Kind::kArray:
      return fmt::format("[{}; {}]", TypeName(arrays[type.decl].element), arrays[type.decl].count);
    case Kind::kStruct: {
      const StructType& decl = structs[type.decl];
      if (!decl.name.empty()) return decl.name;
      std::string list;
      for (const auto& field : decl.fields)
        list += (list.empty() ? "" : ", ") + TypeName(field.second);
      return "(" + list + ")";
    }
  }
  return "";
}

bool Pipeline::CanName(const Type& type) const {
  if (type.kind == Kind::kArray) return CanName(arrays[type.decl].element);
  if (type.kind == Kind::kStruct) {
    const auto& fields = structs[type.decl].fields;
    return std::all_of(fields.begin(), fields.end(),
                       [&](const auto& field) { return CanName(field.second); });
  }
  return (type.kind != Kind::kEnum && type.kind != Kind::kFlags) || !enums[type.decl].name.empty();
}

uint32_t Pipeline::SizeOf(const Type& type) const {
  switch (type.kind) {
    case Kind::kBool:
      return 1;
    case Kind::kInteger:
    case Kind::kEnum:
    case Kind::kFlags:
      return type.bits <= 8 ? 1 : type.bits <= 16 ? 2 : type.bits <= 32 ? 4 : 8;
    case Kind::kPort:
      return 2;
    case Kind::kIpv4:
      return 4;
    case Kind::kIpv6:
    case Kind::kIp:
      return 16;
    case Kind::kMac:
      return 6;
    case Kind::kStruct:
      return structs[type.decl].size;
    case Kind::kArray:
      return arrays[type.decl].size;
    default:
      return 8;
  }
}

Type Pipeline::ArrayOf(const Type& element, uint32_t count) {
  Type type{Kind::kArray, 0, false, 0};
  for (; type.decl < arrays.size(); ++type.decl) {
    if (arrays[type.decl].element == element && arrays[type.decl].count == count) return type;
  }
  arrays.push_back({element, count, count * SizeOf(element)});
  return type;
}

// An enum or flags type of the pipeline's own.
static std::optional<Type> OwnEnum(Pipeline& pipeline) {
  std::vector<Type> own;
  for (uint32_t i = 0; i < pipeline.enums.size(); ++i) {
    const EnumType& decl = pipeline.enums[i];
    if (decl.name.empty()) continue;
    own.push_back({decl.name[0] == 'F' ? Kind::kFlags : Kind::kEnum, decl.bits, false, i});
  }
  if (own.empty()) return std::nullopt;
  return pipeline.choices.Of(own);
}

Type AnyScalar(Pipeline& pipeline) {
  Choices& choices = pipeline.choices;
  switch (choices.Weighted({8, 2, 2, 2, 3, 2, 2, 1, 1, 1, 1, 1, 2, 2})) {
    case 0:
      return Unsigned(choices.OneOf<uint8_t>({32, 8, 16, 64}));
    case 1:
      return Plain(Kind::kBool);
    case 2:
      return Plain(Kind::kPort);
    case 3:
      return Plain(Kind::kIp);
    case 4:
      return Plain(Kind::kIpv4);
    case 5:
      return Plain(Kind::kIpv6);
    case 6:
      return Plain(Kind::kMac);
    case 7:
      return Plain(Kind::kDuration);
    case 8:
      return Plain(Kind::kTime);
    case 9:
      return Plain(Kind::kFrequency);
    case 10:
      return Plain(Kind::kBitrate);
    case 11:
      return Plain(Kind::kSize);
    case 12:
      return {Kind::kInteger, choices.OneOf<uint8_t>({32, 8, 16, 64, 7, 33}), true, 0};
    default:
      break;
  }
  if (choices.Chance(60)) {
    if (auto own = OwnEnum(pipeline)) return *own;
  }
  return Unsigned(choices.OneOf<uint8_t>({12, 4, 24, 3, 48, 1, 20}));
}

Type AnyType(Pipeline& pipeline) {
  if (!pipeline.structs.empty() && pipeline.choices.Chance(25)) {
    return {Kind::kStruct, 0, false,
            pipeline.choices.Below(static_cast<uint32_t>(pipeline.structs.size()))};
  }
  if (!pipeline.arrays.empty() && pipeline.choices.Chance(15)) {
    Type type{Kind::kArray, 0, false,
              pipeline.choices.Below(static_cast<uint32_t>(pipeline.arrays.size()))};
    if (!pipeline.IsLarge(type)) return type;
  }
  return AnyScalar(pipeline);
}

namespace {

void WriteEnum(Pipeline& pipeline) {
  Choices& choices = pipeline.choices;
  bool flags = choices.Chance(40);
  EnumType made;
  made.name = pipeline.Name(flags ? "Flags" : "Enum");
  made.bits = choices.OneOf<uint8_t>({32, 8, 16, 4, 12});
  std::string list;
  uint32_t count = choices.Between(1, 4);
  uint64_t next = flags ? 1 : 0;
  for (uint32_t i = 0; i < count; ++i) {
    std::string name = pipeline.Name("M");
    std::string value;
    if (!flags && choices.Chance(30)) {
      next += choices.Below(3);
      value = fmt::format(" = {}", next);
    }
    made.members.emplace_back(name, next);
    list += (i ? ", " : "") + name + value;
    next = flags ? next << 1 : next + 1;
  }
  std::string stored = made.bits == 32 ? "" : fmt::format(": u{}", made.bits);
  pipeline.items +=
      fmt::format("{} {}{} {{ {} }}\n", flags ? "flags" : "enum", made.name, stored, list);
  pipeline.enums.push_back(std::move(made));
}

void WriteStruct(Pipeline& pipeline) {
  Choices& choices = pipeline.choices;
  bool tuple = choices.Chance(40);
  StructType made;
  uint32_t count = tuple ? choices.Between(2, 3) : choices.Between(1, 4);
  std::string list;
  for (uint32_t i = 0; i < count; ++i) {
    Type type = choices.Chance(25) ? AnyType(pipeline) : AnyScalar(pipeline);
    if (made.size + pipeline.SizeOf(type) > 40) type = Unsigned(8);
    std::string name = tuple ? std::to_string(i) : fmt::format("f{}", i);
    made.fields.emplace_back(name, type);
    made.size += std::max(4u, pipeline.SizeOf(type));
    list += (i ? ", " : "") + name + ": " + pipeline.TypeName(type);
  }
  if (!tuple) {
    made.name = pipeline.Name("Struct");
    pipeline.items += fmt::format("struct {} {{ {} }}\n", made.name, list);
  } else {
    // Two tuples of the same types are the same type.
    for (const StructType& other : pipeline.structs) {
      if (other.name.empty() && other.fields == made.fields) return;
    }
  }
  pipeline.structs.push_back(std::move(made));
}

// An array type that values of the pipeline have.
void WriteArray(Pipeline& pipeline) {
  Choices& choices = pipeline.choices;
  Type element = choices.Chance(20) ? AnyType(pipeline) : AnyScalar(pipeline);
  uint32_t count = choices.OneOf({4u, 2u, 3u, 8u, 1u, 5u});
  while (count > 1 && count * pipeline.SizeOf(element) > 40) count /= 2;
  pipeline.ArrayOf(element, count);
}

void WriteConstant(Pipeline& pipeline) {
  Choices& choices = pipeline.choices;
  std::string name = pipeline.Name("c");
  if (choices.Chance(25)) {
    Kind family = choices.OneOf({Kind::kIpv4, Kind::kIpv6});
    pipeline.items += fmt::format("const {} = {};\n", name, PrefixText(choices, family));
    pipeline.prefixes.emplace_back(name, Plain(family));
    return;
  }
  Type type = choices.Chance(25) ? AnyType(pipeline) : AnyScalar(pipeline);
  std::string value = Literal(pipeline, type).s;
  // Constants may rest on others.
  if (type.kind == Kind::kInteger && !type.is_signed && choices.Chance(30)) {
    value = Written{"({} as {}) {} {}", choices.Below(100), pipeline.TypeName(type),
                    choices.OneOf({"+", "*", "-", "/", "%", "<<", ">>", "^"}),
                    type.bits > 3 ? choices.Below(8) : 1}
                .s;
  }
  pipeline.items += fmt::format("const {}: {} = {};\n", name, pipeline.TypeName(type), value);
  pipeline.consts.push_back({name, type, false});
}

void WriteParameter(Pipeline& pipeline) {
  Choices& choices = pipeline.choices;
  std::string name = pipeline.Name("p");
  Type type = choices.Chance(20) ? AnyType(pipeline) : AnyScalar(pipeline);
  if (choices.Chance(15)) type = OwnEnum(pipeline).value_or(type);
  bool constant = choices.Chance(20);
  pipeline.items += fmt::format("{}param {}: {} = {};\n", constant ? "const " : "", name,
                                pipeline.TypeName(type), Literal(pipeline, type).s);
  (constant ? pipeline.consts : pipeline.params).push_back({name, type, false});
}

void WriteEvent(Pipeline& pipeline) {
  Choices& choices = pipeline.choices;
  EventDecl made{pipeline.Name("Event"), {}};
  std::string list;
  uint32_t count = choices.Below(5);
  for (uint32_t i = 0; i < count; ++i) {
    made.fields.emplace_back(fmt::format("f{}", i), AnyType(pipeline));
    list += fmt::format("{}f{}: {}", i ? ", " : "", i, pipeline.TypeName(made.fields[i].second));
  }
  pipeline.items += fmt::format("event {} {{ {} }}\n", made.name, list);
  pipeline.events.push_back(std::move(made));
}

}  // namespace

void WriteItems(Pipeline& pipeline) {
  Choices& choices = pipeline.choices;
  auto repeat = [&](uint32_t most, auto write) {
    for (uint32_t i = choices.Below(most + 1); i > 0; --i) write(pipeline);
  };
  repeat(2, WriteEnum);
  repeat(2, WriteArray);
  repeat(3, WriteStruct);
  repeat(1, WriteArray);
  repeat(3, WriteConstant);
  repeat(3, WriteParameter);
  repeat(2, WriteEvent);
  if (choices.Chance(25)) WriteHeader(pipeline);
  for (uint32_t i = choices.Between(1, 6); i > 0; --i) WriteState(pipeline);
  if (choices.Chance(15)) WriteSlots(pipeline);
}

// --- Facts -----------------------------------------------------------------------------------

void Facts::Add(const Pipeline& pipeline, Known known) {
  known_.insert(known);
  const Protocol& protocol = pipeline.protocols[known / 2];
  const auto& implied = known % 2 ? protocol.inner_implies : protocol.implies;
  for (uint32_t other : implied) {
    // That a view is known makes none of its headers known.
    if (protocol.is_view && !pipeline.protocols[other].is_view) continue;
    known_.insert(other * 2 + known % 2);
  }
}

Facts Facts::Either(const Facts& a, const Facts& b) {
  Facts both;
  std::set_intersection(a.known_.begin(), a.known_.end(), b.known_.begin(), b.known_.end(),
                        std::inserter(both.known_, both.known_.begin()));
  both.socket_ = std::min(a.socket_, b.socket_);
  return both;
}

}  // namespace netc::differential
