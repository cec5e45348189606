#include "compiler/base/nearest.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace netc {

static char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
static bool Alike(char a, char b) {
  return Lower(a) == Lower(b);
}

// Edits (insert, delete, replace, swap of neighbours) that turn a into b; capitals
// and small letters are alike.
static size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t k = 1; k <= b.size(); ++k) {
      size_t replace = last[k - 1] + !Alike(a[i - 1], b[k - 1]);
      row[k] = std::min({last[k] + 1, row[k - 1] + 1, replace});
      bool swapped = i > 1 && k > 1 && Alike(a[i - 1], b[k - 2]) && Alike(a[i - 2], b[k - 1]);
      if (swapped) row[k] = std::min(row[k], before[k - 2] + 1);
    }
    before = std::exchange(last, row);
  }
  return last[b.size()];
}

std::vector<std::string> NearestNames(std::string_view word,
                                      const std::vector<std::string>& candidates) {
  size_t most = std::clamp<size_t>(word.size() / 3, 1, 3);
  std::vector<std::pair<size_t, std::string>> near;
  for (const std::string& candidate : candidates) {
    // The lengths alone already tell most pairs apart.
    size_t gap = std::max(word.size(), candidate.size()) - std::min(word.size(), candidate.size());
    if (gap > most || candidate == word) continue;
    size_t distance = Distance(word, candidate);
    if (distance <= most) near.emplace_back(distance, candidate);
  }
  std::sort(near.begin(), near.end());
  near.erase(std::unique(near.begin(), near.end()), near.end());
  if (near.size() > 3) near.resize(3);
  std::vector<std::string> names;
  for (auto& [distance, name] : near) names.push_back(std::move(name));
  return names;
}

std::string AnyOf(const std::vector<std::string>& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += "`" + words[i] + "`";
  }
  return text;
}

}  // namespace netc
