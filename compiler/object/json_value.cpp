#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "compiler/object/host_order.h"
#include "compiler/object/quantity.h"
#include "compiler/object/value.h"
#include "compiler/object/value_checks.h"

namespace netc::object {

namespace {

using Json = nlohmann::json;

// A number of JSON counts what people count: nanoseconds, events a second, bits a
// second, bytes. All but the frequency are the word itself.
ValueResult FromFrequency(const TypeInfo& type, const Json& json) {
  double word = std::round(json.get<double>() * 1e6);
  // 2^64 as a double; at and beyond it the conversion is undefined.
  if (!(word >= 0 && word < 18446744073709551616.0)) {
    return fmt::format("`{}` is no frequency", json.dump());
  }
  return StoreInteger(static_cast<uint64_t>(word), type.size);
}

ValueResult FromInteger(const TypeInfo& type, const Json& json) {
  bool negative = json.is_number_integer() && !json.is_number_unsigned() && json.get<int64_t>() < 0;
  uint64_t magnitude =
      negative ? 0 - static_cast<uint64_t>(json.get<int64_t>()) : json.get<uint64_t>();
  if (!IsQuantity(type.form)) return StoreChecked(type, negative, magnitude);
  if (negative) return fmt::format("`{}` is negative, {} is not", json.dump(), Noun(type));
  return StoreInteger(magnitude, type.size);
}

ValueResult FromNumber(const TypeInfo& type, const Json& json) {
  switch (type.form) {
    case Form::kFrequency:
      return FromFrequency(type, json);
    case Form::kBool:
    case Form::kUnsigned:
    case Form::kSigned:
    case Form::kPort:
    case Form::kEnum:
    case Form::kDuration:
    case Form::kBitrate:
    case Form::kSize:
    case Form::kTime:
      if (json.is_number_integer()) return FromInteger(type, json);
      break;
    default:
      break;
  }
  return fmt::format("`{}` is no {}", json.dump(), Noun(type));
}

ValueResult FromObject(const TypeInfo& type, const Json& json) {
  if (type.form != Form::kStruct) return fmt::format("an object is no {}", Noun(type));
  Bytes bytes(type.size);
  for (const TypeInfo::Field& field : type.fields) {
    auto found = json.find(field.name);
    if (found == json.end()) return fmt::format("field `{}` is missing", field.name);
    ValueResult value = ParseJsonValue(field.type, *found);
    if (auto* why = std::get_if<std::string>(&value)) {
      return fmt::format("field `{}`: {}", field.name, *why);
    }
    std::memcpy(bytes.data() + field.offset, std::get<Bytes>(value).data(), field.type.size);
  }
  if (json.size() == type.fields.size()) return bytes;
  for (const auto& member : json.items()) {
    auto known = [&](const TypeInfo::Field& field) { return field.name == member.key(); };
    if (std::none_of(type.fields.begin(), type.fields.end(), known)) {
      return fmt::format("{} has no field `{}`", Noun(type), member.key());
    }
  }
  return bytes;
}

ValueResult FromList(const TypeInfo& type, const Json& json) {
  bool array = type.form == Form::kArray;
  if (!array && type.form != Form::kStruct) return fmt::format("a list is no {}", Noun(type));
  size_t wanted = array ? type.count : type.fields.size();
  if (json.size() != wanted) {
    return fmt::format("a list of {}, {} has {}", json.size(), Noun(type), wanted);
  }
  Bytes bytes(type.size);
  for (size_t i = 0; i < wanted; ++i) {
    const TypeInfo& part = array ? type.element.front() : type.fields[i].type;
    size_t offset = array ? i * part.size : type.fields[i].offset;
    ValueResult value = ParseJsonValue(part, json[i]);
    if (std::holds_alternative<std::string>(value)) return value;
    std::memcpy(bytes.data() + offset, std::get<Bytes>(value).data(), part.size);
  }
  return bytes;
}

Json FrequencyJson(uint64_t word) {
  if (word % 1'000'000 == 0) return word / 1'000'000;
  double number = static_cast<double>(word) / 1e6;
  // Where a double would round, the text keeps the value exact.
  if (std::round(number * 1e6) == static_cast<double>(word) && word < (1ull << 53)) return number;
  return FormatQuantity(Form::kFrequency, word);
}

Json StructJson(const TypeInfo& type, const uint8_t* value) {
  Json json = Json::object();
  for (const TypeInfo::Field& field : type.fields) {
    json[field.name] = JsonValue(field.type, value + field.offset);
  }
  bool tuple = !type.fields.empty() && type.fields.front().name == "0";
  if (!tuple) return json;
  Json list = Json::array();
  for (const TypeInfo::Field& field : type.fields) list.push_back(json[field.name]);
  return list;
}

Json ArrayJson(const TypeInfo& type, const uint8_t* value) {
  Json list = Json::array();
  const TypeInfo& element = type.element.front();
  for (uint32_t i = 0; i < type.count; ++i) {
    list.push_back(JsonValue(element, value + i * element.size));
  }
  return list;
}

// Bytes that are no UTF-8 cannot stand in JSON as they are.
Json StringJson(const TypeInfo& type, const uint8_t* value) {
  std::string text(reinterpret_cast<const char*>(value),
                   strnlen(reinterpret_cast<const char*>(value), type.size));
  bool ascii = std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; });
  return ascii ? text : FormatValue(type, value);
}

}  // namespace

ValueResult ParseJsonValue(const TypeInfo& type, const Json& json) {
  if (json.is_string()) {
    const auto& text = json.get_ref<const std::string&>();
    bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    bool plain = type.form == Form::kString && !quoted;
    return plain ? StoreString(type, text) : ParseValue(type, text);
  }
  if (json.is_boolean() && type.form == Form::kBool) {
    return Bytes{static_cast<uint8_t>(json.get<bool>())};
  }
  if (json.is_number()) return FromNumber(type, json);
  if (json.is_object()) return FromObject(type, json);
  if (json.is_array()) return FromList(type, json);
  return fmt::format("`{}` is no {}", json.dump(), Noun(type));
}

Json JsonValue(const TypeInfo& type, const uint8_t* value) {
  switch (type.form) {
    case Form::kBool:
      return *value != 0;
    case Form::kUnsigned:
    case Form::kPort:
      return LoadUnsigned(value, type.size);
    case Form::kSigned:
      return LoadSigned(value, type.size);
    case Form::kDuration:
    case Form::kBitrate:
    case Form::kSize:
    case Form::kTime:
      return LoadAs<uint64_t>(value);
    case Form::kFrequency:
      return FrequencyJson(LoadAs<uint64_t>(value));
    case Form::kString:
      return StringJson(type, value);
    case Form::kStruct:
      return StructJson(type, value);
    case Form::kArray:
      return ArrayJson(type, value);
    default:
      return FormatValue(type, value);
  }
}

}  // namespace netc::object
