#include <fmt/format.h>

#include <cstring>
#include <vector>

#include "compiler/object/address.h"
#include "compiler/object/host_order.h"
#include "compiler/object/quantity.h"
#include "compiler/object/quoted.h"
#include "compiler/object/value.h"

namespace netc::object {

namespace {

std::string FormatPrefix(const TypeInfo& type, const uint8_t* value) {
  const TypeInfo& element = type.element.front();
  uint32_t length = LoadAs<uint32_t>(value);
  bool mapped = element.form == Form::kIp && IsMappedIpv4(value + 4) && length >= 96;
  return fmt::format("{}/{}", FormatAddress(element.form, value + 4),
                     mapped ? length - 96 : length);
}

std::string FormatEnum(const TypeInfo& type, uint64_t value) {
  for (const auto& name : type.names) {
    if (name.second == value) return name.first;
  }
  return fmt::format("{}", value);
}

std::string FormatStruct(const TypeInfo& type, const uint8_t* value) {
  bool tuple = !type.fields.empty() && type.fields.front().name == "0";
  std::vector<std::string> parts;
  for (const TypeInfo::Field& field : type.fields) {
    std::string text = FormatValue(field.type, value + field.offset);
    parts.push_back(tuple ? text : field.name + ": " + text);
  }
  return tuple ? fmt::format("({})", fmt::join(parts, ", "))
               : fmt::format("{{ {} }}", fmt::join(parts, ", "));
}

std::string FormatArray(const TypeInfo& type, const uint8_t* value) {
  std::vector<std::string> parts;
  const TypeInfo& element = type.element.front();
  for (uint32_t i = 0; i < type.count; ++i) {
    parts.push_back(FormatValue(element, value + i * element.size));
  }
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

std::string_view StringAt(const TypeInfo& type, const uint8_t* value) {
  auto text = reinterpret_cast<const char*>(value);
  return {text, strnlen(text, type.size)};
}

}  // namespace

std::string FormatValue(const TypeInfo& type, const uint8_t* value) {
  switch (type.form) {
    case Form::kBool:
      return *value ? "true" : "false";
    case Form::kUnsigned:
    case Form::kPort:
      return fmt::format("{}", LoadUnsigned(value, type.size));
    case Form::kSigned:
      return fmt::format("{}", LoadSigned(value, type.size));
    case Form::kEnum:
      return FormatEnum(type, LoadUnsigned(value, type.size));
    case Form::kIpv4:
    case Form::kIpv6:
    case Form::kIp:
    case Form::kMac:
      return FormatAddress(type.form, value);
    case Form::kPrefix:
      return FormatPrefix(type, value);
    case Form::kBytes:
      return fmt::format("0x{:02x}", fmt::join(value, value + type.size, ""));
    case Form::kString:
      return Quote(StringAt(type, value));
    case Form::kStruct:
      return FormatStruct(type, value);
    case Form::kArray:
      return FormatArray(type, value);
    default:
      return FormatQuantity(type.form, LoadAs<uint64_t>(value));
  }
}

}  // namespace netc::object
