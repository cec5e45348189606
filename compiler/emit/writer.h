// Lines of C with their indentation and the places that they come from.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/program.h"

namespace netc::emit {

class Writer {
 public:
  void Line(std::string_view text);   // indented; an empty one stays empty
  void Label(std::string_view text);  // at the left margin
  void Text(std::string_view lines);  // as it stands
  void Open(std::string_view text) { Line(text), ++depth_; }
  // An empty one ends a block without braces.
  void Close(std::string_view text) {
    --depth_;
    if (!text.empty()) Line(text);
  }
  void Depth(int change) { depth_ += change; }
  void From(ir::Origin origin) { origin_ = origin; }
  // A comment from documentation, which may have several lines.
  void Comment(std::string_view text);

  struct Mapping {
    uint32_t line;
    ir::Origin origin;
  };
  uint32_t line_count() const { return lines_; }
  const std::vector<Mapping>& mappings() const { return mappings_; }
  const std::string& text() const { return text_; }

 private:
  void Map();

  std::string text_;
  uint32_t lines_ = 0;
  int depth_ = 0;
  ir::Origin origin_;
  std::vector<Mapping> mappings_;
};

}  // namespace netc::emit
