#include <utility>

#include "compiler/parse/builder.h"
#include "compiler/parse/nesting.h"
#include "compiler/parse/parse.h"

namespace netc::parse {

ast::ExprPtr Builder::Make(Span span, decltype(ast::Expr::node) node) const {
  return std::make_unique<ast::Expr>(ast::Expr{span, std::move(node)});
}

ast::ExprPtr Builder::BuildOptionalExpr(P::ExprContext* context) {
  return context ? BuildExpr(*context) : nullptr;
}

ast::ExprPtr Builder::BuildOptionalValue(P::ValueContext* context) {
  return context ? BuildValue(*context) : nullptr;
}

ast::ExprPtr Builder::BuildGuard(P::GuardContext* context) {
  return context ? BuildExpr(*context->expr()) : nullptr;
}

std::vector<ast::ExprPtr> Builder::BuildExprs(const std::vector<P::ExprContext*>& contexts) {
  std::vector<ast::ExprPtr> exprs;
  for (P::ExprContext* context : contexts) exprs.push_back(BuildExpr(*context));
  return exprs;
}

std::vector<ast::ExprPtr> Builder::BuildValues(const std::vector<P::ValueContext*>& contexts) {
  std::vector<ast::ExprPtr> values;
  for (P::ValueContext* context : contexts) values.push_back(BuildValue(*context));
  return values;
}

std::vector<ast::Argument> Builder::BuildArguments(P::ArgumentsContext* context) {
  std::vector<ast::Argument> arguments;
  if (!context) return arguments;
  for (P::ArgumentContext* each : context->argument()) {
    arguments.push_back({BuildOptionalName(each->ident()), BuildValue(*each->value())});
  }
  return arguments;
}

std::vector<ast::Initializer> Builder::BuildInitializers(P::InitializersContext* context) {
  std::vector<ast::Initializer> initializers;
  if (!context) return initializers;
  for (P::InitializerContext* each : context->initializer()) {
    initializers.push_back({BuildName(*each->ident()), BuildValue(*each->value())});
  }
  return initializers;
}

ast::ExprPtr Builder::BuildValue(P::ValueContext& context) {
  return context.initializers() ? BuildStruct(context) : BuildExpr(*context.expr());
}

// Whether the expression reads `a.b.c`; its parts are appended.
bool Builder::AppendPath(P::ExprContext& context, ast::Path& path) const {
  std::vector<P::IdentContext*> parts;
  P::ExprContext* at = &context;
  while (auto* member = As<P::MemberExprContext>(at)) {
    if (!member->ident()) return false;
    parts.push_back(member->ident());
    at = member->expr();
  }
  auto* first = As<P::NameExprContext>(at);
  if (!first) return false;
  parts.push_back(first->ident());
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    path.parts.push_back(BuildName(**part));
  }
  return true;
}

ast::ExprPtr Builder::BuildStruct(P::ValueContext& context) {
  ast::Path path;
  path.span = SpanOf(*context.expr());
  if (!AppendPath(*context.expr(), path)) {
    Report(diag::Error(diag::Kind::kSyntax, path.span, "expected the name of a struct before `{`",
                       "not a name"));
    path.parts.push_back({"", path.span});
  }
  return Make(SpanOf(context),
              ast::StructLiteral{std::move(path), BuildInitializers(context.initializers())});
}

// The operand on the left of a construct that begins with one, else null.
static NetcParser::ExprContext* LeftOperand(NetcParser::ExprContext& context) {
  return dynamic_cast<NetcParser::ExprContext*>(context.children.front());
}

// Whether both make one node: `a and b and c` is one `and` of three.
static bool SameList(NetcParser::ExprContext& outer, NetcParser::ExprContext& inner) {
  bool list = As<NetcParser::AndExprContext>(&outer) || As<NetcParser::OrExprContext>(&outer);
  return list && typeid(outer) == typeid(inner);
}

