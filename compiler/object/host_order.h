// Integers of 1, 2, 4 or 8 bytes in the byte order of this machine, which is the
// kernel's.
#pragma once

#include <cstdint>
#include <cstring>

#include "compiler/object/object_info.h"

namespace netc::object {

template <typename Integer>
Integer LoadAs(const uint8_t* from) {
  Integer value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

inline uint64_t LoadUnsigned(const uint8_t* from, uint32_t size) {
  switch (size) {
    case 1:
      return *from;
    case 2:
      return LoadAs<uint16_t>(from);
    case 4:
      return LoadAs<uint32_t>(from);
    default:
      return LoadAs<uint64_t>(from);
  }
}

inline int64_t LoadSigned(const uint8_t* from, uint32_t size) {
  switch (size) {
    case 1:
      return LoadAs<int8_t>(from);
    case 2:
      return LoadAs<int16_t>(from);
    case 4:
      return LoadAs<int32_t>(from);
    default:
      return LoadAs<int64_t>(from);
  }
}

// Keeps the low `size` bytes; a signed value is passed as its two's complement.
inline Bytes StoreInteger(uint64_t value, uint32_t size) {
  Bytes bytes(size);
  switch (size) {
    case 1:
      bytes[0] = static_cast<uint8_t>(value);
      break;
    case 2: {
      auto v = static_cast<uint16_t>(value);
      std::memcpy(bytes.data(), &v, 2);
      break;
    }
    case 4: {
      auto v = static_cast<uint32_t>(value);
      std::memcpy(bytes.data(), &v, 4);
      break;
    }
    default:
      std::memcpy(bytes.data(), &value, 8);
      break;
  }
  return bytes;
}

}  // namespace netc::object
