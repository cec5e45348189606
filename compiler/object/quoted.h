// Text in quotes, with the escapes \" \\ \n \t \xNN.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace netc::object {

std::string Quote(std::string_view text);
// `text` with its quotes; nothing if an escape is unknown or cut off.
std::optional<std::string> Unquote(std::string_view text);

}  // namespace netc::object
