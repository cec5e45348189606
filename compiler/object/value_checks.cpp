#include "compiler/object/value_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "compiler/object/form.h"
#include "compiler/object/host_order.h"

namespace netc::object {

namespace {

bool IsTuple(const TypeInfo& type) {
  return !type.fields.empty() && type.fields.front().name == "0";
}

uint32_t SignificantBits(const TypeInfo& type) {
  return type.bits ? type.bits : type.size * 8;
}

uint64_t LargestUnsigned(uint32_t bits) {
  return bits >= 64 ? ~0ull : (1ull << bits) - 1;
}

// Clears the bits of `address` from `length` on; whether any was set.
bool ClearHostBits(Bytes& address, uint32_t length) {
  bool any = false;
  for (uint32_t i = 0; i < address.size(); ++i) {
    uint32_t kept = std::min(8u, length > i * 8 ? length - i * 8 : 0);
    uint8_t mask = static_cast<uint8_t>(0xff00u >> kept);
    any = any || (address[i] & ~mask) != 0;
    address[i] &= mask;
  }
  return any;
}

}  // namespace

std::string Noun(const TypeInfo& type) {
  return type.name.empty() ? std::string(FormName(type.form)) : type.name;
}

std::string Shape(const TypeInfo& type) {
  std::vector<std::string> parts;
  for (const TypeInfo::Field& field : type.fields) {
    parts.push_back(IsTuple(type) ? Noun(field.type) : field.name + ": " + Noun(field.type));
  }
  return IsTuple(type) ? fmt::format("({})", fmt::join(parts, ", "))
                       : fmt::format("{{ {} }}", fmt::join(parts, ", "));
}

ValueResult StoreChecked(const TypeInfo& type, bool negative, uint64_t magnitude) {
  uint32_t bits = SignificantBits(type);
  std::string shown = fmt::format("{}{}", negative ? "-" : "", magnitude);
  if (type.form == Form::kSigned) {
    uint64_t most = LargestUnsigned(bits - 1) + (negative ? 1 : 0);
    if (magnitude > most) return fmt::format("`{}` is beyond what {} holds", shown, Noun(type));
    return StoreInteger(negative ? 0 - magnitude : magnitude, type.size);
  }
  if (negative && magnitude != 0) {
    return fmt::format("`{}` is negative, {} is not", shown, Noun(type));
  }
  if (magnitude > LargestUnsigned(bits)) {
    return fmt::format("`{}` is more than {} holds", shown, Noun(type));
  }
  return StoreInteger(magnitude, type.size);
}

ValueResult StorePrefix(const TypeInfo& type, uint32_t length, Bytes address,
                        std::string_view text) {
  Bytes bytes = StoreInteger(length, 4);
  if (ClearHostBits(address, length)) {
    bytes.insert(bytes.end(), address.begin(), address.end());
    return fmt::format("`{}` has bits beyond its length; the prefix is `{}`", text,
                       FormatValue(type, bytes.data()));
  }
  bytes.insert(bytes.end(), address.begin(), address.end());
  return bytes;
}

ValueResult StoreString(const TypeInfo& type, std::string_view text) {
  if (text.size() > type.size) {
    return fmt::format("text of {} bytes, {} fit", text.size(), type.size);
  }
  if (text.find('\0') != std::string_view::npos) return std::string("text holds a NUL byte");
  Bytes bytes(type.size);
  std::copy(text.begin(), text.end(), bytes.begin());
  return bytes;
}

}  // namespace netc::object
