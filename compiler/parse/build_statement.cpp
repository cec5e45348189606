#include <utility>

#include "compiler/parse/builder.h"
#include "compiler/parse/parse.h"

namespace netc::parse {

ast::Block Builder::BuildBlock(P::BlockContext& context) {
  ast::Block block;
  block.span = SpanOf(context);
  for (P::StatementContext* each : context.statement()) {
    block.statements.push_back(BuildStatement(*each));
  }
  return block;
}

std::unique_ptr<ast::Block> Builder::BuildOtherwise(P::BlockContext* context) {
  return context ? std::make_unique<ast::Block>(BuildBlock(*context)) : nullptr;
}

ast::Statement Builder::BuildStatement(P::StatementContext& context) {
  Span span = SpanOf(context);
  if (depth_ >= kMaxNesting) {
    ReportTooDeep(span);
    return {span, ast::Break{}};
  }
  ++depth_;
  ast::Statement statement{span, BuildStatementNode(context)};
  --depth_;
  return statement;
}

decltype(ast::Statement::node) Builder::BuildStatementNode(P::StatementContext& context) {
  if (auto* plain = As<P::ExpressionStatementContext>(&context)) return BuildExpression(*plain);
  if (auto* action = As<P::ActionStatementContext>(&context)) {
    return ast::Action{BuildName(*action->start), BuildValues(action->value()),
                       BuildGuard(action->guard()), BuildOtherwise(action->block())};
  }
  if (auto* branch = As<P::IfStatementContext>(&context)) return BuildIf(*branch);
  if (auto* let = As<P::LetStatementContext>(&context)) {
    return ast::Let{BuildName(*let->ident()), BuildOptionalType(let->type()),
                    BuildValue(*let->value()), false};
  }
  if (auto* var = As<P::VarStatementContext>(&context)) {
    return ast::Let{BuildName(*var->ident()), BuildOptionalType(var->type()),
                    var->value() ? BuildValue(*var->value()) : nullptr, true};
  }
  if (auto* match = As<P::MatchStatementContext>(&context)) return BuildMatch(*match);
  if (auto* loop = As<P::ForStatementContext>(&context)) {
    return ast::For{BuildName(*loop->ident()), BuildExpr(*loop->expr()),
                    BuildBlock(*loop->block())};
  }
  if (auto* callback = As<P::CaseStatementContext>(&context)) {
    return ast::Case{BuildName(*callback->ident()), BuildGuard(callback->guard()),
                     BuildBlock(*callback->block())};
  }
  if (auto* emit = As<P::EmitStatementContext>(&context)) {
    return ast::Emit{BuildName(*emit->ident()), BuildInitializers(emit->initializers()),
                     BuildGuard(emit->guard())};
  }
  if (auto* result = As<P::ReturnStatementContext>(&context)) {
    return ast::Return{BuildOptionalValue(result->value())};
  }
  if (auto* leave = As<P::BreakStatementContext>(&context)) {
    return ast::Break{BuildGuard(leave->guard())};
  }
  if (auto* next = As<P::ContinueStatementContext>(&context)) {
    return ast::Continue{BuildGuard(next->guard())};
  }
  return BuildBlock(*static_cast<P::BlockStatementContext&>(context).block());
}

ast::Condition Builder::BuildCondition(P::ConditionContext& context) {
  if (auto* let = As<P::LetConditionContext>(&context)) {
    return {BuildName(*let->ident()), BuildExpr(*let->expr())};
  }
  return {std::nullopt, BuildExpr(*static_cast<P::PlainConditionContext&>(context).expr())};
}

ast::If Builder::BuildIf(P::IfStatementContext& context) {
  ast::If result;
  result.branches.push_back({BuildCondition(*context.condition()), BuildBlock(*context.block())});
  for (P::OtherwiseContext* each : context.otherwise()) {
    if (result.otherwise) {
      Report(diag::Error(diag::Kind::kSyntax, SpanOf(*each->start), "nothing may follow an `else`")
                 .WithLabel(result.otherwise->span, "taken in every other case"));
    }
    if (each->condition()) {
      result.branches.push_back({BuildCondition(*each->condition()), BuildBlock(*each->block())});
    } else {
      result.otherwise = BuildBlock(*each->block());
    }
  }
  return result;
}

ast::Match Builder::BuildMatch(P::MatchStatementContext& context) {
  ast::Match match;
  match.subject = BuildExpr(*context.expr());
  for (P::ArmContext* each : context.arm()) {
    ast::Match::Arm arm;
    arm.span = SpanOf(*each);
    for (P::PatternContext* pattern : each->pattern()) {
      arm.patterns.push_back(BuildExpr(*pattern->expr()));
    }
    arm.body = std::make_unique<ast::Statement>(BuildStatement(*each->statement()));
    match.arms.push_back(std::move(arm));
  }
  return match;
}

static std::optional<ast::BinaryOp> AssignedOp(TokenType type) {
  switch (type) {
    case NetcLexer::ADD_ASSIGN:
      return ast::BinaryOp::kAdd;
    case NetcLexer::SUB_ASSIGN:
      return ast::BinaryOp::kSub;
    case NetcLexer::MUL_ASSIGN:
      return ast::BinaryOp::kMul;
    case NetcLexer::OR_ASSIGN:
      return ast::BinaryOp::kOr;
    case NetcLexer::AND_ASSIGN:
      return ast::BinaryOp::kAnd;
    case NetcLexer::XOR_ASSIGN:
      return ast::BinaryOp::kXor;
    case NetcLexer::SHL_ASSIGN:
      return ast::BinaryOp::kShl;
    case NetcLexer::SHR_ASSIGN:
      return ast::BinaryOp::kShr;
    default:
      return std::nullopt;
  }
}

decltype(ast::Statement::node) Builder::BuildExpression(P::ExpressionStatementContext& context) {
  P::ExprContext* first = context.expr();
  ast::ExprPtr when = BuildGuard(context.guard());
  std::unique_ptr<ast::Block> otherwise = BuildOtherwise(context.block());
  if (P::AssignOpContext* op = context.assignOp()) {
    return ast::Assign{BuildExpr(*first), AssignedOp(op->start->getType()),
                       BuildValue(*context.value()), std::move(when), std::move(otherwise)};
  }
  ast::Path word;
  if (AppendPath(*first, word) && word.parts.size() == 1) {
    return ast::Action{std::move(word.parts[0]), {}, std::move(when), std::move(otherwise)};
  }
  return ast::Evaluate{BuildExpr(*first), std::move(when), std::move(otherwise)};
}

}  // namespace netc::parse
