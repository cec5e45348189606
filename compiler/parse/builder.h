// ANTLR's parse tree of one item to netc's syntax tree.
#pragma once

#include <optional>
#include <string>
#include <typeinfo>
#include <vector>

#include "compiler/ast/ast.h"
#include "compiler/parse/antlr.h"
#include "compiler/parse/reporter.h"

namespace netc::parse {

// The context as one of its rule's alternatives, or null. The alternatives are
// final: comparing types costs a tenth of a dynamic_cast.
template <class Alternative>
Alternative* As(antlr4::ParserRuleContext* context) {
  return typeid(*context) == typeid(Alternative) ? static_cast<Alternative*>(context) : nullptr;
}

// Builds from contexts that were read without an error, so that nothing in them
// is missing. What the grammar can't refuse is reported here: chained
// comparisons, strings with unknown escapes, expressions that are too deep.
class Builder {
 public:
  Builder(antlr4::TokenStream& tokens, const SourceFile& source, FileId file, Reporter& reporter)
      : tokens_(tokens), source_(source), file_(file), reporter_(reporter) {}

  void BuildUnit(NetcParser::UnitContext& context, ast::File& file);
  ast::Item BuildItem(NetcParser::ItemContext& context);

 private:
  using P = NetcParser;

  // builder.cpp
  std::string Text(const Token& token) const;
  Span SpanOf(const Token& token) const { return parse::SpanOf(token, file_); }
  Span SpanOf(antlr4::ParserRuleContext& context) const;
  Span SpanOf(antlr4::tree::TerminalNode& node) const { return SpanOf(*node.getSymbol()); }
  ast::Name BuildName(const Token& token) const;
  ast::Name BuildName(P::IdentContext& context) const;
  std::optional<ast::Name> BuildOptionalName(P::IdentContext* context) const;
  ast::Path BuildPath(P::PathContext& context) const;
  ast::Type BuildType(P::TypeContext& context);
  std::optional<ast::Type> BuildOptionalType(P::TypeContext* context);
  std::string Documentation(const Token& first) const;
  std::string BuildString(const Token& token);
  uint64_t BuildNumber(const Token& token, uint64_t most);
  void ReportTooDeep(Span span);
  void Report(diag::Diagnostic diagnostic) { reporter_.Report(std::move(diagnostic)); }

  // build_expression.cpp
  ast::ExprPtr BuildExpr(P::ExprContext& context);
  ast::ExprPtr BuildOptionalExpr(P::ExprContext* context);
  ast::ExprPtr BuildValue(P::ValueContext& context);
  ast::ExprPtr BuildOptionalValue(P::ValueContext* context);
  ast::ExprPtr BuildGuard(P::GuardContext* context);
  std::vector<ast::ExprPtr> BuildExprs(const std::vector<P::ExprContext*>& contexts);
  std::vector<ast::ExprPtr> BuildValues(const std::vector<P::ValueContext*>& contexts);
  ast::Name BuildArgumentName(P::ValueContext& context);
  std::vector<ast::Argument> BuildArguments(P::ArgumentsContext* context);
  std::vector<ast::Initializer> BuildInitializers(P::InitializersContext* context);
  ast::ExprPtr Make(Span span, decltype(ast::Expr::node) node, int height);
  bool AppendPath(P::ExprContext& context, ast::Path& path) const;
  ast::ExprPtr BuildStruct(P::ValueContext& context);
  ast::ExprPtr BuildOrInsertStruct(P::ValueContext& context);
  ast::ExprPtr BuildSet(P::SetContext& context);
  ast::ExprPtr BuildOperand(P::OperandContext& context);
  ast::ExprPtr BuildAtom(P::AtomContext& context);
  ast::ExprPtr BuildGroup(P::GroupAtomContext& context);
  ast::ExprPtr BuildLiteral(const Token& token);

  // build_operators.cpp
  class Operators;

  // build_statement.cpp
  ast::Block BuildBlock(P::BlockContext& context);
  ast::Statement BuildStatement(P::StatementContext& context);
  decltype(ast::Statement::node) BuildStatementNode(P::StatementContext& context);
  ast::Condition BuildCondition(P::ConditionContext& context);
  ast::If BuildIf(P::IfStatementContext& context);
  ast::Match BuildMatch(P::MatchStatementContext& context);
  decltype(ast::Statement::node) BuildExpression(P::ExpressionStatementContext& context);
  std::unique_ptr<ast::Block> BuildOtherwise(P::BlockContext* context);

  // build_item.cpp
  decltype(ast::Item::node) BuildItemNode(P::ItemContext& context);
  ast::ImportC BuildImportC(P::ImportItemContext& context);
  ast::State BuildState(P::StateItemContext& context);
  ast::Param BuildParam(P::ParamContext& context, bool is_const);
  std::vector<ast::Field> BuildFields(P::FieldListContext& context);
  ast::Enum BuildEnum(P::IdentContext& name, P::TypeContext* type, P::MemberListContext& members,
                      bool is_flags);
  std::vector<ast::Parameter> BuildParameters(P::ParametersContext& context);
  std::vector<ast::Attribute> BuildAttributes(P::AttributesContext* context);
  ast::CongestionControl BuildCongestionControl(P::CcItemContext& context);

  // build_header.cpp
  ast::Header BuildHeader(P::HeaderItemContext& context);
  ast::View BuildView(P::ViewItemContext& context);
  ast::HeaderMember BuildHeaderMember(P::HeaderMemberContext& context);
  decltype(ast::HeaderMember::node) BuildHeaderMemberNode(P::HeaderMemberContext& context);
  ast::HeaderOptions BuildOptions(P::HeaderOptionsContext& context);

  // build_test.cpp
  ast::Test BuildTest(P::TestItemContext& context);
  decltype(ast::TestStep::node) BuildStep(P::TestStepContext& context);
  decltype(ast::TestStep::node) BuildExpectation(P::ExpectationContext& context);
  ast::Packet BuildPacket(P::PacketContext& context);

  antlr4::TokenStream& tokens_;
  const SourceFile& source_;
  FileId file_;
  Reporter& reporter_;
  int depth_ = 0;  // of the statement that is being built
  // Of the expression that was built last, or of the tallest of a list: phases
  // recurse over expressions, so none may be higher than kMaxNesting.
  int height_ = 0;
  bool too_deep_ = false;  // reported in this item
};

}  // namespace netc::parse
