#include "compiler/reference/document.h"
#include "compiler/reference/text.h"

namespace netc::reference {
namespace {

constexpr size_t kLineWidth = 150;  // of prose; as the rest of docs/

// What would mean something to Markdown stands for itself; code stays as it is, but
// for the bar, which ends a cell even there.
std::string Escaped(const std::string& cell) {
  std::string escaped;
  bool code = false;
  for (char c : cell) {
    if (c == '`') code = !code;
    if (c == '|' || (!code && (c == '*' || c == '_' || c == '<'))) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string RowLine(const std::vector<std::string>& row) {
  std::string line = "|";
  for (const std::string& cell : row) line += cell.empty() ? " |" : " " + Escaped(cell) + " |";
  return line + "\n";
}

struct AsMarkdown {
  std::string operator()(const Heading& heading) const { return "## " + heading.text + "\n"; }
  std::string operator()(const Paragraph& paragraph) const {
    return Join(Wrap(paragraph.text, kLineWidth), "\n") + "\n";
  }
  std::string operator()(const Code& code) const {
    return "```" + code.language + "\n" + code.text + "```\n";
  }
  std::string operator()(const Table& table) const {
    std::string text = RowLine(table.header);
    text += RowLine(std::vector<std::string>(table.header.size(), "---"));
    for (const std::vector<std::string>& row : table.rows) text += RowLine(row);
    return text;
  }
};

}  // namespace

std::string RenderMarkdown(const Document& document) {
  std::string text = "# " + document.title + "\n";
  for (const Block& block : document.blocks) text += "\n" + std::visit(AsMarkdown{}, block);
  return text;
}

}  // namespace netc::reference
