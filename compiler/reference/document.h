// A page as data, and how it is shown: as text in a terminal or as Markdown.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace netc::reference {

struct Heading {
  std::string text;
};
// Prose, with code in backticks; wrapped where it is shown.
struct Paragraph {
  std::string text;
};
struct Code {
  std::string language;  // of the Markdown fence
  std::string text;      // lines, each ended
};
// Cells may hold code in backticks, but no line ends.
struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};
using Block = std::variant<Heading, Paragraph, Code, Table>;

struct Document {
  std::string title;
  std::vector<Block> blocks;

  void Head(std::string text) { blocks.emplace_back(Heading{std::move(text)}); }
  void Say(std::string text) { blocks.emplace_back(Paragraph{std::move(text)}); }
  void Show(std::string language, std::string text) {
    blocks.emplace_back(Code{std::move(language), std::move(text)});
  }
  // A table without rows is left out.
  void Add(Table table) {
    if (!table.rows.empty()) blocks.emplace_back(std::move(table));
  }
};

// At most `width` columns wide, but for code and for words that are longer.
std::string RenderText(const Document& document, size_t width);
std::string RenderText(const Table& table, size_t width);
std::string RenderMarkdown(const Document& document);

}  // namespace netc::reference
