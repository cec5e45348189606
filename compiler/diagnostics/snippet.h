// The part of a rendered diagnostic that shows source: numbered lines, and under
// them what is marked there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/base/source.h"
#include "compiler/diagnostics/diagnostic.h"

namespace netc::diag {

// ANSI styles; Paint leaves the text alone where colours are off.
enum class Style { kPlain, kError, kWarning, kMessage, kGutter, kPrimary, kSecondary };
std::string Paint(Style style, std::string_view text, bool color);

// A label with its rank: the primary one is underlined with ^, others with -.
struct RankedLabel {
  Label label;
  bool primary = false;
};

struct SnippetStyle {
  size_t gutter = 1;  // columns of the widest line number of the diagnostic
  uint32_t context = 0;
  bool color = false;
};

// Lines of one file with all their labels. Each line ends in '\n'. Lines without
// a label are left out, except `context` of them around each label.
std::string RenderSnippet(const SourceFile& file, const std::vector<RankedLabel>& labels,
                          const SnippetStyle& style);

// The largest line number that RenderSnippet prints for `span`.
uint32_t LastLine(const SourceFile& file, Span span, uint32_t context);

// `span` made to lie inside the file.
Span Clamp(const SourceFile& file, Span span);

// "12 | text\n", or "   | text\n" where `line` is 0.
std::string GutterLine(uint32_t line, std::string_view text, const SnippetStyle& style);

}  // namespace netc::diag
