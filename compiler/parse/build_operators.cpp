// The flat list of operands and operators that the grammar reads, to a tree.
#include <algorithm>
#include <utility>

#include "compiler/parse/builder.h"

namespace netc::parse {
namespace {

// From loosest to tightest, as grammar/NetcParser.g4 lists them.
enum class Precedence {
  kOrInsert,
  kOr,
  kAnd,
  kNot,
  kCompare,
  kRange,
  kBitOr,
  kBitXor,
  kBitAnd,
  kShift,
  kAdd,
  kMultiply,
  kCast,
  kPrefix,
};
constexpr Precedence kLoosest = Precedence::kOrInsert;

Precedence Tighter(Precedence precedence) {
  return static_cast<Precedence>(static_cast<int>(precedence) + 1);
}

struct Operator {
  TokenType type;  // of its first token; SHR_ASSIGN stands for `>>`
  Span span;
};
constexpr TokenType kShiftRight = NetcLexer::SHR_ASSIGN;

Precedence PrecedenceOf(TokenType op) {
  switch (op) {
    case NetcLexer::OR_INSERT:
      return Precedence::kOrInsert;
    case NetcLexer::OR:
      return Precedence::kOr;
    case NetcLexer::AND:
      return Precedence::kAnd;
    case NetcLexer::DOTDOT:
    case NetcLexer::UNTIL:
      return Precedence::kRange;
    case NetcLexer::PIPE:
      return Precedence::kBitOr;
    case NetcLexer::CARET:
      return Precedence::kBitXor;
    case NetcLexer::AMP:
      return Precedence::kBitAnd;
    case NetcLexer::SHL:
    case kShiftRight:
      return Precedence::kShift;
    case NetcLexer::PLUS:
    case NetcLexer::MINUS:
      return Precedence::kAdd;
    case NetcLexer::STAR:
    case NetcLexer::SLASH:
    case NetcLexer::PERCENT:
      return Precedence::kMultiply;
    case NetcLexer::AS:
      return Precedence::kCast;
    default:
      return Precedence::kCompare;
  }
}

ast::BinaryOp BinaryOpOf(TokenType type) {
  switch (type) {
    case NetcLexer::STAR:
      return ast::BinaryOp::kMul;
    case NetcLexer::SLASH:
      return ast::BinaryOp::kDiv;
    case NetcLexer::PERCENT:
      return ast::BinaryOp::kRem;
    case NetcLexer::PLUS:
      return ast::BinaryOp::kAdd;
    case NetcLexer::MINUS:
      return ast::BinaryOp::kSub;
    case NetcLexer::SHL:
      return ast::BinaryOp::kShl;
    case kShiftRight:
      return ast::BinaryOp::kShr;
    case NetcLexer::AMP:
      return ast::BinaryOp::kAnd;
    case NetcLexer::CARET:
      return ast::BinaryOp::kXor;
    default:
      return ast::BinaryOp::kOr;
  }
}

ast::CompareOp CompareOpOf(NetcParser::BinaryOpContext& context) {
  using enum ast::CompareOp;
  switch (context.start->getType()) {
    case NetcLexer::EQ:
      return kEq;
    case NetcLexer::NE:
      return kNe;
    case NetcLexer::LT:
      return kLt;
    case NetcLexer::LE:
      return kLe;
    case NetcLexer::GT:
      return kGt;
    case NetcLexer::GE:
      return kGe;
    case NetcLexer::IN:
      return kIn;
    case NetcLexer::NOT:
      return kNotIn;
    case NetcLexer::HAS:
      return kHas;
    default:
      return context.children.size() == 1 ? kIs : kIsNot;
  }
}

}  // namespace

// Climbs precedences over the children of one expression: operand, operator,
// operand, … with `as TYPE` among them. Recursion is as deep as there are
// precedences and prefixes, however long the list is.
class Builder::Operators {
 public:
  Operators(Builder& builder, P::ExprContext& context)
      : builder_(builder), children_(context.children) {}

  ast::ExprPtr Run() { return Climb(kLoosest, 0); }

 private:
  // The longest expression from here whose operators bind at least as tight as
  // `least`. The first `prefix` prefixes of the first operand are another's.
  ast::ExprPtr Climb(Precedence least, size_t prefix) {
    ast::ExprPtr left = BuildPrefixed(prefix);
    Operator previous{kEndOfFile, {}};
    while (at_ < children_.size()) {
      Operator op = Peek();
      Precedence precedence = PrecedenceOf(op.type);
      if (precedence < least) break;
      left = precedence == Precedence::kCast ? BuildCast(std::move(left))
                                             : BuildBinary(op, previous, std::move(left));
      previous = op;
    }
    return left;
  }

  Operator Peek() const {
    if (IsAs(at_)) return {NetcLexer::AS, {}};
    auto& op = *static_cast<P::BinaryOpContext*>(children_[at_]);
    bool shift = op.start->getType() == NetcLexer::GT && op.children.size() == 2;
    return {shift ? kShiftRight : op.start->getType(), builder_.SpanOf(op)};
  }

  bool IsAs(size_t at) const {
    return typeid(*children_[at]) == typeid(antlr4::tree::TerminalNodeImpl);
  }

