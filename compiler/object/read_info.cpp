#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "compiler/object/form.h"
#include "compiler/object/json_names.h"
#include "compiler/object/object_info.h"
#include "compiler/object/validate_info.h"

namespace netc::object {

namespace {

using Json = nlohmann::json;

// Largest metadata that is read: 1,000,000 initial entries take 60 MB.
constexpr size_t kMaxMetadataBytes = 256u << 20;

// Never leaves this file: Parse turns it into its result.
struct Malformed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

const Json& Member(const Json& json, const char* key) {
  auto found = json.is_object() ? json.find(key) : json.end();
  if (found == json.end()) throw Malformed(fmt::format("`{}` is missing", key));
  return *found;
}

const Json& Item(const Json& json, size_t index) {
  if (!json.is_array() || index >= json.size()) throw Malformed("a list is too short");
  return json[index];
}

template <typename Integer>
Integer ReadInteger(const Json& json) {
  if (json.is_number_unsigned()) {
    uint64_t value = json.get<uint64_t>();
    if (value <= static_cast<uint64_t>(std::numeric_limits<Integer>::max())) {
      return static_cast<Integer>(value);
    }
  } else if (json.is_number_integer() && std::numeric_limits<Integer>::is_signed) {
    int64_t value = json.get<int64_t>();
    if (value >= static_cast<int64_t>(std::numeric_limits<Integer>::min())) {
      return static_cast<Integer>(value);
    }
  }
  throw Malformed("a number is out of range");
}

std::string ReadText(const Json& json) {
  if (!json.is_string()) throw Malformed("text is expected, something else is there");
  return json.get<std::string>();
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  throw Malformed("bytes are not hexadecimal");
}

Bytes ReadBytes(const Json& json) {
  std::string text = ReadText(json);
  if (text.size() % 2 != 0) throw Malformed("bytes are not hexadecimal");
  Bytes bytes(text.size() / 2);
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<uint8_t>(HexDigit(text[2 * i]) << 4 | HexDigit(text[2 * i + 1]));
  }
  return bytes;
}

// Members that Serialize leaves out when they have their default.
void Get(const Json& json, const char* key, std::string& to) {
  if (auto found = json.find(key); found != json.end()) to = ReadText(*found);
}

void Get(const Json& json, const char* key, uint32_t& to) {
  if (auto found = json.find(key); found != json.end()) to = ReadInteger<uint32_t>(*found);
}

void Get(const Json& json, const char* key, bool& to) {
  auto found = json.find(key);
  if (found == json.end()) return;
  if (!found->is_boolean()) throw Malformed(fmt::format("`{}` is neither true nor false", key));
  to = found->get<bool>();
}

template <typename Value, typename Read>
void GetList(const Json& json, const char* key, std::vector<Value>& to, Read read) {
  auto found = json.find(key);
  if (found == json.end()) return;
  if (!found->is_array()) throw Malformed(fmt::format("`{}` is no list", key));
  to.reserve(found->size());
  for (const Json& item : *found) to.push_back(read(item));
}

TypeInfo ReadType(const Json& json, int depth);

TypeInfo::Field ReadField(const Json& json, int depth) {
  TypeInfo::Field field;
  field.name = ReadText(Member(json, "name"));
  Get(json, "offset", field.offset);
  field.type = ReadType(Member(json, "type"), depth + 1);
  return field;
}

TypeInfo ReadType(const Json& json, int depth) {
  if (depth > kMaxTypeDepth) throw Malformed("a type is nested too deeply");
  TypeInfo type;
  std::string form = ReadText(Member(json, "form"));
  std::optional<Form> known = FormNamed(form);
  if (!known) throw Malformed(fmt::format("`{}` is no form that this netc knows", form));
  type.form = *known;
  type.size = ReadInteger<uint32_t>(Member(json, "size"));
  Get(json, "name", type.name);
  Get(json, "bits", type.bits);
  Get(json, "count", type.count);
  GetList(json, "fields", type.fields, [&](const Json& item) { return ReadField(item, depth); });
  GetList(json, "names", type.names, [](const Json& item) {
    return std::pair(ReadText(Item(item, 0)), ReadInteger<uint64_t>(Item(item, 1)));
  });
  GetList(json, "element", type.element,
          [&](const Json& item) { return ReadType(item, depth + 1); });
  return type;
}

Place ReadPlace(const Json& json) {
  return {ReadText(Item(json, 0)), ReadInteger<uint32_t>(Item(json, 1)),
          ReadInteger<uint32_t>(Item(json, 2))};
}

Attribute ReadAttribute(const Json& json) {
  Attribute attribute;
  attribute.name = ReadText(Member(json, "name"));
  attribute.value = ReadText(Member(json, "value"));
  Get(json, "is_param", attribute.is_param);
  return attribute;
}

Verdict ReadVerdict(const Json& json) {
  return {ReadText(Item(json, 0)), ReadInteger<int64_t>(Item(json, 1))};
}

Rule ReadRule(const Json& json) {
  Rule rule;
  rule.index = ReadInteger<uint32_t>(Member(json, "index"));
  rule.place = ReadPlace(Member(json, "place"));
  rule.text = ReadText(Member(json, "text"));
  Get(json, "verdict", rule.verdict);
  return rule;
}

Program ReadProgram(const Json& json) {
  Program program;
  program.name = ReadText(Member(json, "name"));
  program.function = ReadText(Member(json, "function"));
  program.hook = ReadText(Member(json, "hook"));
  program.place = ReadPlace(Member(json, "place"));
  GetList(json, "attributes", program.attributes, ReadAttribute);
  GetList(json, "verdicts", program.verdicts, ReadVerdict);
  GetList(json, "rules", program.rules, ReadRule);
  Get(json, "changes_sums", program.changes_sums);
  Get(json, "sends_copies", program.sends_copies);
  return program;
}

std::optional<TypeInfo> ReadOptionalType(const Json& json, const char* key) {
  auto found = json.find(key);
  if (found == json.end()) return std::nullopt;
  return ReadType(*found, 0);
}

State ReadState(const Json& json) {
  State state;
  state.name = ReadText(Member(json, "name"));
  state.map = ReadText(Member(json, "map"));
  state.kind = ReadText(Member(json, "kind"));
  Get(json, "documentation", state.documentation);
  Get(json, "per_cpu", state.per_cpu);
  state.key = ReadOptionalType(json, "key");
  state.value = ReadOptionalType(json, "value");
  state.capacity = ReadInteger<uint32_t>(Member(json, "capacity"));
  if (json.contains("expires")) state.expires = ReadInteger<uint64_t>(json["expires"]);
  if (json.contains("idle")) state.idle = ReadInteger<uint64_t>(json["idle"]);
  Get(json, "swappable", state.swappable);
  if (json.contains("step")) state.step = ReadInteger<uint64_t>(json["step"]);
  if (json.contains("buckets")) state.buckets = ReadInteger<uint32_t>(json["buckets"]);
  Get(json, "table", state.table);
  Get(json, "by_key", state.by_key);
  if (json.contains("parts")) state.parts = ReadInteger<uint32_t>(json["parts"]);
  GetList(json, "initial", state.initial, [](const Json& item) {
    return Entry{ReadBytes(Item(item, 0)), ReadBytes(Item(item, 1)),
                 item.size() > 2 ? ReadText(Item(item, 2)) : ""};
  });
  GetList(json, "copies", state.copies, [](const Json& item) { return ReadText(item); });
  return state;
}

Parameter ReadParameter(const Json& json) {
  Parameter parameter;
  parameter.name = ReadText(Member(json, "name"));
  Get(json, "documentation", parameter.documentation);
  parameter.type = ReadType(Member(json, "type"), 0);
  parameter.initial = ReadBytes(Member(json, "initial"));
  Get(json, "symbol", parameter.symbol);
  return parameter;
}

Event ReadEvent(const Json& json) {
  Event event;
  event.id = ReadInteger<uint32_t>(Member(json, "id"));
  event.name = ReadText(Member(json, "name"));
  Get(json, "documentation", event.documentation);
  event.size = ReadInteger<uint32_t>(Member(json, "size"));
  GetList(json, "fields", event.fields, [](const Json& item) { return ReadField(item, 0); });
  return event;
}

LineMapping ReadLine(const Json& json) {
  return {ReadInteger<uint32_t>(Item(json, 0)),
          {ReadText(Item(json, 1)), ReadInteger<uint32_t>(Item(json, 2)),
           ReadInteger<uint32_t>(Item(json, 3))}};
}

void CheckFormat(const Json& json) {
  int format = ReadInteger<int>(Member(json, "format"));
  if (format == kObjectFormat) return;
  throw Malformed(
      fmt::format("format {} is not the one that this netc reads, {}", format, kObjectFormat));
}

ObjectInfo ReadInfo(const Json& json) {
  CheckFormat(json);
  ObjectInfo info;
  info.pipeline = ReadText(Member(json, "pipeline"));
  info.netc_version = ReadText(Member(json, "netc_version"));
  const Json& kernel = Member(json, "kernel");
  info.kernel_major = ReadInteger<uint32_t>(Item(kernel, 0));
  info.kernel_minor = ReadInteger<uint32_t>(Item(kernel, 1));
  GetList(json, "programs", info.programs, ReadProgram);
  GetList(json, "states", info.states, ReadState);
  GetList(json, "parameters", info.parameters, ReadParameter);
  GetList(json, "events", info.events, ReadEvent);
  GetList(json, "faults", info.faults, ReadText);
  GetList(json, "lines", info.lines, ReadLine);
  Get(json, "beyond_guarantee", info.beyond_guarantee);
  for (const NameMember& name : kNameMembers) Get(json, name.key, info.*name.member);
  return info;
}

}  // namespace

ParseResult Parse(std::string_view text) {
  if (text.size() > kMaxMetadataBytes) return {std::nullopt, "its metadata is too large"};
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return {std::nullopt, "its metadata is not JSON"};
  try {
    ObjectInfo info = ReadInfo(json);
    if (std::string why = Validate(info); !why.empty()) {
      return {std::nullopt, fmt::format("its metadata describes {}", why)};
    }
    return {std::move(info), {}};
  } catch (const Malformed& malformed) {
    return {std::nullopt, fmt::format("its metadata is broken: {}", malformed.what())};
  }
}

}  // namespace netc::object
