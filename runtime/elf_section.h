// Sections of an ELF file in memory.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "compiler/object/object_info.h"

namespace netc::runtime {

bool IsElf(std::span<const uint8_t> file);
// Bytes of the first section with that name. Any bytes are safe.
std::optional<object::Bytes> FindSection(std::span<const uint8_t> file, std::string_view name);

}  // namespace netc::runtime
