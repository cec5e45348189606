#include "compiler/format/document.h"

#include <utility>

namespace netc::format {

void Document::Text(std::string_view text) {
  ops_.push_back({Kind::kText, std::string(text)});
}
void Document::Comment(std::string_view text) {
  ops_.push_back({Kind::kComment, std::string(text)});
}
void Document::Line() {
  ops_.push_back({Kind::kLine, {}});
}
void Document::SoftLine() {
  ops_.push_back({Kind::kSoftLine, {}});
}
void Document::IfBroken(std::string_view text) {
  ops_.push_back({Kind::kIfBroken, std::string(text)});
}
void Document::Indent(int columns) {
  ops_.push_back({Kind::kIndent, {}, columns});
}
void Document::Dedent(int columns) {
  ops_.push_back({Kind::kIndent, {}, -columns});
}

void Document::HardLine(bool blank) {
  Op op{Kind::kHardLine, {}};
  op.blank = blank;
  ops_.push_back(std::move(op));
  for (size_t group : open_) ops_[group].broken = true;
}

void Document::BeginGroup() {
  open_.push_back(ops_.size());
  ops_.push_back({Kind::kGroup, {}});
}

void Document::BeginFill() {
  open_.push_back(ops_.size());
  ops_.push_back({Kind::kFill, {}});
}

void Document::EndGroup() {
  open_.pop_back();
  ops_.push_back({Kind::kEnd, {}});
}

static int Columns(std::string_view text) {
  int columns = 0;
  for (char c : text) columns += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return columns;
}

class Printer {
 public:
  Printer(const std::vector<Document::Op>& ops, int width) : ops_(ops), width_(width) {}

  std::string Run() {
    for (size_t i = 0; i < ops_.size(); ++i) Step(i);
    return std::move(out_);
  }

 private:
  using Kind = Document::Kind;
  enum class Mode { kFlat, kBroken, kFill };

  void Step(size_t i) {
    const Document::Op& op = ops_[i];
    switch (op.kind) {
      case Kind::kText:
      case Kind::kComment:
        Put(op.text);
        break;
      case Kind::kIfBroken:
        if (mode() == Mode::kBroken) Put(op.text);
        break;
      case Kind::kLine:
      case Kind::kSoftLine:
        Break(i);
        break;
      case Kind::kHardLine:
        if (op.blank) out_ += '\n';
        NewLine();
        break;
      case Kind::kGroup:
      case Kind::kFill:
        modes_.push_back(ModeOf(i));
        break;
      case Kind::kEnd:
        modes_.pop_back();
        break;
      case Kind::kIndent:
        indent_ += op.columns;
        break;
    }
  }

  Mode mode() const { return modes_.back(); }

  Mode ModeOf(size_t i) const {
    const Document::Op& op = ops_[i];
    if (!op.broken && (mode() == Mode::kFlat || Fits(i + 1, 1))) return Mode::kFlat;
    return op.kind == Kind::kFill ? Mode::kFill : Mode::kBroken;
  }

  void Break(size_t i) {
    bool line = ops_[i].kind == Kind::kLine;
    bool flat = mode() == Mode::kFlat;
    if (mode() == Mode::kFill) flat = column_ + line <= width_ && Fits(i + 1, 0, line);
    if (!flat) {
      NewLine();
    } else if (line) {
      Put(" ");
    }
  }

  // Whether everything from `i` to the next place for a line break fits, where
  // places within `groups` open groups and those that they hold don't count.
  bool Fits(size_t i, int groups, int used = 0) const {
    int column = column_ + used;
    for (; i < ops_.size() && column <= width_; ++i) {
      const Document::Op& op = ops_[i];
      switch (op.kind) {
        case Kind::kText:
          column += Columns(op.text);
          break;
        case Kind::kGroup:
        case Kind::kFill:
          groups += groups > 0;
          break;
        case Kind::kEnd:
          groups -= groups > 0;
          break;
        case Kind::kLine:
        case Kind::kSoftLine:
          if (groups == 0) return true;
          column += op.kind == Kind::kLine;
          break;
        case Kind::kHardLine:
          return true;
        default:
          break;
      }
    }
    return column <= width_;
  }

  void Put(std::string_view text) {
    if (at_line_begin_ && !text.empty()) {
      out_.append(static_cast<size_t>(indent_), ' ');
      column_ = indent_;
      at_line_begin_ = false;
    }
    out_ += text;
    column_ += Columns(text);
  }

  void NewLine() {
    out_ += '\n';
    column_ = indent_;
    at_line_begin_ = true;
  }

  const std::vector<Document::Op>& ops_;
  int width_;
  std::string out_;
  std::vector<Mode> modes_ = {Mode::kBroken};
  int indent_ = 0;
  int column_ = 0;
  bool at_line_begin_ = true;
};

std::string Document::Print(int width) const {
  return Printer(ops_, width).Run();
}

}  // namespace netc::format
