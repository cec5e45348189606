// Tokens and comments in their order, with what stands between them, to a Document.
#pragma once

#include <string_view>
#include <vector>

#include "compiler/format/document.h"
#include "compiler/parse/syntax.h"

namespace netc::format {

// What is to stand before the next token.
enum class Glue {
  kNone,
  kSpace,
  kLine,       // a blank, or a line break if the group is broken
  kSoftLine,   // nothing, or a line break if the group is broken
  kHardLine,   // a line break
  kParagraph,  // a line break, and an empty line if the source has one
};

// Puts each comment where it stood: behind the token of its line, or on a line of
// its own before the next token.
class Composer {
 public:
  Composer(std::string_view source, const std::vector<Span>& comments)
      : source_(source), comments_(comments) {}

  void Set(Glue glue) { glue_ = glue; }
  void Token(Span span);
  // What stands before the text at `offset` is written: the glue, and comments.
  // For before groups and indentation begin.
  void Begin(uint32_t offset);
  // Comments before `offset`, which closes a list or a body, are written; whether
  // there were any.
  bool Finish(uint32_t offset);
  bool HasComments(Span span) const;
  std::string_view Text(Span span) const {
    return source_.substr(span.begin, span.end - span.begin);
  }
  // The end of file: remaining comments, and a line end.
  Document TakeDocument();

  Document& document() { return document_; }

 private:
  bool Pending(uint32_t offset) const;
  bool PendingDocumentation(uint32_t offset) const;
  void WriteComment(Span comment);
  void WriteGlue(uint32_t offset);
  bool EmptyLineBefore(uint32_t offset) const;

  std::string_view source_;
  const std::vector<Span>& comments_;
  Document document_;
  size_t next_comment_ = 0;
  Glue glue_ = Glue::kNone;
  uint32_t last_end_ = 0;       // in the source, of what was written last
  bool after_comment_ = false;  // what was written last is a comment
};

}  // namespace netc::format
