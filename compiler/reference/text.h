// Text in columns.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace netc::reference {

// Columns that a terminal shows for this UTF-8 text of narrow characters.
size_t Columns(std::string_view text);

// Lines of at most `width` columns, broken at blanks; a longer word has its own line.
std::vector<std::string> Wrap(std::string_view text, size_t width);

// `text`, filled up with blanks.
std::string Padded(std::string_view text, size_t width);

std::string Join(const std::vector<std::string>& words, std::string_view between = ", ");

}  // namespace netc::reference
