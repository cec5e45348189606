#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "compiler/diagnostics/display_line.h"
#include "compiler/diagnostics/render.h"
#include "compiler/diagnostics/snippet.h"

namespace netc::diag {

// Longest text that a fix-it quotes in its own line (bytes).
static constexpr size_t kMaxQuoted = 60;

namespace {

// Labels of one file: the block that begins with its path.
struct Block {
  FileId file{};
  std::vector<RankedLabel> labels;
};

}  // namespace

static bool IsKnown(Span span, const SourceSet& sources) {
  return static_cast<uint32_t>(span.file) < sources.size();
}

// The primary label's file comes first, further ones as they were added.
static std::vector<Block> BlocksOf(const Diagnostic& diagnostic, const SourceSet& sources) {
  std::vector<Block> blocks;
  auto add = [&](const Label& label, bool primary) {
    if (!IsKnown(label.span, sources)) return;
    auto block = std::find_if(blocks.begin(), blocks.end(),
                              [&](const Block& b) { return b.file == label.span.file; });
    if (block == blocks.end()) block = blocks.insert(block, Block{label.span.file, {}});
    block->labels.push_back({label, primary});
  };
  add(diagnostic.primary, true);
  for (const Label& label : diagnostic.labels) add(label, false);
  return blocks;
}

static std::string Header(const Diagnostic& diagnostic, bool color) {
  bool is_error = diagnostic.severity == Severity::kError;
  Style style = is_error ? Style::kError : Style::kWarning;
  std::string_view word = is_error ? "error" : "warning";
  return fmt::format("{}{} [{}]\n", Paint(style, word, color),
                     Paint(Style::kMessage, fmt::format(": {}", Shown(diagnostic.message)), color),
                     Name(diagnostic.kind));
}

// "  --> policy.np:12:26"; a block of another file than the primary one begins
// with ":::", so that "-->" is where an editor should jump to.
static std::string PlaceLine(const SourceFile& file, const RankedLabel& first,
                             const SnippetStyle& style) {
  LineColumn at = file.Locate(Clamp(file, first.label.span).begin);
  std::string arrow = fmt::format("{:>{}}{}", "", style.gutter, first.primary ? "-->" : ":::");
  return fmt::format("{} {}:{}:{}\n", Paint(Style::kGutter, arrow, style.color), Shown(file.path()),
                     at.line, at.column);
}

// "   = text"; further lines of the text are indented alike.
static std::string Note(std::string_view text, const SnippetStyle& style) {
  std::string note;
  std::string lead = fmt::format("{:>{}} =", "", style.gutter);
  for (size_t begin = 0; begin <= text.size();) {
    size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = Shown(text.substr(begin, end - begin));
    note += begin == 0 ? fmt::format("{} {}\n", Paint(Style::kGutter, lead, style.color), line)
                       : fmt::format("{:>{}}   {}\n", "", style.gutter, line);
    begin = end + 1;
  }
  return note;
}

static bool IsQuotable(std::string_view text) {
  return text.size() <= kMaxQuoted && text.find('\n') == std::string_view::npos;
}

// Whole lines before and after the fix, as in a diff.
static std::string FixAsLines(const FixIt& fix, const SourceFile& file, Span span,
                              const SnippetStyle& style) {
  uint32_t first = file.Locate(span.begin).line;
  uint32_t last = file.Locate(span.end).line;
  auto row = [&](uint32_t number, char sign, std::string_view text) {
    Excerpt excerpt = Cut(DisplayLine(text), 0);
    std::string lead = fmt::format("{:>{}} {}", number, style.gutter, sign);
    return fmt::format("{} {}\n", Paint(Style::kGutter, lead, style.color), excerpt.text);
  };
  std::string out = Note("fix:", style);
  for (uint32_t line = first; line <= last; ++line) out += row(line, '-', file.Line(line));
  std::string_view before = file.Line(first).substr(0, span.begin - file.LineStart(first));
  std::string_view last_line = file.Line(last);
  size_t used = std::min<size_t>(span.end - file.LineStart(last), last_line.size());
  std::string after = std::string(before) + fix.replacement + std::string(last_line.substr(used));
  uint32_t number = first;
  for (size_t begin = 0; begin <= after.size(); ++number) {
    size_t end = std::min(after.find('\n', begin), after.size());
    out += row(number, '+', std::string_view(after).substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

static std::string Fix(const FixIt& fix, const SourceSet& sources, const SnippetStyle& style) {
  const SourceFile& file = sources.file(fix.span.file);
  Span span = Clamp(file, fix.span);
  std::string_view old = sources.Text(span);
  if (!IsQuotable(old) || !IsQuotable(fix.replacement)) return FixAsLines(fix, file, span, style);
  if (old.empty()) {
    LineColumn at = file.Locate(span.begin);
    return Note(fmt::format("fix: insert `{}` at {}:{}", fix.replacement, at.line, at.column),
                style);
  }
  if (fix.replacement.empty()) return Note(fmt::format("fix: remove `{}`", old), style);
  return Note(fmt::format("fix: replace `{}` with `{}`", old, fix.replacement), style);
}

// Columns of the widest line number that the diagnostic shows, so that all its
// gutters align.
static size_t GutterWidth(const std::vector<Block>& blocks, const Diagnostic& diagnostic,
                          const SourceSet& sources, uint32_t context) {
  uint32_t largest = 1;
  auto see = [&](Span span, uint32_t around) {
    largest = std::max(largest, LastLine(sources.file(span.file), span, around));
  };
  for (const Block& block : blocks) {
    for (const RankedLabel& ranked : block.labels) see(ranked.label.span, context);
  }
  if (diagnostic.fix && IsKnown(diagnostic.fix->span, sources)) see(diagnostic.fix->span, 0);
  return std::to_string(largest).size();
}

std::string RenderText(const Diagnostic& diagnostic, const SourceSet& sources,
                       const RenderOptions& options) {
  std::vector<Block> blocks = BlocksOf(diagnostic, sources);
  auto context = static_cast<uint32_t>(std::max(options.context, 0));
  SnippetStyle style{GutterWidth(blocks, diagnostic, sources, context), context, options.color};
  std::string out = Header(diagnostic, options.color);
  for (const Block& block : blocks) {
    const SourceFile& file = sources.file(block.file);
    out += PlaceLine(file, block.labels.front(), style);
    out += GutterLine(0, "", style);
    out += RenderSnippet(file, block.labels, style);
  }
  for (const std::string& hint : diagnostic.hints) out += Note(hint, style);
  if (diagnostic.fix && IsKnown(diagnostic.fix->span, sources)) {
    out += Fix(*diagnostic.fix, sources, style);
  }
  out += Note(fmt::format("more: netc explain {}", Name(diagnostic.kind)), style);
  return out;
}

}  // namespace netc::diag