// ANTLR's tree leans to the left, as deep as there are operators; it is walked
// in a loop, and what netc's own tree would nest too deep is refused.
ast::ExprPtr Builder::BuildExpr(P::ExprContext& context) {
  std::vector<P::ExprContext*> spine;
  int levels = 1;
  P::ExprContext* first = &context;
  while (P::ExprContext* left = LeftOperand(*first)) {
    spine.push_back(first);
    levels += !SameList(*first, *left);
    first = left;
  }
  if (depth_ + levels > kMaxNesting) {
    Report(NestingTooDeep(SpanOf(context)));
    return Make(SpanOf(context), ast::NameRef{});
  }
  int depth = std::exchange(depth_, depth_ + levels);
  ast::ExprPtr expr = BuildOperand(*first);
  for (size_t i = spine.size(); i-- > 0;) {
    bool within_list = i + 1 < spine.size() && SameList(*spine[i], *spine[i + 1]);
    if (!within_list) --depth_;
    expr = Extend(*spine[i], std::move(expr));
  }
  depth_ = depth;
  return expr;
}

ast::ExprPtr Builder::BuildOperand(P::ExprContext& context) {
  Span span = SpanOf(context);
  if (auto* name = As<P::NameExprContext>(&context))
    return Make(span, ast::NameRef{Text(*name->start)});
  if (As<P::LiteralExprContext>(&context)) return BuildLiteral(*context.start);
  if (auto* group = As<P::GroupExprContext>(&context)) return BuildGroup(*group);
  if (auto* set = As<P::SetExprContext>(&context)) {
    return Make(span, ast::SetLiteral{BuildValues(set->value())});
  }
  if (auto* array = As<P::ArrayExprContext>(&context)) {
    return Make(span, ast::ArrayLiteral{BuildValues(array->value())});
  }
  if (auto* negation = As<P::NotExprContext>(&context)) {
    return Make(span, ast::Not{BuildExpr(*negation->expr())});
  }
  auto& prefix = static_cast<P::PrefixExprContext&>(context);
  ast::UnaryOp op = prefix.MINUS() ? ast::UnaryOp::kNegate : ast::UnaryOp::kComplement;
  return Make(span, ast::Unary{op, BuildExpr(*prefix.expr())});
}

static ast::LiteralKind KindOf(TokenType type) {
  switch (type) {
    case NetcLexer::INT:
      return ast::LiteralKind::kInteger;
    case NetcLexer::QUANTITY:
      return ast::LiteralKind::kQuantity;
    case NetcLexer::FREQUENCY:
      return ast::LiteralKind::kFrequency;
    case NetcLexer::IPV4:
      return ast::LiteralKind::kIpv4;
    case NetcLexer::IPV4_PREFIX:
      return ast::LiteralKind::kIpv4Prefix;
    case NetcLexer::IPV6:
      return ast::LiteralKind::kIpv6;
    case NetcLexer::IPV6_PREFIX:
      return ast::LiteralKind::kIpv6Prefix;
    case NetcLexer::MAC:
      return ast::LiteralKind::kMac;
    case NetcLexer::STRING:
      return ast::LiteralKind::kString;
    default:
      return ast::LiteralKind::kBool;
  }
}

ast::ExprPtr Builder::BuildLiteral(const Token& token) {
  ast::LiteralKind kind = KindOf(token.getType());
  bool is_string = kind == ast::LiteralKind::kString;
  return Make(SpanOf(token), ast::Literal{kind, is_string ? BuildString(token) : Text(token)});
}

// One element in parentheses is that element, with a span that holds them.
ast::ExprPtr Builder::BuildGroup(P::GroupExprContext& context) {
  std::vector<ast::ExprPtr> elements = BuildValues(context.value());
  if (elements.size() > 1) return Make(SpanOf(context), ast::Tuple{std::move(elements)});
  elements[0]->span = SpanOf(context);
  return std::move(elements[0]);
}

template <class List>
ast::ExprPtr Builder::ExtendList(P::ExprContext& context, P::ExprContext& next, ast::ExprPtr left) {
  if (SameList(context, *LeftOperand(context))) {
    std::get<List>(left->node).operands.push_back(BuildExpr(next));
    left->span = SpanOf(context);
    return left;
  }
  List list;
  list.operands.push_back(std::move(left));
  list.operands.push_back(BuildExpr(next));
  return Make(SpanOf(context), std::move(list));
}

