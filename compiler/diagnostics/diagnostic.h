// What netc says about a pipeline: kinds, diagnostics, and where they go.
//
// A kind's name is its code, printed in brackets: [helper-unavailable]. Kinds
// stand in kinds.def; each has a page explain/NAME.md whose example fails with
// that name. Severity and text stand where a diagnostic is emitted. Messages are
// lower case, without full stop, with code in backticks, and say what was seen.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/source.h"

namespace netc::diag {

enum class Kind {
#define NETC_DIAGNOSTIC(enumerator, name) enumerator,
#include "compiler/diagnostics/kinds.def"
#undef NETC_DIAGNOSTIC
};

// The kind's name, e.g. "helper-unavailable".
std::string_view Name(Kind kind);
// All kinds, in the order of kinds.def.
const std::vector<Kind>& AllKinds();

enum class Severity { kError, kWarning };

struct Label {
  Span span;
  std::string text;  // may be empty: the place is only underlined
};

// Text that could replace `span` and would repair the error.
struct FixIt {
  Span span;
  std::string replacement;
};

struct Diagnostic {
  Kind kind{};
  Severity severity = Severity::kError;
  std::string message;
  Label primary;
  std::vector<Label> labels;       // further places, in the order they were added
  std::vector<std::string> hints;  // "available in: ...", "here: ..."
  std::optional<FixIt> fix;

  // These return *this, so that a diagnostic is built where it is emitted.
  Diagnostic& WithLabel(Span span, std::string text);
  Diagnostic& WithHint(std::string text);
  Diagnostic& WithFix(Span span, std::string replacement);
};

// `label` stands under the primary place.
Diagnostic Error(Kind kind, Span span, std::string message, std::string label = {});
Diagnostic Warning(Kind kind, Span span, std::string message, std::string label = {});

// Collects the diagnostics of one compilation. Not thread-safe.
class Diagnostics {
 public:
  void Emit(Diagnostic diagnostic);

  bool has_errors() const { return errors_ > 0; }
  size_t error_count() const { return errors_; }
  size_t warning_count() const { return all_.size() - errors_; }
  // Sorted by file, then by place, each as often as it was emitted at most once.
  std::vector<Diagnostic> Sorted() const;

 private:
  std::vector<Diagnostic> all_;
  size_t errors_ = 0;
};

}  // namespace netc::diag
