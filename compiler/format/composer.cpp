#include "compiler/format/composer.h"

#include <algorithm>
#include <string>
#include <utility>

namespace netc::format {

bool Composer::Pending(uint32_t offset) const {
  return next_comment_ < comments_.size() && comments_[next_comment_].begin < offset;
}

bool Composer::PendingDocumentation(uint32_t offset) const {
  for (size_t i = next_comment_; i < comments_.size() && comments_[i].begin < offset; ++i) {
    if (Text(comments_[i]).starts_with("///")) return true;
  }
  return false;
}

bool Composer::HasComments(Span span) const {
  auto inside = std::lower_bound(comments_.begin(), comments_.end(), span.begin,
                                 [](Span comment, uint32_t at) { return comment.begin < at; });
  return inside != comments_.end() && inside->begin < span.end;
}

// Whether the source has an empty line between what was written last and here.
bool Composer::EmptyLineBefore(uint32_t offset) const {
  if (offset <= last_end_) return false;
  std::string_view gap = source_.substr(last_end_, offset - last_end_);
  return std::count(gap.begin(), gap.end(), '\n') > 1;
}

void Composer::WriteComment(Span comment) {
  std::string_view text = Text(comment);
  text = text.substr(0, text.find_last_not_of(" \t") + 1);
  size_t line_begin = source_.substr(0, comment.begin).rfind('\n') + 1;
  std::string_view before = source_.substr(line_begin, comment.begin - line_begin);
  bool own_line = before.find_first_not_of(" \t\r\xEF\xBB\xBF") == std::string_view::npos;
  if (!own_line && !after_comment_ && !document_.empty()) {
    document_.Comment("  ");
  } else if (!document_.empty()) {
    bool may_be_empty = glue_ == Glue::kParagraph || after_comment_;
    document_.HardLine(may_be_empty && EmptyLineBefore(comment.begin));
  }
  document_.Comment(text);
  last_end_ = std::max(last_end_, comment.end);
  after_comment_ = true;
}

void Composer::WriteGlue(uint32_t offset) {
  if (after_comment_) {
    document_.HardLine(glue_ >= Glue::kHardLine && EmptyLineBefore(offset));
  } else if (!document_.empty()) {
    switch (glue_) {
      case Glue::kNone:
        break;
      case Glue::kSpace:
        document_.Text(" ");
        break;
      case Glue::kLine:
        document_.Line();
        break;
      case Glue::kSoftLine:
        document_.SoftLine();
        break;
      case Glue::kHardLine:
        document_.HardLine(false);
        break;
      case Glue::kParagraph:
        document_.HardLine(EmptyLineBefore(offset));
        break;
    }
  }
  glue_ = Glue::kNone;
  after_comment_ = false;
}

void Composer::Begin(uint32_t offset) {
  while (Pending(offset)) WriteComment(comments_[next_comment_++]);
  WriteGlue(offset);
}

bool Composer::Finish(uint32_t offset) {
  bool any = Pending(offset);
  while (Pending(offset)) WriteComment(comments_[next_comment_++]);
  return any;
}

void Composer::Token(Span span) {
  std::string_view text = Text(span);
  // Comments before what ends a statement or an element stand behind it, but for
  // documentation: there it would be that of what follows.
  bool ends = (text == ";" || text == ",") && !after_comment_ && !PendingDocumentation(span.begin);
  if (ends) {
    WriteGlue(span.begin);
  } else {
    Begin(span.begin);
  }
  document_.Text(text);
  last_end_ = std::max(last_end_, span.end);
}

Document Composer::TakeDocument() {
  glue_ = Glue::kParagraph;
  while (Pending(UINT32_MAX)) WriteComment(comments_[next_comment_++]);
  if (!document_.empty()) document_.HardLine(false);
  return std::move(document_);
}

}  // namespace netc::format