  ast::ExprPtr BuildPrefixed(size_t prefix) {
    auto* context = static_cast<antlr4::ParserRuleContext*>(children_[at_]);
    if (auto* set = As<P::SetContext>(context)) {
      ++at_;
      return builder_.BuildSet(*set);
    }
    auto& operand = static_cast<P::OperandContext&>(*context);
    auto* node = dynamic_cast<antlr4::tree::TerminalNode*>(operand.children[prefix]);
    if (!node) {
      ++at_;
      return builder_.BuildOperand(operand);
    }
    TokenType type = node->getSymbol()->getType();
    bool is_not = type == NetcLexer::NOT;
    ast::ExprPtr inner = Climb(is_not ? Precedence::kNot : Precedence::kPrefix, prefix + 1);
    Span span = Cover(builder_.SpanOf(*node), inner->span);
    int height = builder_.height_ + 1;
    if (is_not) return builder_.Make(span, ast::Not{std::move(inner)}, height);
    ast::UnaryOp op = type == NetcLexer::MINUS ? ast::UnaryOp::kNegate : ast::UnaryOp::kComplement;
    return builder_.Make(span, ast::Unary{op, std::move(inner)}, height);
  }

  ast::ExprPtr BuildCast(ast::ExprPtr left) {
    ast::Path path =
        builder_.BuildPath(*static_cast<P::CastTypeContext*>(children_[at_ + 1])->path());
    at_ += 2;
    Span span = Cover(left->span, path.span);
    ast::Type type{path.span, ast::NamedType{std::move(path), {}}};
    return builder_.Make(span, ast::Cast{std::move(left), std::move(type)}, builder_.height_ + 1);
  }

  ast::ExprPtr BuildBinary(const Operator& op, const Operator& previous, ast::ExprPtr left) {
    auto& context = *static_cast<P::BinaryOpContext*>(children_[at_++]);
    int left_height = builder_.height_;
    Precedence precedence = PrecedenceOf(op.type);
    ast::ExprPtr right = Climb(Tighter(precedence), 0);
    int height = std::max(left_height, builder_.height_) + 1;
    bool again = previous.type == op.type;
    if (again && (op.type == NetcLexer::AND || op.type == NetcLexer::OR)) {
      return Append(std::move(left), std::move(right), left_height);
    }
    if (precedence == Precedence::kCompare) {
      bool chained =
          previous.type != kEndOfFile && PrecedenceOf(previous.type) == Precedence::kCompare;
      if (chained) RefuseChain(op, previous, *right);
    }
    if (op.type == kShiftRight && op.span.end - op.span.begin != 2) {
      builder_.Report(
          diag::Error(diag::Kind::kSyntax, op.span, "`>>` is written without a blank in it")
              .WithFix(op.span, ">>"));
    }
    Span span = Cover(left->span, right->span);
    return builder_.Make(span, Node(op, context, std::move(left), std::move(right)), height);
  }

  // `a and b and c` is one node, so that a chain of thousands isn't deep.
  ast::ExprPtr Append(ast::ExprPtr list, ast::ExprPtr last, int list_height) {
    auto* conjunction = std::get_if<ast::And>(&list->node);
    // Not so if the list was too deep and stands no more.
    auto* disjunction = std::get_if<ast::Or>(&list->node);
    builder_.height_ = std::max(list_height, builder_.height_ + 1);
    list->span = Cover(list->span, last->span);
    if (conjunction) conjunction->operands.push_back(std::move(last));
    if (disjunction) disjunction->operands.push_back(std::move(last));
    return list;
  }

  decltype(ast::Expr::node) Node(const Operator& op, P::BinaryOpContext& context, ast::ExprPtr left,
                                 ast::ExprPtr right) {
    switch (PrecedenceOf(op.type)) {
      case Precedence::kOrInsert:
        return ast::OrInsert{std::move(left), std::move(right)};
      case Precedence::kOr:
        return List<ast::Or>(std::move(left), std::move(right));
      case Precedence::kAnd:
        return List<ast::And>(std::move(left), std::move(right));
      case Precedence::kRange:
        return ast::Range{std::move(left), std::move(right), op.type == NetcLexer::DOTDOT};
      case Precedence::kCompare:
        return ast::Compare{CompareOpOf(context), op.span, std::move(left), std::move(right)};
      default:
        return ast::Binary{BinaryOpOf(op.type), op.span, std::move(left), std::move(right)};
    }
  }

  template <class Node>
  static Node List(ast::ExprPtr left, ast::ExprPtr right) {
    Node list;
    list.operands.push_back(std::move(left));
    list.operands.push_back(std::move(right));
    return list;
  }

  void RefuseChain(const Operator& op, const Operator& previous, const ast::Expr& right) {
    std::string_view text = builder_.source_.text();
    auto trimmed = [&](uint32_t begin, uint32_t end) {
      std::string_view part = text.substr(begin, end - begin);
      part.remove_prefix(std::min(part.find_first_not_of(" \t\r\n"), part.size()));
      part.remove_suffix(part.size() - 1 - part.find_last_not_of(" \t\r\n"));
      return std::string(part);
    };
    std::string middle = trimmed(previous.span.end, op.span.begin);
    std::string repaired = "and " + middle + " ";
    builder_.Report(
        diag::Error(diag::Kind::kSyntax, op.span, "comparisons can't be chained",
                    "compares the result of a comparison")
            .WithLabel(previous.span, "the first comparison")
            .WithHint("here: `" + repaired + trimmed(op.span.begin, right.span.end) + "`")
            .WithFix({op.span.file, op.span.begin, op.span.begin}, repaired));
  }

  Builder& builder_;
  const std::vector<antlr4::tree::ParseTree*>& children_;
  size_t at_ = 0;
};

ast::ExprPtr Builder::BuildExpr(P::ExprContext& context) {
  return Operators(*this, context).Run();
}

}  // namespace netc::parse
