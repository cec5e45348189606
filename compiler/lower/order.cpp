// The order in which operands are evaluated: from left to right, each once. An expression of the IR
// is pure, but it is read where it is printed; a function that a later operand calls may have
// changed by then what an earlier one reads.
#include <algorithm>

#include "compiler/ir/visit.h"
#include "compiler/lower/body.h"

namespace netc::lower {
namespace {

// Functions are put in place of their calls, as blocks; nothing else that stands before an
// operand changes what can be read.
bool Calls(ir::Block& prelude) {
  bool found = false;
  ir::Walk(
      prelude,
      [&](ir::Statement& statement) {
        found = found || std::holds_alternative<ir::Labeled>(statement.node);
      },
      [](ir::ExprPtr&) {});
  return found;
}

bool IsFixed(const ir::Expr& expr) {
  return std::holds_alternative<ir::Number>(expr.node) ||
         std::holds_alternative<ir::Literal>(expr.node);
}

}  // namespace

std::vector<ir::ExprPtr> Body::InOrder(const std::vector<const sema::Expr*>& operands) {
  std::vector<ir::ExprPtr> values;
  for (const sema::Expr* operand : operands) {
    ir::ExprPtr value;
    ir::Block prelude = code_.Ahead([&] { value = Value(*operand); });
    if (Calls(prelude)) {
      for (ir::ExprPtr& earlier : values) {
        if (!IsFixed(*earlier)) earlier = code_.Use(code_.Keep("operand", std::move(earlier)));
      }
    }
    for (ir::Statement& statement : prelude) code_.out()->push_back(std::move(statement));
    values.push_back(std::move(value));
  }
  return values;
}

std::vector<ir::ExprPtr> Body::InOrder(const std::vector<sema::ExprPtr>& operands) {
  std::vector<const sema::Expr*> plain;
  for (const sema::ExprPtr& operand : operands) plain.push_back(operand.get());
  return InOrder(plain);
}

std::pair<ir::ExprPtr, ir::ExprPtr> Body::InOrder(const sema::Expr& first,
                                                  const sema::Expr& second) {
  std::vector<ir::ExprPtr> values = InOrder(std::vector<const sema::Expr*>{&first, &second});
  return {std::move(values[0]), std::move(values[1])};
}

}  // namespace netc::lower
