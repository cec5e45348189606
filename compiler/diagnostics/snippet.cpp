#include "compiler/diagnostics/snippet.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compiler/diagnostics/display_line.h"

namespace netc::diag {

std::string Paint(Style style, std::string_view text, bool color) {
  static constexpr std::string_view kCodes[] = {"", "1;31", "1;33", "1", "1;34", "1;31", "1;34"};
  std::string_view code = kCodes[static_cast<size_t>(style)];
  if (!color || code.empty() || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

Span Clamp(const SourceFile& file, Span span) {
  auto size = static_cast<uint32_t>(file.text().size());
  span.begin = std::min(span.begin, size);
  span.end = std::clamp(span.end, span.begin, size);
  return span;
}

// The line that holds a span's last byte: a span that takes a line's end with it
// does not reach into the next line.
static uint32_t EndLine(const SourceFile& file, Span span) {
  return file.Locate(span.end > span.begin ? span.end - 1 : span.end).line;
}

uint32_t LastLine(const SourceFile& file, Span span, uint32_t context) {
  return std::min(EndLine(file, Clamp(file, span)) + context, file.line_count());
}

std::string GutterLine(uint32_t line, std::string_view text, const SnippetStyle& style) {
  std::string number = line == 0 ? "" : fmt::format("{}", line);
  std::string gutter = fmt::format("{:>{}} |", number, style.gutter);
  std::string_view blank = text.empty() ? "" : " ";
  return fmt::format("{}{}{}\n", Paint(Style::kGutter, gutter, style.color), blank, text);
}

namespace {

// What is marked on one line: columns [begin, end) of the excerpt, end > begin.
struct Mark {
  uint32_t begin = 0;
  uint32_t end = 0;
  bool primary = false;
  std::string text;
};

// Byte range of one line that a label covers.
struct Cover {
  uint32_t begin = 0;
  uint32_t end = 0;
  bool primary = false;
  std::string text;
};

// A row below a source line, filled from left to right.
class Row {
 public:
  explicit Row(bool color) : color_(color) {}
  void Put(uint32_t column, std::string_view text, Style style, uint32_t columns) {
    if (column > at_) text_.append(column - at_, ' ');
    text_ += Paint(style, text, color_);
    at_ = std::max(at_, column) + columns;
  }
  const std::string& text() const { return text_; }

 private:
  bool color_;
  uint32_t at_ = 0;
  std::string text_;
};

}  // namespace

static Style StyleOf(const Mark& mark) {
  return mark.primary ? Style::kPrimary : Style::kSecondary;
}

// A label of several lines is marked on its first line, from where it begins, and
// on its last, up to where it ends; its text stands there.
static std::map<uint32_t, std::vector<Cover>> CoversByLine(const SourceFile& file,
                                                           const std::vector<RankedLabel>& labels) {
  std::map<uint32_t, std::vector<Cover>> covers;
  for (const RankedLabel& ranked : labels) {
    Span span = Clamp(file, ranked.label.span);
    std::string text = ranked.label.text;
    std::replace(text.begin(), text.end(), '\n', ' ');
    text = Shown(text);
    uint32_t first = file.Locate(span.begin).line;
    uint32_t last = EndLine(file, span);
    auto in_line = [&](uint32_t offset, uint32_t line) { return offset - file.LineStart(line); };
    if (first == last) {
      covers[first].push_back(
          {in_line(span.begin, first), in_line(span.end, first), ranked.primary, std::move(text)});
      continue;
    }
    auto first_length = static_cast<uint32_t>(file.Line(first).size());
    covers[first].push_back({in_line(span.begin, first), first_length, ranked.primary, {}});
    size_t indent = std::min(file.Line(last).find_first_not_of(" \t"), file.Line(last).size());
    uint32_t end = in_line(span.end, last);
    covers[last].push_back(
        {std::min(static_cast<uint32_t>(indent), end), end, ranked.primary, std::move(text)});
  }
  return covers;
}

static std::vector<Mark> Place(const DisplayLine& line, const Excerpt& excerpt,
                               const std::vector<Cover>& covers) {
  std::vector<Mark> marks;
  uint32_t last = excerpt.to < line.width() ? excerpt.to - 1 : excerpt.to;
  for (const Cover& cover : covers) {
    uint32_t begin = std::clamp(line.Column(cover.begin), excerpt.from, last) - excerpt.from;
    uint32_t end = std::clamp(line.Column(cover.end), excerpt.from, excerpt.to) - excerpt.from;
    marks.push_back({begin, std::max(end, begin + 1), cover.primary, cover.text});
  }
  std::stable_sort(marks.begin(), marks.end(),
                   [](const Mark& a, const Mark& b) { return a.begin < b.begin; });
  return marks;
}

// The row of ^ and -, with the text of the rightmost mark beside it where no
// other mark would be between them. Says whether it was.
static bool Underline(const std::vector<Mark>& marks, Row& row) {
  uint32_t width = 0;
  for (const Mark& mark : marks) width = std::max(width, mark.end);
  std::string canvas(width, ' ');
  for (bool primary : {false, true}) {
    for (const Mark& mark : marks) {
      if (mark.primary != primary) continue;
      std::fill(canvas.begin() + mark.begin, canvas.begin() + mark.end, primary ? '^' : '-');
    }
  }
  for (size_t i = 0; i < canvas.size();) {
    size_t end = std::min(canvas.find_first_not_of(canvas[i], i), canvas.size());
    Style style = canvas[i] == '^'   ? Style::kPrimary
                  : canvas[i] == '-' ? Style::kSecondary
                                     : Style::kPlain;
    row.Put(static_cast<uint32_t>(i), canvas.substr(i, end - i), style,
            static_cast<uint32_t>(end - i));
    i = end;
  }
  const Mark& last = marks.back();
  if (last.end < width || last.text.empty()) return false;
  row.Put(width + 1, last.text, StyleOf(last), 0);
  return true;
}

// Texts that did not fit beside the underline hang below it, the rightmost
// first, each under the first column of its mark.
static std::string HangTexts(std::vector<Mark> marks, const SnippetStyle& style) {
  std::erase_if(marks, [](const Mark& mark) { return mark.text.empty(); });
  std::string rows;
  auto bars = [&](size_t count, Row& row) {
    for (size_t i = 0; i < count; ++i) {
      if (i > 0 && marks[i].begin == marks[i - 1].begin) continue;
      row.Put(marks[i].begin, "|", StyleOf(marks[i]), 1);
    }
  };
  for (size_t left = marks.size(); left > 0; --left) {
    if (left == marks.size()) {
      Row stems(style.color);
      bars(left, stems);
      rows += GutterLine(0, stems.text(), style);
    }
    const Mark& mark = marks[left - 1];
    size_t before = left - 1;
    while (before > 0 && marks[before - 1].begin == mark.begin) --before;
    Row row(style.color);
    bars(before, row);
    row.Put(mark.begin, mark.text, StyleOf(mark), 0);
    rows += GutterLine(0, row.text(), style);
  }
  return rows;
}

static std::string RenderMarkedLine(const SourceFile& file, uint32_t number,
                                    const std::vector<Cover>& covers, const SnippetStyle& style) {
  DisplayLine line(file.Line(number));
  auto focus = std::find_if(covers.begin(), covers.end(), [](const Cover& c) { return c.primary; });
  const Cover& cover = focus == covers.end() ? covers.front() : *focus;
  Excerpt excerpt = Cut(line, line.Column(cover.begin));
  std::vector<Mark> marks = Place(line, excerpt, covers);
  Row underline(style.color);
  bool beside = Underline(marks, underline);
  if (beside) marks.pop_back();
  return GutterLine(number, excerpt.text, style) + GutterLine(0, underline.text(), style) +
         HangTexts(std::move(marks), style);
}

std::string RenderSnippet(const SourceFile& file, const std::vector<RankedLabel>& labels,
                          const SnippetStyle& style) {
  auto covers = CoversByLine(file, labels);
  std::string out;
  uint32_t shown = 0;  // the last line printed
  for (auto it = covers.begin(); it != covers.end(); ++it) {
    auto plain = [&](uint32_t from, uint32_t to) {
      for (uint32_t line = std::max(from, shown + 1); line <= to; ++line) {
        out += GutterLine(line, Cut(DisplayLine(file.Line(line)), 0).text, style);
        shown = line;
      }
    };
    uint32_t number = it->first;
    plain(number > style.context ? number - style.context : 1, number - 1);
    out += RenderMarkedLine(file, number, it->second, style);
    shown = number;
    auto next = std::next(it);
    uint32_t until = std::min(number + style.context, file.line_count());
    plain(number + 1, next == covers.end() ? until : std::min(until, next->first - 1));
  }
  return out;
}

}  // namespace netc::diag
