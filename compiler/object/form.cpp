#include "compiler/object/form.h"

#include <fmt/format.h>

#include <cstddef>
#include <iterator>

namespace netc::object {

namespace {

// A size of 0 means that the type itself says how large it is.
struct FormRow {
  Form form;
  std::string_view name;
  uint32_t size;
};

constexpr FormRow kForms[] = {
    {Form::kBool, "bool", 1},         {Form::kUnsigned, "unsigned", 0},
    {Form::kSigned, "signed", 0},     {Form::kPort, "port", 2},
    {Form::kDuration, "duration", 8}, {Form::kFrequency, "frequency", 8},
    {Form::kBitrate, "bitrate", 8},   {Form::kSize, "size", 8},
    {Form::kTime, "time", 8},         {Form::kIpv4, "ipv4", 4},
    {Form::kIpv6, "ipv6", 16},        {Form::kIp, "ip", 16},
    {Form::kMac, "mac", 6},           {Form::kPrefix, "prefix", 0},
    {Form::kBytes, "bytes", 0},       {Form::kString, "string", 0},
    {Form::kEnum, "enum", 0},         {Form::kStruct, "struct", 0},
    {Form::kArray, "array", 0},
};

bool IsWordSize(uint32_t size) {
  return size == 1 || size == 2 || size == 4 || size == 8;
}

bool IsAddress(Form form) {
  return form == Form::kIpv4 || form == Form::kIpv6 || form == Form::kIp;
}

std::string Check(const TypeInfo& type, int depth);

std::string CheckInteger(const TypeInfo& type) {
  if (!IsWordSize(type.size)) return fmt::format("an integer of {} bytes", type.size);
  if (type.bits > type.size * 8) return fmt::format("{} bits in {} bytes", type.bits, type.size);
  return {};
}

std::string CheckStruct(const TypeInfo& type, int depth) {
  for (const TypeInfo::Field& field : type.fields) {
    if (std::string why = Check(field.type, depth + 1); !why.empty()) return why;
    if (uint64_t{field.offset} + field.type.size > type.size) {
      return fmt::format("field `{}` ends beyond its struct", field.name);
    }
  }
  return {};
}

std::string CheckElement(const TypeInfo& type, int depth) {
  if (type.element.size() != 1) return "an array or prefix without its element's type";
  const TypeInfo& element = type.element.front();
  if (std::string why = Check(element, depth + 1); !why.empty()) return why;
  if (type.form == Form::kPrefix) {
    bool fits = IsAddress(element.form) && type.size == 4 + element.size;
    return fits ? "" : "a prefix that is no length and address";
  }
  bool fits = element.size > 0 && uint64_t{element.size} * type.count == type.size;
  return fits ? "" : fmt::format("an array of {} elements in {} bytes", type.count, type.size);
}

std::string Check(const TypeInfo& type, int depth) {
  if (depth > kMaxTypeDepth) return "a type that is nested too deeply";
  if (type.size == 0 || type.size > kMaxTypeSize) {
    return fmt::format("a type of {} bytes", type.size);
  }
  uint32_t fixed = kForms[static_cast<size_t>(type.form)].size;
  if (fixed != 0) {
    return type.size == fixed ? ""
                              : fmt::format("`{}` of {} bytes", FormName(type.form), type.size);
  }
  switch (type.form) {
    case Form::kUnsigned:
    case Form::kSigned:
    case Form::kEnum:
      return CheckInteger(type);
    case Form::kStruct:
      return CheckStruct(type, depth);
    case Form::kArray:
    case Form::kPrefix:
      return CheckElement(type, depth);
    default:
      return {};
  }
}

}  // namespace

std::string_view FormName(Form form) {
  return kForms[static_cast<size_t>(form)].name;
}

std::optional<Form> FormNamed(std::string_view name) {
  for (const FormRow& row : kForms) {
    if (row.name == name) return row.form;
  }
  return std::nullopt;
}

std::string CheckType(const TypeInfo& type) {
  return Check(type, 0);
}

}  // namespace netc::object
