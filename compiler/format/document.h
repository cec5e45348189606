// Text with places where it may be broken into lines, and the choice among them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace netc::format {

// Written from left to right. A group is printed on one line if it fits, and else
// with a line break at each of its lines, those of inner groups not included.
class Document {
 public:
  void Text(std::string_view text);
  // Like text, but never a reason to break a line.
  void Comment(std::string_view text);
  // A line break, or else a blank.
  void Line();
  // A line break, or else nothing.
  void SoftLine();
  // Always a line break; an empty line before it with `blank`. Breaks the groups
  // that it stands in.
  void HardLine(bool blank);
  // Printed if the group that it stands in is broken.
  void IfBroken(std::string_view text);
  void BeginGroup();
  // A group that is broken only where the line is full.
  void BeginFill();
  void EndGroup();
  void Indent(int columns);
  void Dedent(int columns);

  bool empty() const { return ops_.empty(); }
  // The text, no line of it ending with a blank.
  std::string Print(int width) const;

 private:
  friend class Printer;
  enum class Kind {
    kText,
    kComment,
    kLine,
    kSoftLine,
    kHardLine,
    kIfBroken,
    kGroup,
    kFill,
    kEnd,
    kIndent
  };
  struct Op {
    Kind kind;
    std::string text;
    int columns = 0;      // of kIndent, negative to end it
    bool blank = false;   // of kHardLine
    bool broken = false;  // of kGroup and kFill: holds a hard line
  };

  std::vector<Op> ops_;
  std::vector<size_t> open_;  // indices of the groups that are begun
};

}  // namespace netc::format
