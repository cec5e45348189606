#include "compiler/ir/build.h"
#include "compiler/ir/passes.h"
#include "compiler/ir/visit.h"

namespace netc::ir {

namespace {

// The pointer that a condition asks for, if it is one: `ptr` or `!ptr`.
ExprPtr* AskedPointer(ExprPtr& condition, bool negated) {
  if (negated) {
    auto* unary = std::get_if<Unary>(&condition->node);
    return unary && unary->op == UnaryOp::kNot ? AskedPointer(unary->operand, false) : nullptr;
  }
  auto* cast = std::get_if<Cast>(&condition->node);
  return cast && cast->operand->type.is_pointer() ? &condition : nullptr;
}

}  // namespace

void HideLookups(Program& program) {
  auto hide = [](ExprPtr& expr) {
    auto* binary = std::get_if<Binary>(&expr->node);
    if (!binary) return;
    bool both = binary->op == BinaryOp::kBoth;
    if (!both && binary->op != BinaryOp::kEither) return;
    for (ExprPtr* operand : {&binary->left, &binary->right}) {
      ExprPtr* asked = AskedPointer(*operand, both);
      if (!asked) continue;
      ExprPtr pointer = std::move(std::get<Cast>((*asked)->node).operand);
      *asked = CallTo("netc_found", Bool(), std::move(pointer));
    }
  };
  ForEachFunction(program,
                  [&](Function& function) { Walk(function.body, [](Statement&) {}, hide); });
}

}  // namespace netc::ir
