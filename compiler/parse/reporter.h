// Syntax errors on their way to the diagnostics, up to a limit: a file that is
// not a pipeline at all must not give a million of them.
#pragma once

#include <utility>

#include "compiler/diagnostics/diagnostic.h"

namespace netc::parse {

class Reporter {
 public:
  explicit Reporter(diag::Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void Report(diag::Diagnostic diagnostic) {
    if (++count_ > kMost) return;
    if (count_ == kMost) diagnostic.WithHint("further syntax errors of this file are not shown");
    diagnostics_.Emit(std::move(diagnostic));
  }
  // How many were reported, shown or not.
  size_t count() const { return count_; }
  bool full() const { return count_ >= kMost; }

 private:
  static constexpr size_t kMost = 50;
  diag::Diagnostics& diagnostics_;
  size_t count_ = 0;
};

}  // namespace netc::parse
