#include "compiler/format/format.h"

#include <algorithm>
#include <initializer_list>

#include "compiler/format/composer.h"
#include "compiler/parse/syntax.h"

namespace netc::format {
namespace {

using parse::SyntaxNode;

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

class Formatter {
 public:
  Formatter(std::string_view source, const parse::SyntaxTree& tree)
      : tree_(tree), composer_(source, tree.comments), document_(composer_.document()) {}

  std::string Run() {
    for (const SyntaxNode& root : tree_.roots) {
      composer_.Set(Glue::kParagraph);
      Walk(root);
    }
    return composer_.TakeDocument().Print(kLineWidth);
  }

 private:
  using Nodes = std::vector<SyntaxNode>;

  void Walk(const SyntaxNode& node) {
    if (node.is_token()) {
      composer_.Token(node.span);
      last_ = Text(node);
    } else if (node.rule == "memberList") {
      List(node, HasValues(node) ? Glue::kHardLine : Glue::kLine, true);
    } else if (IsOneOf(node.rule, {"fieldList", "entries", "initializers"})) {
      List(node, Glue::kLine, true);
    } else if (IsOneOf(node.rule, {"parameters", "attributes", "arguments"})) {
      List(node, Glue::kSoftLine, true);
    } else if (node.rule == "set" || (node.rule == "atom" && Opens(node, "["))) {
      Fill(node);
    } else if (node.rule == "atom" && Opens(node, "(")) {
      List(node, Glue::kSoftLine, false);
    } else if (node.rule == "expr") {
      Expression(node);
    } else if (node.rule == "packet") {
      Packet(node);
    } else {
      Sequence(node);
    }
  }

  // --- Rules without lines of their own

  void Sequence(const SyntaxNode& node) {
    const Nodes& children = node.children;
    bool in_body = false;
    for (size_t i = 0; i < children.size(); ++i) {
      const SyntaxNode& child = children[i];
      if (IsToken(child, "{") && HasBody(node)) {
        BeginBody(child, node, i);
        in_body = true;
      } else if (IsToken(child, "}") && in_body) {
        EndBody(child);
        in_body = false;
      } else if (in_body) {
        Member(child);
      } else if (IsElseOf(node, i) && IsShort(child)) {
        if (i > 0) composer_.Set(Glue::kSpace);
        ShortBlock(child.children);
      } else {
        if (i > 0) composer_.Set(Between(node, child));
        Walk(child);
      }
    }
  }

  // What stands between the last token and a child that is not its parent's first.
  Glue Between(const SyntaxNode& parent, const SyntaxNode& child) const {
    std::string_view next = Text(First(child));
    if (IsOneOf(next, {";", ",", ":", ")", "]", "."})) return Glue::kNone;
    if (IsOneOf(last_, {"(", "[", "."})) return Glue::kNone;
    if (IsOneOf(child.rule, {"suffix", "arguments", "parameters"})) return Glue::kNone;
    bool call_like =
        next == "(" && IsOneOf(parent.rule, {"place", "headerMember"}) && child.is_token();
    bool angle = parent.rule == "type" && (IsOneOf(next, {"<", ">"}) || last_ == "<");
    bool prefix = parent.rule == "operand" && IsOneOf(last_, {"-", "~"});
    bool shift = parent.rule == "binaryOp" && next == ">";
    return call_like || angle || prefix || shift ? Glue::kNone : Glue::kSpace;
  }

  // --- Bodies: a statement or a member a line

  static bool HasBody(const SyntaxNode& node) {
    return IsOneOf(node.rule, {"block", "item", "headerMember", "statement"});
  }

  void BeginBody(const SyntaxNode& brace, const SyntaxNode& parent, size_t at) {
    if (at > 0) composer_.Set(Glue::kSpace);
    inline_ = IsShortOption(parent) && !composer_.HasComments(parent.span);
    if (inline_) {
      composer_.Begin(brace.span.begin);
      document_.BeginGroup();
    }
    Walk(brace);
    document_.Indent(kIndent);
    empty_ = true;
  }

  void Member(const SyntaxNode& member) {
    bool in_line = inline_;
    composer_.Set(in_line ? Glue::kLine : empty_ ? Glue::kHardLine : Glue::kParagraph);
    Walk(member);
    inline_ = in_line;
    empty_ = false;
  }

  void EndBody(const SyntaxNode& brace) {
    bool has_comments = composer_.Finish(brace.span.begin);
    document_.Dedent(kIndent);
    bool nothing = empty_ && !has_comments;
    composer_.Set(nothing ? Glue::kSpace : inline_ ? Glue::kLine : Glue::kHardLine);
    Walk(brace);
    if (inline_) document_.EndGroup();
    inline_ = false;
    empty_ = false;
  }

  // `option mss(2) { value: u16; }`: fields alone may stand on its line.
  bool IsShortOption(const SyntaxNode& node) const {
    if (node.rule != "headerMember" || Text(First(node)) != "option") return false;
    return std::all_of(node.children.begin(), node.children.end(), [&](const SyntaxNode& child) {
      return child.rule != "headerMember" || child.children.size() < 2 ||
             Text(child.children[1]) == ":";
    });
  }

  // The block of `… else { abort; }`.
  bool IsElseOf(const SyntaxNode& node, size_t i) const {
    return node.rule == "statement" && node.children[i].rule == "block" && i > 0 &&
           IsToken(node.children[i - 1], "else");
  }

  // One statement that holds no other, and no comment.
  bool IsShort(const SyntaxNode& block) const {
    if (block.children.size() != 3 || composer_.HasComments(block.span)) return false;
    const Nodes& parts = block.children[1].children;
    return std::none_of(parts.begin(), parts.end(), [&](const SyntaxNode& part) {
      return part.rule == "block" || IsToken(part, "{");
    });
  }