// `left` with what the context adds to it on its right.
ast::ExprPtr Builder::Extend(P::ExprContext& context, ast::ExprPtr left) {
  Span span = SpanOf(context);
  if (auto* member = As<P::MemberExprContext>(&context)) {
    return Make(span, ast::Member{std::move(left), BuildName(*member->stop)});
  }
  if (auto* list = As<P::AndExprContext>(&context)) {
    return ExtendList<ast::And>(context, *list->expr(1), std::move(left));
  }
  if (auto* list = As<P::OrExprContext>(&context)) {
    return ExtendList<ast::Or>(context, *list->expr(1), std::move(left));
  }
  if (auto* comparison = As<P::ComparisonExprContext>(&context)) {
    return ExtendComparison(*comparison, std::move(left));
  }
  if (auto* call = As<P::CallExprContext>(&context)) {
    return Make(span, ast::Call{std::move(left), BuildArguments(call->arguments())});
  }
  if (auto* index = As<P::IndexExprContext>(&context)) {
    return Make(span, ast::Index{std::move(left), BuildValue(*index->value())});
  }
  if (auto* binary = As<P::BinaryExprContext>(&context)) {
    return ExtendBinary(*binary, std::move(left));
  }
  if (auto* range = As<P::RangeExprContext>(&context)) {
    bool inclusive = range->DOTDOT() != nullptr;
    return Make(span, ast::Range{std::move(left), BuildExpr(*range->expr(1)), inclusive});
  }
  if (auto* cast = As<P::CastExprContext>(&context)) {
    ast::Path path = BuildPath(*cast->castType()->path());
    Span type_span = path.span;
    ast::Type type{type_span, ast::NamedType{std::move(path), {}}};
    return Make(span, ast::Cast{std::move(left), std::move(type)});
  }
  auto& insert = static_cast<P::OrInsertExprContext&>(context);
  return Make(span, ast::OrInsert{std::move(left), BuildExpr(*insert.expr(1))});
}

static ast::BinaryOp BinaryOpOf(TokenType type) {
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
    case NetcLexer::GT:
      return ast::BinaryOp::kShr;
    case NetcLexer::AMP:
      return ast::BinaryOp::kAnd;
    case NetcLexer::CARET:
      return ast::BinaryOp::kXor;
    default:
      return ast::BinaryOp::kOr;
  }
}

// `>>` is two tokens, so that `set<range<port>>` needs no blank.
ast::ExprPtr Builder::ExtendBinary(P::BinaryExprContext& context, ast::ExprPtr left) {
  auto* op = static_cast<antlr4::tree::TerminalNode*>(context.children[1]);
  auto* op_end =
      static_cast<antlr4::tree::TerminalNode*>(context.children[context.children.size() - 2]);
  Span op_span = Cover(SpanOf(*op), SpanOf(*op_end));
  if (op != op_end && op_span.end - op_span.begin != 2) {
    Report(diag::Error(diag::Kind::kSyntax, op_span, "`>>` is written without a blank in it")
               .WithFix(op_span, ">>"));
  }
  return Make(SpanOf(context), ast::Binary{BinaryOpOf(op->getSymbol()->getType()), op_span,
                                           std::move(left), BuildExpr(*context.expr(1))});
}

static ast::CompareOp CompareOpOf(NetcParser::ComparisonOpContext& context) {
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
      return context.start == context.stop ? kIs : kIsNot;
  }
}

ast::ExprPtr Builder::ExtendComparison(P::ComparisonExprContext& context, ast::ExprPtr left) {
  Span op_span = SpanOf(*context.comparisonOp());
  if (auto* inner = As<P::ComparisonExprContext>(LeftOperand(context))) {
    auto text = [&](antlr4::ParserRuleContext& part) {
      Span span = SpanOf(part);
      return std::string(source_.text().substr(span.begin, span.end - span.begin));
    };
    Span here{file_, SpanOf(*inner->expr(1)).begin, SpanOf(context).end};
    std::string middle = text(*inner->expr(1));
    std::string last = middle + " " + text(*context.comparisonOp()) + " " + text(*context.expr(1));
    Report(diag::Error(diag::Kind::kSyntax, op_span, "comparisons can't be chained",
                       "compares the result of a comparison")
               .WithLabel(SpanOf(*inner->comparisonOp()), "the first comparison")
               .WithHint("here: `… " + middle + " and " + last + "`")
               .WithFix(here, middle + " and " + last));
  }
  return Make(SpanOf(context), ast::Compare{CompareOpOf(*context.comparisonOp()), op_span,
                                            std::move(left), BuildExpr(*context.expr(1))});
}

}  // namespace netc::parse
