// Numbers, alone and with a unit: 65_536, 0x1f, 1.5s, 200/s, 10mbit, 4KiB.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "compiler/object/object_info.h"

namespace netc::object {

// A whole number without sign: decimal, 0x, 0o or 0b, with `_` between digits.
// Nothing if the text is none, or too large for 64 bits.
std::optional<uint64_t> ParseNumber(std::string_view text);

// Whether `form` is a number with a unit.
bool IsQuantity(Form form);

// The 64-bit word that stands for the quantity (units as in Form), or why the
// text is none. A fraction is rounded to the nearest word.
std::variant<uint64_t, std::string> ParseQuantity(Form form, std::string_view text);
// With the largest unit that leaves a whole number; reads back to the same word.
std::string FormatQuantity(Form form, uint64_t word);

}  // namespace netc::object
