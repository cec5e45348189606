// Vocabulary of the rows: what the columns of the .def files may contain. Included
// only where rows are turned into tables; names are short for the rows' sake.
#pragma once

#include <cstddef>

#include "compiler/hooks/field.h"
#include "compiler/hooks/hook_id.h"

namespace netc::hooks::rows {

constexpr KernelVersion V(uint8_t major, uint8_t minor) {
  return {major, minor};
}

constexpr Widths operator+(Widths a, Widths b) {
  for (size_t i = 0; i < a.offsets.size(); ++i) a.offsets[i] |= b.offsets[i];
  return a;
}

inline constexpr Widths kNever{};

// Accesses of `size` bytes at these inner offsets.
template <typename... Offsets>
constexpr Widths At(unsigned size, Offsets... offsets) {
  Widths widths;
  widths.offsets[Widths::SizeIndex(size)] = ((uint32_t{1} << offsets) | ...);
  return widths;
}

// The field in one piece.
constexpr Widths Whole(unsigned size) {
  return At(size, 0);
}

// Any of the sizes in `mask` (1 | 2 | 4 | 8), at the field's start.
constexpr Widths Start(unsigned mask) {
  Widths widths;
  for (unsigned i = 0; i < widths.offsets.size(); ++i) widths.offsets[i] = mask >> i & 1;
  return widths;
}

// Each aligned piece of `size` bytes.
constexpr Widths Pieces(unsigned size, unsigned bytes) {
  Widths widths;
  for (unsigned at = 0; at + size <= bytes; at += size) {
    widths.offsets[Widths::SizeIndex(size)] |= uint32_t{1} << at;
  }
  return widths;
}
constexpr Widths Words(unsigned bytes) {
  return Pieces(4, bytes);
}
constexpr Widths Parts(unsigned bytes) {
  return Pieces(1, bytes) + Pieces(2, bytes) + Pieces(4, bytes);
}

}  // namespace netc::hooks::rows
