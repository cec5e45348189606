// Whether the parts of an ObjectInfo fit together.
#pragma once

#include <string>

#include "compiler/object/object_info.h"

namespace netc::object {

// Why the runtime must not trust `info`, or an empty string. Afterwards sizes and
// offsets hold, and counter numbers are small enough to be array indices.
std::string Validate(const ObjectInfo& info);

// Rule indices and event ids number slots of arrays in the object.
inline constexpr uint32_t kMaxSlots = 1 << 20;

}  // namespace netc::object
