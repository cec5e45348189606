#include <algorithm>

#include "compiler/reference/document.h"
#include "compiler/reference/text.h"

namespace netc::reference {
namespace {

constexpr std::string_view kGap = "  ";

// Columns tell code from prose by their heads; backticks would only cost room.
std::string Bare(const std::string& cell) {
  std::string bare;
  std::copy_if(cell.begin(), cell.end(), std::back_inserter(bare), [](char c) { return c != '`'; });
  return bare;
}

size_t LongestWord(const std::string& cell) {
  size_t longest = 0;
  for (const std::string& word : Wrap(cell, 1)) longest = std::max(longest, Columns(word));
  return longest;
}

// How wide each column may be: the widest give way first, none below its longest word.
std::vector<size_t> ColumnWidths(const std::vector<std::vector<std::string>>& rows, size_t width) {
  const size_t count = rows.front().size();
  std::vector<size_t> widths(count), least(count);
  for (const std::vector<std::string>& row : rows) {
    for (size_t i = 0; i < count; ++i) {
      widths[i] = std::max(widths[i], Columns(row[i]));
      least[i] = std::max(least[i], LongestWord(row[i]));
    }
  }
  size_t total = kGap.size() * (count - 1);
  for (size_t each : widths) total += each;
  for (; total > width; --total) {
    size_t widest = count;
    for (size_t i = 0; i < count; ++i) {
      if (widths[i] > least[i] && (widest == count || widths[i] > widths[widest])) widest = i;
    }
    if (widest == count) break;
    --widths[widest];
  }
  return widths;
}

std::string RowText(const std::vector<std::string>& row, const std::vector<size_t>& widths) {
  std::vector<std::vector<std::string>> cells;
  size_t height = 0;
  for (size_t i = 0; i < row.size(); ++i) {
    cells.push_back(Wrap(row[i], widths[i]));
    height = std::max(height, cells.back().size());
  }
  std::string text;
  for (size_t line = 0; line < height; ++line) {
    std::string shown;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) shown += kGap;
      shown += Padded(line < cells[i].size() ? cells[i][line] : "", widths[i]);
    }
    shown.erase(shown.find_last_not_of(' ') + 1);
    text += shown + "\n";
  }
  return text;
}

struct AsText {
  size_t width;

  std::string operator()(const Heading& heading) const { return heading.text + "\n"; }
  std::string operator()(const Paragraph& paragraph) const {
    return Join(Wrap(paragraph.text, width), "\n") + "\n";
  }
  std::string operator()(const Code& code) const {
    std::string text;
    for (size_t at = 0; at < code.text.size();) {
      const size_t end = code.text.find('\n', at);
      const std::string line = code.text.substr(at, end - at);
      text += line.empty() ? "\n" : "    " + line + "\n";
      at = end == std::string::npos ? code.text.size() : end + 1;
    }
    return text;
  }
  std::string operator()(const Table& table) const { return RenderText(table, width); }
};

}  // namespace

std::string RenderText(const Table& table, size_t width) {
  std::vector<std::vector<std::string>> rows{table.header};
  for (const std::vector<std::string>& row : table.rows) {
    rows.emplace_back();
    std::transform(row.begin(), row.end(), std::back_inserter(rows.back()), Bare);
  }
  const std::vector<size_t> widths = ColumnWidths(rows, width);
  size_t total = kGap.size() * (widths.size() - 1);
  for (size_t each : widths) total += each;
  std::string rule;
  for (size_t i = 0; i < total; ++i) rule += "─";
  std::string text;
  for (const std::vector<std::string>& row : rows) {
    text += RowText(row, widths);
    if (&row == &rows.front()) text += rule + "\n";
  }
  return text;
}

std::string RenderText(const Document& document, size_t width) {
  std::string text = document.title + "\n";
  for (size_t i = 0; i < Columns(document.title); ++i) text += "═";
  text += "\n";
  for (const Block& block : document.blocks) text += "\n" + std::visit(AsText{width}, block);
  return text;
}

}  // namespace netc::reference
