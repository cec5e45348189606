// Values of the language while a program runs, and as they lie in memory (section 3).
// Internal to this folder.
#pragma once

#include <array>
#include <cstdint>

#include "compiler/sema/program.h"

namespace netc::interpret {

struct Value {
  // Numbers, enums, flags, bool: sign-extended to 64 bits. Prefixes: the length.
  uint64_t number = 0;
  std::array<uint8_t, 16> address{};  // network order, in the first bytes; prefixes too
  const uint8_t* memory = nullptr;    // structs, tuples and arrays, laid out

  static Value Of(uint64_t number) { return {number, {}, nullptr}; }
};

bool IsAddress(const sema::TypeTable& types, sema::TypeId type);
// Structs, tuples and arrays.
bool IsInMemory(const sema::TypeTable& types, sema::TypeId type);

// `memory` holds SizeOf(type) bytes; the value of a struct or array refers to it.
Value Load(const sema::TypeTable& types, sema::TypeId type, const uint8_t* memory);
// Padding of structs comes along with their memory, which is zero there.
void Store(const sema::TypeTable& types, sema::TypeId type, const Value& value, uint8_t* memory);

// Field by field, element by element.
bool Equal(const sema::TypeTable& types, sema::TypeId type, const Value& a, const Value& b);

// The first `bits` bits of both are the same.
bool SharePrefix(const uint8_t* a, const uint8_t* b, uint32_t bits);
// ::ffff:a.b.c.d
bool IsMappedIpv4(const uint8_t* ip);

// `as`, and what converts by itself (section 5).
Value Convert(const sema::TypeTable& types, sema::TypeId to, sema::TypeId from, const Value& value);

}  // namespace netc::interpret
