// Comma-separated values (RFC 4180).
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace netc::runtime {

struct CsvRow {
  size_t line = 0;  // 1-based line on which the row begins
  std::vector<std::string> cells;
};

// Rows of the text, blank lines and lines that begin with `#` left out, blanks
// around unquoted cells removed; or what is wrong, with the line.
std::variant<std::vector<CsvRow>, std::string> ParseCsv(std::string_view text);

}  // namespace netc::runtime
