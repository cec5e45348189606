// Names that someone may have meant.
#pragma once

#include <string>
#include <vector>

namespace netc::runtime {

// The names that lie within a few typing errors of `wanted`, the nearest first,
// three at most.
std::vector<std::string> NearNames(const std::vector<std::string>& names,
                                   const std::string& wanted);

// One line for a message: "did you mean `a`?", else which there are ("there is no
// other", if none).
std::vector<std::string> DescribeNames(const std::string& what,
                                       const std::vector<std::string>& names,
                                       const std::string& wanted);

}  // namespace netc::runtime
