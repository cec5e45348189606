// Near matches for a misspelt word.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace netc {

// The candidates that `word` was probably meant to be, best first, at most three:
// those within a third of its length in edits (at least one, at most three).
std::vector<std::string> NearestNames(std::string_view word,
                                      const std::vector<std::string>& candidates);

// "`a`, `b` or `c`", each in backticks.
std::string AnyOf(const std::vector<std::string>& words);

}  // namespace netc
