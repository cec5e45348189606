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
    default:
      return 8;
  }
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
  std::vector<Type> own;
  for (uint32_t i = 0; i < pipeline.enums.size(); ++i) {
    const EnumType& decl = pipeline.enums[i];
    if (decl.name.empty()) continue;
    own.push_back({decl.name[0] == 'F' ? Kind::kFlags : Kind::kEnum, decl.bits, false, i});
  }
  if (!own.empty() && choices.Chance(60)) return choices.Of(own);
  return Unsigned(choices.OneOf<uint8_t>({12, 4, 24, 3, 48, 1, 20}));
}

Type AnyType(Pipeline& pipeline) {
  if (!pipeline.structs.empty() && pipeline.choices.Chance(25)) {
    return {Kind::kStruct, 0, false,
            pipeline.choices.Below(static_cast<uint32_t>(pipeline.structs.size()))};
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
    Type type = choices.Chance(10) ? AnyType(pipeline) : AnyScalar(pipeline);
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

void WriteConstant(Pipeline& pipeline) {
  Choices& choices = pipeline.choices;
  std::string name = pipeline.Name("c");
  if (choices.Chance(25)) {
    Kind family = choices.OneOf({Kind::kIpv4, Kind::kIpv6});
    pipeline.items += fmt::format("const {} = {};\n", name, PrefixText(choices, family));
    pipeline.prefixes.emplace_back(name, Plain(family));
    return;
  }
  Type type = choices.Chance(15) ? AnyType(pipeline) : AnyScalar(pipeline);
  bool is_time = type.kind == Kind::kTime;
  std::string value = is_time ? "5 as time" : Literal(pipeline, type).s;
  // Constants may rest on others.
  if (type.kind == Kind::kInteger && !type.is_signed && choices.Chance(30)) {
    value = fmt::format("({} as {}) {} {}", choices.Below(100), pipeline.TypeName(type),
                        choices.OneOf({"+", "*", "-", "/", "%", "<<", ">>", "^"}),
                        type.bits > 3 ? choices.Below(8) : 1);
  }
  pipeline.items += fmt::format("const {}: {} = {};\n", name, pipeline.TypeName(type), value);
  pipeline.consts.push_back({name, type, false});
}

void WriteParameter(Pipeline& pipeline) {
  Choices& choices = pipeline.choices;
  std::string name = pipeline.Name("p");
  Type type = AnyScalar(pipeline);
  if (type.kind == Kind::kTime) type = Plain(Kind::kDuration);
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

// --- States ------------------------------------------------------------------------------

std::string Entries(Pipeline& pipeline, const StateDecl& state, bool with_key, bool with_value) {
  Choices& choices = pipeline.choices;
  bool prefixes = state.form == StateForm::kPrefixes || state.form == StateForm::kPrefixSet;
  std::set<std::string> keys;
  std::string list;
  uint32_t count = std::min(choices.Below(4), state.capacity);
  for (uint32_t i = 0; i < count; ++i) {
    std::string entry;
    if (with_key) {
      entry = prefixes ? PrefixText(choices, state.key.kind) : Literal(pipeline, state.key).s;
      // The same number can be written in several ways; a tuple's parts as well.
      bool plain = state.key.kind == Kind::kIpv4 || state.key.kind == Kind::kMac || prefixes;
      if (!plain && i > 0) break;
      if (!keys.insert(entry).second) continue;
      if (state.key.kind == Kind::kIp && i > 0) break;
    }
    if (with_value) entry += (with_key ? ": " : "") + Literal(pipeline, state.value).s;
    list += (list.empty() ? "" : ", ") + entry;
  }
  return list.empty() ? "" : " = { " + list + " }";
}

void WriteState(Pipeline& pipeline) {
  Choices& choices = pipeline.choices;
  StateDecl made;
  made.name = pipeline.Name("s");
  made.form = static_cast<StateForm>(choices.Weighted({5, 2, 3, 3, 3, 3, 2, 3, 2, 2, 0}));
  made.capacity = choices.OneOf({64u, 2u, 1000u, 1u, 3u, 7u});
  made.key = choices.Chance(25) ? AnyType(pipeline) : AnyScalar(pipeline);
  made.value = choices.Chance(30) ? AnyType(pipeline) : AnyScalar(pipeline);
  std::string key = pipeline.TypeName(made.key), value = pipeline.TypeName(made.value), kind;
  // Which entry gives way is the kernel's affair: there is room for all.
  constexpr uint32_t kRoom = 16384;
  auto size = [&] {
    if (!choices.Chance(25)) return std::to_string(made.capacity);
    made.capacity = kRoom;
    return fmt::format("lru: {}", kRoom);
  };
  std::string rate = Literal(pipeline, Plain(Kind::kFrequency)).s;
  std::string burst = fmt::format(", burst: {}", choices.Below(12));
  for (const Variable& param : pipeline.params) {
    if (param.type.kind == Kind::kFrequency && choices.Chance(40)) rate = param.name;
    if (param.type == Unsigned(64) && choices.Chance(40)) burst = ", burst: " + param.name;
  }
  if (choices.Chance(30)) burst = "";
  bool fill_key = false, fill_value = false;
  switch (made.form) {
    case StateForm::kHash:
      kind = fmt::format("hash<{}, {}>({})", key, value, size());
      fill_key = fill_value = true;
      break;
    case StateForm::kLru:
      made.capacity = kRoom;
      kind = fmt::format("lru<{}, {}>({})", key, value, kRoom);
      fill_key = fill_value = true;
      break;
    case StateForm::kArray:
      made.key = Unsigned(32);
      made.capacity = std::min(made.capacity, 64u);
      kind = fmt::format("array<{}>({})", value, made.capacity);
      fill_value = true;
      break;
    case StateForm::kSet:
      kind = fmt::format("set<{}>({})", key, size());
      fill_key = true;
      break;
    case StateForm::kPrefixSet:
    case StateForm::kPrefixes: {
      bool values = made.form == StateForm::kPrefixes;
      made.key = Plain(choices.OneOf({Kind::kIpv4, Kind::kIp, Kind::kIpv6}));
      key = pipeline.TypeName(made.key);
      kind = fmt::format("prefixes<{}{}>({})", key, values ? ", " + value : "", made.capacity);
      fill_key = true;
      fill_value = values;
      break;
    }
    case StateForm::kCounter:
      made.value = Unsigned(64);
      kind = "counter";
      break;
    case StateForm::kCounterBy:
      made.value = Unsigned(64);
      kind = fmt::format("counter<{}>({})", key, size());
      break;
    case StateForm::kLimiter:
      kind = fmt::format("limiter({}{})", rate, burst);
      break;
    case StateForm::kLimiterBy:
      kind = fmt::format("limiter<{}>({}{}, {})", key, rate, burst, size());
      break;
    case StateForm::kSlots:
      break;
  }
  bool per_cpu = choices.Chance(15) && made.form != StateForm::kPrefixSet &&
                 made.form != StateForm::kPrefixes && made.form != StateForm::kLimiter &&
                 made.form != StateForm::kLimiterBy && made.form != StateForm::kSet;
  std::string entries;
  if (fill_key || fill_value) entries = Entries(pipeline, made, fill_key, fill_value);
  pipeline.items +=
      fmt::format("state {}: {}{}{};\n", made.name, per_cpu ? "per cpu " : "", kind, entries);
  pipeline.states.push_back(std::move(made));
}

void WriteSlots(Pipeline& pipeline) {
  Choices& choices = pipeline.choices;
  StateDecl made;
  made.name = pipeline.Name("s");
  made.form = StateForm::kSlots;
  made.word = choices.OneOf({"devices", "cpus", "sockets"});
  made.capacity = made.word == "cpus" ? 1 : 4;
  std::string entries;
  if (made.word == "devices") entries = choices.OneOf({" = { \"lo\" }", "", " = { 2: \"lo\" }"});
  if (made.word == "cpus") entries = choices.OneOf({" = { 0 }", ""});
  pipeline.items +=
      fmt::format("state {}: {}({}){};\n", made.name, made.word, made.capacity, entries);
  pipeline.states.push_back(std::move(made));
}

}  // namespace

void WriteItems(Pipeline& pipeline) {
  Choices& choices = pipeline.choices;
  auto repeat = [&](uint32_t most, auto write) {
    for (uint32_t i = choices.Below(most + 1); i > 0; --i) write(pipeline);
  };
  repeat(2, WriteEnum);
  repeat(3, WriteStruct);
  repeat(3, WriteConstant);
  repeat(3, WriteParameter);
  repeat(2, WriteEvent);
  if (choices.Chance(25)) WriteHeader(pipeline);
  for (uint32_t i = choices.Between(1, 5); i > 0; --i) WriteState(pipeline);
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
  return both;
}

}  // namespace netc::differential
