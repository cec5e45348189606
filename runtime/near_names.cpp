#include "runtime/near_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace netc::runtime {

namespace {

// Levenshtein's distance: insertions, deletions and replacements.
size_t Distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t k = 1; k <= b.size(); ++k) {
      size_t replaced = diagonal + (a[i - 1] == b[k - 1] ? 0 : 1);
      diagonal = row[k];
      row[k] = std::min({replaced, row[k] + 1, row[k - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::vector<std::string> NearNames(const std::vector<std::string>& names,
                                   const std::string& wanted) {
  std::vector<std::pair<size_t, std::string>> near;
  for (const std::string& name : names) {
    size_t distance = Distance(name, wanted);
    if (distance <= std::max<size_t>(1, wanted.size() / 3)) near.emplace_back(distance, name);
  }
  std::sort(near.begin(), near.end());
  std::vector<std::string> found;
  for (const auto& [distance, name] : near) {
    if (found.size() < 3) found.push_back(name);
  }
  return found;
}

std::vector<std::string> DescribeNames(const std::string& what,
                                       const std::vector<std::string>& names,
                                       const std::string& wanted) {
  std::vector<std::string> near = NearNames(names, wanted);
  if (!near.empty()) return {fmt::format("did you mean `{}`?", fmt::join(near, "` or `"))};
  if (names.empty()) return {fmt::format("there is no {}", what)};
  return {fmt::format("there is: {}", fmt::join(names, ", "))};
}

}  // namespace netc::runtime
