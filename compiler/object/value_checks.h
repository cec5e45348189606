// What reading a value from text and from JSON have in common: ranges, and how a
// type is named in a message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "compiler/object/value.h"

namespace netc::object {

// The type as a reader knows it: its name, or its form.
std::string Noun(const TypeInfo& type);
// How a struct or tuple is written: "(a, b)" or "{ name: … }".
std::string Shape(const TypeInfo& type);

// Bytes of the integer, or why the type (kUnsigned, kSigned, kPort, kEnum) does
// not hold it.
ValueResult StoreChecked(const TypeInfo& type, bool negative, uint64_t magnitude);
// Refuses an address with bits beyond the prefix; `text` is how it was written.
ValueResult StorePrefix(const TypeInfo& type, uint32_t length, Bytes address,
                        std::string_view text);
ValueResult StoreString(const TypeInfo& type, std::string_view text);

}  // namespace netc::object
