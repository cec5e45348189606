// What was asked, what differed, and which differences have a reason.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace netc::prove {

struct Difference {
  std::string fact;  // e.g. "helper bpf_sk_cgroup_id in sockops"
  std::string table;
  std::string kernel;
};

// One line of the list of explained differences:
//   KERNEL | PATTERN | REASON
// KERNEL is the start of `uname -r`, or *. PATTERN is a fact, * stands for anything.
struct Explanation {
  std::string kernel;
  std::string pattern;
  std::string reason;
};

// Empty if the file can't be read.
std::vector<Explanation> ReadExplanations(const std::string& path);

bool Matches(std::string_view pattern, std::string_view text);

class Report {
 public:
  Report(std::string release, std::vector<Explanation> explanations)
      : release_(std::move(release)), explanations_(std::move(explanations)) {}

  // One fact: what the tables say, what the kernel said.
  void Check(const std::string& fact, bool table, bool kernel, const std::string& detail = {});
  // The same where the answer is not yes or no.
  void Compare(const std::string& fact, const std::string& table, const std::string& kernel);
  // A fact that can't be asked here, under a reason.
  void Skip(const std::string& reason, size_t facts = 1) { skipped_[reason] += facts; }

  size_t checked() const { return checked_; }
  const std::vector<Difference>& unexplained() const { return unexplained_; }
  size_t explained() const { return explained_; }
  void Print(bool verbose) const;

 private:
  std::string release_;
  std::vector<Explanation> explanations_;
  size_t checked_ = 0;
  size_t explained_ = 0;
  std::map<std::string, size_t> reasons_;
  std::map<std::string, size_t> skipped_;
  std::map<std::string, size_t> by_family_;
  std::vector<Difference> unexplained_;
};

}  // namespace netc::prove
