// Values of a TypeInfo as text and as JSON, in both directions. Used by `--set`,
// `--load`, `netc state`, events, and test reports.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "compiler/object/object_info.h"

namespace netc::object {

// Bytes of a value, or why the text is none ("`300` is more than a u8 holds").
using ValueResult = std::variant<Bytes, std::string>;

// Reads the forms that the language has: 10, 0x1f, 10.0.0.1, 10.0.0.0/8, fd00::1,
// aa:bb:cc:dd:ee:ff, 200ms, 200/s, 10mbit, 4KiB, true, an enum's name, and for
// structs and tuples `(a, b)` or `{ name: a }`.
ValueResult ParseValue(const TypeInfo& type, std::string_view text);
// The same from JSON: numbers, booleans, strings as above, objects, arrays.
ValueResult ParseJsonValue(const TypeInfo& type, const nlohmann::json& json);

// In the form that ParseValue reads. `value` holds at least type.size bytes.
std::string FormatValue(const TypeInfo& type, const uint8_t* value);
nlohmann::json JsonValue(const TypeInfo& type, const uint8_t* value);

}  // namespace netc::object
