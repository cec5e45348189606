// A line of source as a terminal shows it: which column each byte falls on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace netc::diag {

// Widest excerpt of a source line (columns); a longer line is cut around what is
// marked in it.
inline constexpr uint32_t kMaxExcerpt = 160;

class DisplayLine {
 public:
  // `line` is valid UTF-8 without its line end. Tabs become four blanks; control
  // and bidirectional characters, which could change how the terminal shows the
  // rest, become U+FFFD.
  explicit DisplayLine(std::string_view line);

  uint32_t width() const { return column_of_.back(); }
  // 0-based column of a byte offset in the line; past the end, the line's width.
  uint32_t Column(uint32_t offset) const;
  // What is shown of columns [from, to); a wide character that straddles an edge
  // is shown as blanks.
  std::string Text(uint32_t from, uint32_t to) const;

 private:
  struct Glyph {
    uint32_t column;
    uint32_t width;
    std::string_view text;
  };
  std::vector<Glyph> glyphs_;
  std::vector<uint32_t> column_of_;  // by byte, and one past the last
};

// `text` as DisplayLine shows it: messages may quote what a file holds.
std::string Shown(std::string_view text);

// The part of a line that is shown: columns [from, to). Where the line is cut,
// the excerpt's first or last column holds "…".
struct Excerpt {
  uint32_t from = 0;
  uint32_t to = 0;
  std::string text;
};

// Cuts `line` so that column `focus` is in sight.
Excerpt Cut(const DisplayLine& line, uint32_t focus);

}  // namespace netc::diag
