#include <bit>

#include "compiler/ir/build.h"
#include "compiler/ir/passes.h"
#include "compiler/ir/visit.h"

namespace netc::ir {

namespace {

bool IsSwap(const ExprPtr& expr) {
  return std::holds_alternative<Swap>(expr->node);
}
bool IsNumber(const ExprPtr& expr) {
  return std::holds_alternative<Number>(expr->node);
}

ExprPtr Unswapped(ExprPtr expr) {
  if (IsSwap(expr)) return std::move(std::get<Swap>(expr->node).operand);
  // A constant means the same in either order.
  Type type = expr->type.is_network() ? Unsigned(expr->type.bits) : Network(expr->type.bits);
  return Make(type, std::get<Number>(expr->node));
}

// swap(a) op swap(b) is swap(a op b) where no bit crosses a byte.
bool Commutes(BinaryOp op) {
  return op == BinaryOp::kAnd || op == BinaryOp::kOr || op == BinaryOp::kXor;
}
bool IsEquality(BinaryOp op) {
  return op == BinaryOp::kEq || op == BinaryOp::kNe;
}

void Fold(ExprPtr& expr) {
  ForEachChild(*expr, [](ExprPtr& child) {
    if (child) Fold(child);
  });
  if (auto* swap = std::get_if<Swap>(&expr->node)) {
    if (IsSwap(swap->operand) || IsNumber(swap->operand)) {
      Type type = expr->type;
      expr = Unswapped(std::move(swap->operand));
      expr->type = type;
    }
    return;
  }
  auto* binary = std::get_if<Binary>(&expr->node);
  if (!binary) return;
  bool left = IsSwap(binary->left), right = IsSwap(binary->right);
  bool foldable = (left && (right || IsNumber(binary->right))) || (right && IsNumber(binary->left));
  if (!foldable || binary->left->type.bits != binary->right->type.bits) return;
  if (IsEquality(binary->op)) {
    binary->left = Unswapped(std::move(binary->left));
    binary->right = Unswapped(std::move(binary->right));
  } else if (Commutes(binary->op)) {
    ExprPtr inner =
        Op(binary->op, Unswapped(std::move(binary->left)), Unswapped(std::move(binary->right)));
    expr = Swapped(std::move(inner));
  }
}

}  // namespace

void FoldSwaps(Program& program) {
  ForEachFunction(program, [](Function& function) {
    Walk(
        function.body,
        [](Statement& statement) {
          ForEachPart(statement, [](ExprPtr& expr) { Fold(expr); }, [](Block&) {});
        },
        [](ExprPtr&) {});
  });
}

}  // namespace netc::ir
