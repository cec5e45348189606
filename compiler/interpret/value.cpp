#include "compiler/interpret/value.h"

#include <algorithm>
#include <cstring>

#include "compiler/interpret/arithmetic.h"

namespace netc::interpret {

using sema::TypeId;
using sema::TypeKind;
using sema::TypeTable;

bool IsAddress(const TypeTable& types, TypeId type) {
  TypeKind kind = types[type].kind;
  return kind == TypeKind::kIpv4 || kind == TypeKind::kIpv6 || kind == TypeKind::kIp ||
         kind == TypeKind::kMac;
}

bool IsInMemory(const TypeTable& types, TypeId type) {
  return types[type].kind == TypeKind::kStruct || types[type].kind == TypeKind::kArray;
}

Value Load(const TypeTable& types, TypeId type, const uint8_t* memory) {
  Value value;
  TypeKind kind = types[type].kind;
  if (IsInMemory(types, type)) {
    value.memory = memory;
  } else if (IsAddress(types, type)) {
    std::memcpy(value.address.data(), memory, types.SizeOf(type));
  } else if (kind == TypeKind::kPrefix) {
    std::memcpy(&value.number, memory, 4);
    std::memcpy(value.address.data(), memory + 4, types.SizeOf(type) - 4);
  } else {
    std::memcpy(&value.number, memory, types.SizeOf(type));  // least significant byte first
    value.number = Wrap(types, type, value.number);
  }
  return value;
}

void Store(const TypeTable& types, TypeId type, const Value& value, uint8_t* memory) {
  TypeKind kind = types[type].kind;
  uint32_t size = types.SizeOf(type);
  if (IsInMemory(types, type)) {
    std::memmove(memory, value.memory, size);
  } else if (IsAddress(types, type)) {
    std::memcpy(memory, value.address.data(), size);
  } else if (kind == TypeKind::kPrefix) {
    std::memcpy(memory, &value.number, 4);
    std::memcpy(memory + 4, value.address.data(), size - 4);
  } else {
    std::memcpy(memory, &value.number, size);
  }
}

bool Equal(const TypeTable& types, TypeId type, const Value& a, const Value& b) {
  if (IsAddress(types, type)) return a.address == b.address;
  if (!IsInMemory(types, type)) return a.number == b.number && a.address == b.address;
  if (types[type].kind == TypeKind::kArray) {
    TypeId element = types[type].element;
    uint32_t size = types.SizeOf(element);
    for (uint32_t at = 0; at < types.SizeOf(type); at += size) {
      Value left = Load(types, element, a.memory + at), right = Load(types, element, b.memory + at);
      if (!Equal(types, element, left, right)) return false;
    }
    return true;
  }
  const auto& fields = types.struct_of(type).fields;
  return std::all_of(fields.begin(), fields.end(), [&](const sema::StructField& field) {
    return Equal(types, field.type, Load(types, field.type, a.memory + field.offset),
                 Load(types, field.type, b.memory + field.offset));
  });
}

bool SharePrefix(const uint8_t* a, const uint8_t* b, uint32_t bits) {
  if (std::memcmp(a, b, bits / 8) != 0) return false;
  uint32_t rest = bits % 8;
  return rest == 0 || (a[bits / 8] ^ b[bits / 8]) >> (8 - rest) == 0;
}

bool IsMappedIpv4(const uint8_t* ip) {
  constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::memcmp(ip, kMapped, sizeof kMapped) == 0;
}

Value Convert(const TypeTable& types, TypeId to, TypeId from, const Value& value) {
  TypeKind wanted = types[to].kind, given = types[from].kind;
  if (to == from) return value;
  Value result;
  if (wanted == TypeKind::kIp && given == TypeKind::kIpv4) {
    result.address[10] = result.address[11] = 0xff;
    std::copy_n(value.address.begin(), 4, result.address.begin() + 12);
    return result;
  }
  if (IsAddress(types, to) && IsAddress(types, from)) return value;
  if (wanted == TypeKind::kIpv4) {
    for (int i = 0; i < 4; ++i) {
      result.address[static_cast<size_t>(i)] = static_cast<uint8_t>(value.number >> (24 - 8 * i));
    }
    return result;
  }
  if (given == TypeKind::kIpv4) {
    for (size_t i = 0; i < 4; ++i) result.number = result.number << 8 | value.address[i];
    result.number = Wrap(types, to, result.number);
    return result;
  }
  if (IsInMemory(types, to)) return value;  // the same fields, by another name
  result.number = Wrap(types, to, value.number);
  return result;
}

}  // namespace netc::interpret
