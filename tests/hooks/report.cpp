#include "tests/hooks/report.h"

#include <fstream>
#include <iostream>
#include <sstream>

namespace netc::prove {
namespace {

std::string Trim(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::vector<Explanation> ReadExplanations(const std::string& path) {
  std::vector<Explanation> explanations;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream columns(line);
    Explanation row;
    std::getline(columns, row.kernel, '|');
    std::getline(columns, row.pattern, '|');
    std::getline(columns, row.reason);
    explanations.push_back({Trim(row.kernel), Trim(row.pattern), Trim(row.reason)});
  }
  return explanations;
}

bool Matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    for (size_t skip = 0; skip <= text.size(); ++skip) {
      if (Matches(pattern.substr(1), text.substr(skip))) return true;
    }
    return false;
  }
  return !text.empty() && pattern[0] == text[0] && Matches(pattern.substr(1), text.substr(1));
}

void Report::Check(const std::string& fact, bool table, bool kernel, const std::string& detail) {
  Compare(fact, table ? "allowed" : "refused",
          std::string(kernel ? "allowed" : "refused") +
              (table == kernel || detail.empty() ? "" : ": " + detail));
}

void Report::Compare(const std::string& fact, const std::string& table, const std::string& kernel) {
  ++checked_;
  ++by_family_[fact.substr(0, fact.find(' '))];
  if (kernel == table) return;
  for (const Explanation& row : explanations_) {
    const bool here = row.kernel == "*" || release_.starts_with(row.kernel);
    if (!here || !Matches(row.pattern, fact)) continue;
    ++explained_;
    ++reasons_[row.reason];
    return;
  }
  unexplained_.push_back({fact, table, kernel});
}

void Report::Print(bool verbose) const {
  for (const Difference& difference : unexplained_) {
    std::cout << "difference: " << difference.fact << ": the tables say " << difference.table
              << ", the kernel says " << difference.kernel << "\n";
  }
  if (verbose) {
    for (const auto& [family, count] : by_family_) {
      std::cout << "checked: " << count << " " << family << "\n";
    }
  }
  for (const auto& [reason, count] : reasons_) {
    std::cout << "explained: " << count << " by " << reason << "\n";
  }
  for (const auto& [reason, count] : skipped_) {
    std::cout << "not asked: " << count << ", " << reason << "\n";
  }
  std::cout << "kernel " << release_ << ": facts checked: " << checked_
            << ", differences: " << unexplained_.size() << ", explained: " << explained_ << "\n";
}

}  // namespace netc::prove
