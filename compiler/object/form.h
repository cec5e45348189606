// Names of the forms in JSON, and the sizes that each form may have.
#pragma once

#include <optional>
#include <string_view>

#include "compiler/object/object_info.h"

namespace netc::object {

std::string_view FormName(Form form);
std::optional<Form> FormNamed(std::string_view name);

// Why `type` cannot describe bytes, or an empty string. Looks at sizes, offsets
// and counts, down to the last element; nesting deeper than kMaxTypeDepth is
// refused, so that whoever walks a checked type may recurse.
inline constexpr int kMaxTypeDepth = 16;
inline constexpr uint32_t kMaxTypeSize = 1 << 16;
std::string CheckType(const TypeInfo& type);

}  // namespace netc::object
