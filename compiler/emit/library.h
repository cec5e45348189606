// Functions of netc's own that emitted programs call, as text. They stand in
// library/*.c, and are compiled and tested there.
#pragma once

#include <span>
#include <string_view>

namespace netc::emit {

struct LibraryText {
  std::string_view name;  // of the file, without its suffix
  std::string_view text;
};
std::span<const LibraryText> Library();  // made by embed_library.cmake
std::string_view LibraryTextOf(std::string_view name);

}  // namespace netc::emit
