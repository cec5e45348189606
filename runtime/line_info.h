// Line information of an object (.BTF.ext), for kernels whose verifier log shows
// the text of a C line but not its number (before 6.9).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace netc::runtime {

// Number of the first C line with that text, leaving aside blanks at its start;
// 0 if there is none. Any bytes are safe.
uint32_t FindLine(std::span<const uint8_t> object, std::string_view text);

}  // namespace netc::runtime
