#include "compiler/diagnostics/diagnostic.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace netc::diag {

static constexpr std::string_view kNames[] = {
#define NETC_DIAGNOSTIC(enumerator, name) name,
#include "compiler/diagnostics/kinds.def"
#undef NETC_DIAGNOSTIC
};

std::string_view Name(Kind kind) {
  return kNames[static_cast<size_t>(kind)];
}

const std::vector<Kind>& AllKinds() {
  static const std::vector<Kind> all = [] {
    std::vector<Kind> kinds;
    for (size_t i = 0; i < std::size(kNames); ++i) kinds.push_back(static_cast<Kind>(i));
    return kinds;
  }();
  return all;
}

Diagnostic& Diagnostic::WithLabel(Span span, std::string text) {
  labels.push_back({span, std::move(text)});
  return *this;
}

Diagnostic& Diagnostic::WithHint(std::string text) {
  hints.push_back(std::move(text));
  return *this;
}

Diagnostic& Diagnostic::WithFix(Span span, std::string replacement) {
  fix = FixIt{span, std::move(replacement)};
  return *this;
}

static Diagnostic Make(Kind kind, Severity severity, Span span, std::string message,
                       std::string label) {
  Diagnostic made;
  made.kind = kind;
  made.severity = severity;
  made.message = std::move(message);
  made.primary = {span, std::move(label)};
  return made;
}

Diagnostic Error(Kind kind, Span span, std::string message, std::string label) {
  return Make(kind, Severity::kError, span, std::move(message), std::move(label));
}

Diagnostic Warning(Kind kind, Span span, std::string message, std::string label) {
  return Make(kind, Severity::kWarning, span, std::move(message), std::move(label));
}

void Diagnostics::Emit(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::kError) ++errors_;
  all_.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> Diagnostics::Sorted() const {
  auto place = [](const Diagnostic& d) {
    return std::tie(d.primary.span.file, d.primary.span.begin, d.kind, d.message);
  };
  std::vector<Diagnostic> sorted = all_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const auto& a, const auto& b) { return place(a) < place(b); });
  auto same = [&](const auto& a, const auto& b) { return place(a) == place(b); };
  sorted.erase(std::unique(sorted.begin(), sorted.end(), same), sorted.end());
  return sorted;
}

}  // namespace netc::diag
