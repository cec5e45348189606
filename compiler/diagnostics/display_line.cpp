#include "compiler/diagnostics/display_line.h"

#include <algorithm>
#include <clocale>
#include <cwchar>

namespace netc::diag {

static constexpr std::string_view kTab = "    ";
static constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
static constexpr std::string_view kEllipsis = "\xE2\x80\xA6";     // U+2026
// Columns kept in sight before the focus of a line that is cut.
static constexpr uint32_t kLead = 40;

// Columns that a code point takes, or -1 if it is not printable. The process's
// own locale may be "C", where wcwidth knows ASCII alone.
static int ColumnsOf(wchar_t code) {
  static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (utf8 == locale_t{}) return 1;
  locale_t before = uselocale(utf8);
  int columns = wcwidth(code);
  uselocale(before);
  return columns;
}

// Embeddings, overrides and isolates (Unicode 15, section 23.2) reorder the text
// after them.
static bool IsBidirectionalControl(uint32_t code) {
  return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
         code == 0x200E || code == 0x200F || code == 0x061C;
}

static uint32_t Utf8Length(char lead) {
  auto byte = static_cast<unsigned char>(lead);
  return byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

static uint32_t Decode(std::string_view glyph) {
  auto lead = static_cast<unsigned char>(glyph[0]);
  if (glyph.size() == 1) return lead;
  uint32_t code = lead & (0x7Fu >> glyph.size());
  for (char c : glyph.substr(1)) code = code << 6 | (static_cast<unsigned char>(c) & 0x3F);
  return code;
}

DisplayLine::DisplayLine(std::string_view line) {
  glyphs_.reserve(line.size());
  column_of_.reserve(line.size() + 1);
  uint32_t column = 0;
  for (size_t i = 0; i < line.size();) {
    std::string_view text = line.substr(i, Utf8Length(line[i]));
    i += text.size();
    column_of_.insert(column_of_.end(), text.size(), column);
    uint32_t code = Decode(text);
    int width = code >= 0x20 && code < 0x7F ? 1 : ColumnsOf(static_cast<wchar_t>(code));
    if (code == '\t') {
      text = kTab;
      width = static_cast<int>(kTab.size());
    } else if (width < 0 || IsBidirectionalControl(code)) {
      text = kReplacement;
      width = 1;
    }
    glyphs_.push_back({column, static_cast<uint32_t>(width), text});
    column += static_cast<uint32_t>(width);
  }
  column_of_.push_back(column);
}

uint32_t DisplayLine::Column(uint32_t offset) const {
  return column_of_[std::min<size_t>(offset, column_of_.size() - 1)];
}

std::string DisplayLine::Text(uint32_t from, uint32_t to) const {
  std::string text;
  for (const Glyph& glyph : glyphs_) {
    uint32_t end = glyph.column + glyph.width;
    if (glyph.column >= from && end <= to) {
      text += glyph.text;
    } else if (glyph.column < to && end > from) {
      text.append(std::min(end, to) - std::max(glyph.column, from), ' ');
    }
  }
  return text;
}

std::string Shown(std::string_view text) {
  DisplayLine line(text);
  return line.Text(0, line.width());
}

Excerpt Cut(const DisplayLine& line, uint32_t focus) {
  uint32_t width = line.width();
  if (width <= kMaxExcerpt) return {0, width, line.Text(0, width)};
  uint32_t from = focus > kLead ? std::min(focus - kLead, width - kMaxExcerpt) : 0;
  uint32_t to = from + kMaxExcerpt;
  std::string text;
  if (from > 0) text += kEllipsis;
  text += line.Text(from > 0 ? from + 1 : 0, to < width ? to - 1 : to);
  if (to < width) text += kEllipsis;
  return {from, to, std::move(text)};
}

}  // namespace netc::diag