  void ShortBlock(const Nodes& parts) {
    composer_.Begin(parts[0].span.begin);
    document_.BeginGroup();
    Walk(parts[0]);
    document_.Indent(kIndent);
    composer_.Set(Glue::kLine);
    Walk(parts[1]);
    document_.Dedent(kIndent);
    composer_.Set(Glue::kLine);
    Walk(parts[2]);
    document_.EndGroup();
  }

  // --- Lists in brackets: on one line, or an element a line

  void List(const SyntaxNode& node, Glue inside, bool trailing_comma) {
    const Nodes& children = node.children;
    composer_.Begin(node.span.begin);
    document_.BeginGroup();
    Walk(children.front());
    document_.Indent(kIndent);
    Elements(children, inside);
    bool empty = children.size() == 2;
    if (trailing_comma && !empty) document_.IfBroken(",");
    composer_.Finish(children.back().span.begin);
    document_.Dedent(kIndent);
    Glue nothing = inside == Glue::kLine ? Glue::kSpace : Glue::kNone;
    composer_.Set(empty ? nothing : inside);
    Walk(children.back());
    document_.EndGroup();
  }

  // Whether a member of an enum says its value: then each has its line.
  static bool HasValues(const SyntaxNode& members) {
    return std::any_of(members.children.begin(), members.children.end(),
                       [](const SyntaxNode& member) { return member.children.size() > 1; });
  }

  // Elements that are mostly short and many: as many on a line as fit.
  void Fill(const SyntaxNode& node) {
    composer_.Begin(node.span.begin);
    document_.BeginFill();
    Walk(node.children.front());
    document_.Indent(kIndent);
    Elements(node.children, Glue::kNone);
    composer_.Finish(node.children.back().span.begin);
    document_.Dedent(kIndent);
    composer_.Set(Glue::kNone);
    Walk(node.children.back());
    document_.EndGroup();
  }

  // Without the brackets.
  void Elements(const Nodes& children, Glue first) {
    for (size_t i = 1; i + 1 < children.size(); ++i) {
      bool comma = IsToken(children[i], ",");
      composer_.Set(comma ? Glue::kNone : i == 1 ? first : Glue::kLine);
      Walk(children[i]);
    }
  }

  // --- Chains: broken before `and`, `or` and `/`

  void Expression(const SyntaxNode& node) { Chain(node.children, 0, node.children.size(), 0); }

  void Chain(const Nodes& nodes, size_t begin, size_t end, size_t level) {
    static constexpr std::string_view kBreakers[] = {"or_insert", "or", "and"};
    if (level == std::size(kBreakers)) return Operands(nodes, begin, end);
    auto breaks = [&](size_t i) {
      return nodes[i].rule == "binaryOp" && Text(First(nodes[i])) == kBreakers[level];
    };
    size_t next = begin;
    while (next < end && !breaks(next)) ++next;
    if (next == end) return Chain(nodes, begin, end, level + 1);
    composer_.Begin(nodes[begin].span.begin);
    document_.BeginGroup();
    document_.Indent(kIndent);
    for (;;) {
      Chain(nodes, begin, next, level + 1);
      if (next == end) break;
      composer_.Set(Glue::kLine);
      Walk(nodes[next]);
      composer_.Set(Glue::kSpace);
      begin = next + 1;
      next = begin;
      while (next < end && !breaks(next)) ++next;
    }
    document_.Dedent(kIndent);
    document_.EndGroup();
  }

  void Operands(const Nodes& nodes, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      bool range = IsOneOf(i > begin ? Text(First(nodes[i])) : "", {"..", "..<"}) ||
                   IsOneOf(last_, {"..", "..<"});
      if (i > begin) composer_.Set(range ? Glue::kNone : Glue::kSpace);
      Walk(nodes[i]);
    }
  }

  void Packet(const SyntaxNode& node) {
    composer_.Begin(node.span.begin);
    document_.BeginGroup();
    document_.Indent(kIndent);
    for (size_t i = 0; i < node.children.size(); ++i) {
      bool slash = IsToken(node.children[i], "/");
      if (i > 0) composer_.Set(slash ? Glue::kLine : Glue::kSpace);
      Walk(node.children[i]);
    }
    document_.Dedent(kIndent);
    document_.EndGroup();
  }

  // --- Nodes

  std::string_view Text(const SyntaxNode& token) const { return composer_.Text(token.span); }
  bool IsToken(const SyntaxNode& node, std::string_view text) const {
    return node.is_token() && Text(node) == text;
  }
  static const SyntaxNode& First(const SyntaxNode& node) {
    const SyntaxNode* first = &node;
    while (!first->is_token()) first = &first->children.front();
    return *first;
  }
  bool Opens(const SyntaxNode& node, std::string_view text) const {
    return IsToken(node.children.front(), text);
  }

  const parse::SyntaxTree& tree_;
  Composer composer_;
  Document& document_;
  std::string_view last_;  // text of the last token
  bool inline_ = false;    // the innermost body may stand on one line
  bool empty_ = false;     // the innermost body has no member yet
};

}  // namespace

std::optional<std::string> Format(const SourceSet& sources, FileId file,
                                  diag::Diagnostics& diagnostics) {
  std::optional<parse::SyntaxTree> tree = parse::ReadSyntax(sources, file, diagnostics);
  if (!tree) return std::nullopt;
  return Formatter(sources.file(file).text(), *tree).Run();
}

}  // namespace netc::format
