#include <algorithm>
#include <utility>

#include "compiler/parse/builder.h"
#include "compiler/parse/parse.h"

namespace netc::parse {

ast::ExprPtr Builder::Make(Span span, decltype(ast::Expr::node) node, int height) {
  height_ = height;
  if (height > kMaxNesting) {
    ReportTooDeep(span);
    node = ast::NameRef{};
    height_ = 1;
  }
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
  int tallest = 0;
  for (P::ValueContext* context : contexts) {
    values.push_back(BuildValue(*context));
    tallest = std::max(tallest, height_);
  }
  height_ = tallest;
  return values;
}

// The name before an argument's `:`; the grammar reads any value there.
ast::Name Builder::BuildArgumentName(P::ValueContext& context) {
  ast::Path path;
  bool is_name = !context.initializers() && context.expr() && AppendPath(*context.expr(), path) &&
                 path.parts.size() == 1;
  if (is_name) return std::move(path.parts[0]);
  Report(diag::Error(diag::Kind::kSyntax, SpanOf(context),
                     "expected the name of an argument before `:`", "not a name"));
  return {"", SpanOf(context)};
}

std::vector<ast::Argument> Builder::BuildArguments(P::ArgumentsContext* context) {
  std::vector<ast::Argument> arguments;
  int tallest = 0;
  if (context) {
    for (P::ArgumentContext* each : context->argument()) {
      std::vector<P::ValueContext*> values = each->value();
      std::optional<ast::Name> name;
      if (values.size() == 2) name = BuildArgumentName(*values[0]);
      arguments.push_back({std::move(name), BuildValue(*values.back())});
      tallest = std::max(tallest, height_);
    }
  }
  height_ = tallest;
  return arguments;
}

std::vector<ast::Initializer> Builder::BuildInitializers(P::InitializersContext* context) {
  std::vector<ast::Initializer> initializers;
  int tallest = 0;
  if (context) {
    for (P::InitializerContext* each : context->initializer()) {
      initializers.push_back({BuildName(*each->ident()), BuildValue(*each->value())});
      tallest = std::max(tallest, height_);
    }
  }
  height_ = tallest;
  return initializers;
}

ast::ExprPtr Builder::BuildValue(P::ValueContext& context) {
  if (context.set()) return BuildSet(*context.set());
  return context.initializers() ? BuildStruct(context) : BuildExpr(*context.expr());
}

ast::ExprPtr Builder::BuildSet(P::SetContext& context) {
  std::vector<ast::ExprPtr> elements = BuildValues(context.value());
  return Make(SpanOf(context), ast::SetLiteral{std::move(elements)}, height_ + 1);
}

// Whether the expression reads `a.b.c`; its parts are appended.
bool Builder::AppendPath(P::ExprContext& context, ast::Path& path) const {
  P::OperandContext& operand = *context.operand(0);
  auto* first = As<P::NameAtomContext>(operand.atom());
  bool plain = first && context.children.size() == 1 && operand.children[0] == first;
  if (!plain) return false;
  path.parts.push_back(BuildName(*first->ident()));
  for (P::SuffixContext* suffix : operand.suffix()) {
    auto* member = As<P::MemberSuffixContext>(suffix);
    if (!member || !member->ident()) return false;
    path.parts.push_back(BuildName(*member->ident()));
  }
  return true;
}

// The name that `a.b` is, with its parts appended to the path.
static bool TakePath(const ast::Expr& expr, ast::Path& path) {
  if (const auto* name = std::get_if<ast::NameRef>(&expr.node)) {
    path.parts.push_back({name->text, expr.span});
    return true;
  }
  const auto* member = std::get_if<ast::Member>(&expr.node);
  if (!member || !TakePath(*member->object, path)) return false;
  path.parts.push_back(member->name);
  return true;
}

// `s[key] or_insert Name { … }`: the braces belong to the name before them.
ast::ExprPtr Builder::BuildOrInsertStruct(P::ValueContext& context) {
  const auto& children = context.expr()->children;
  auto* last = children.size() < 3
                   ? nullptr
                   : dynamic_cast<P::BinaryOpContext*>(children[children.size() - 2]);
  if (!last || last->OR_INSERT() == nullptr) return nullptr;
  ast::ExprPtr whole = BuildExpr(*context.expr());
  auto* insert = std::get_if<ast::OrInsert>(&whole->node);
  ast::Path path;
  if (!insert || !TakePath(*insert->value, path)) return nullptr;
  path.span = insert->value->span;
  int height = height_;
  std::vector<ast::Initializer> fields = BuildInitializers(context.initializers());
  Span span{path.span.file, path.span.begin, SpanOf(context).end};
  insert->value = Make(span, ast::StructLiteral{std::move(path), std::move(fields)}, height_ + 1);
  height_ = std::max(height, height_ + 1);
  whole->span = SpanOf(context);
  return whole;
}

ast::ExprPtr Builder::BuildStruct(P::ValueContext& context) {
  if (ast::ExprPtr insert = BuildOrInsertStruct(context)) return insert;
  ast::Path path;
  path.span = SpanOf(*context.expr());
  if (!AppendPath(*context.expr(), path)) {
    Report(diag::Error(diag::Kind::kSyntax, path.span, "expected the name of a struct before `{`",
                       "not a name"));
    path.parts.assign(1, {"", path.span});
  }
  std::vector<ast::Initializer> fields = BuildInitializers(context.initializers());
  return Make(SpanOf(context), ast::StructLiteral{std::move(path), std::move(fields)}, height_ + 1);
}

// An atom with its suffixes, without its prefixes.
ast::ExprPtr Builder::BuildOperand(P::OperandContext& context) {
  ast::ExprPtr left = BuildAtom(*context.atom());
  for (P::SuffixContext* suffix : context.suffix()) {
    Span span = Cover(left->span, SpanOf(*suffix));
    int height = height_;
    if (auto* member = As<P::MemberSuffixContext>(suffix)) {
      left = Make(span, ast::Member{std::move(left), BuildName(*member->stop)}, height + 1);
    } else if (auto* call = As<P::CallSuffixContext>(suffix)) {
      std::vector<ast::Argument> arguments = BuildArguments(call->arguments());
      left = Make(span, ast::Call{std::move(left), std::move(arguments)},
                  std::max(height, height_) + 1);
    } else {
      ast::ExprPtr index = BuildValue(*static_cast<P::IndexSuffixContext*>(suffix)->value());
      left =
          Make(span, ast::Index{std::move(left), std::move(index)}, std::max(height, height_) + 1);
    }
  }
  return left;
}

ast::ExprPtr Builder::BuildAtom(P::AtomContext& context) {
  if (As<P::NameAtomContext>(&context)) {
    return Make(SpanOf(context), ast::NameRef{Text(*context.start)}, 1);
  }
  if (As<P::LiteralAtomContext>(&context)) return BuildLiteral(*context.start);
  if (auto* group = As<P::GroupAtomContext>(&context)) return BuildGroup(*group);
  auto& array = static_cast<P::ArrayAtomContext&>(context);
  std::vector<ast::ExprPtr> elements = BuildValues(array.value());
  return Make(SpanOf(context), ast::ArrayLiteral{std::move(elements)}, height_ + 1);
}

// One element in parentheses is that element, with a span that holds them.
ast::ExprPtr Builder::BuildGroup(P::GroupAtomContext& context) {
  std::vector<ast::ExprPtr> elements = BuildValues(context.value());
  if (elements.size() > 1) {
    return Make(SpanOf(context), ast::Tuple{std::move(elements)}, height_ + 1);
  }
  elements[0]->span = SpanOf(context);
  return std::move(elements[0]);
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
  return Make(SpanOf(token), ast::Literal{kind, is_string ? BuildString(token) : Text(token)}, 1);
}

}  // namespace netc::parse
