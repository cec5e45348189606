#include <algorithm>

#include "compiler/ir/build.h"
#include "compiler/ir/passes.h"
#include "compiler/ir/visit.h"

namespace netc::ir {

namespace {

// Comparisons that `and` and `or` put together: Clang makes cases of short ranges, too.
uint32_t Comparisons(const Expr& expr) {
  const auto* binary = std::get_if<Binary>(&expr.node);
  if (!binary) {
    const auto* unary = std::get_if<Unary>(&expr.node);
    return unary ? Comparisons(*unary->operand) : 0;
  }
  if (binary->op >= BinaryOp::kEq && binary->op <= BinaryOp::kGe) return 1;
  if (binary->op != BinaryOp::kEither && binary->op != BinaryOp::kBoth) return 0;
  return Comparisons(*binary->left) + Comparisons(*binary->right);
}

class Hider {
 public:
  explicit Hider(Function& function) : function_(function) {}

  void Within(Block& block, bool in_loop) {
    Block out;
    for (Statement& statement : block) {
      auto* loop = std::get_if<Loop>(&statement.node);
      bool inside = in_loop || (loop && !loop->unroll);
      ForEachPart(statement, [](ExprPtr&) {}, [&](Block& inner) { Within(inner, inside); });
      std::optional<VarId> decided;
      if (in_loop || OnlyLeaves(statement)) decided = Decide(statement, out);
      out.push_back(std::move(statement));
      if (decided) out.push_back({out.back().origin, Opaque{*decided}});
    }
    block = std::move(out);
  }

 private:
  // What the statement decides into a variable, if anything; a condition becomes one.
  std::optional<VarId> Decide(Statement& statement, Block& before) {
    if (auto* declare = std::get_if<Declare>(&statement.node)) {
      if (declare->value && IsChoice(*declare->value)) return declare->var;
    } else if (auto* assign = std::get_if<Assign>(&statement.node)) {
      const auto* var = std::get_if<Variable>(&assign->target->node);
      if (var && IsChoice(*assign->value)) return var->id;
    } else if (auto* branch = std::get_if<If>(&statement.node)) {
      if (!IsChoice(*branch->condition)) return std::nullopt;
      auto decided = VarId{static_cast<uint32_t>(function_.vars.size())};
      function_.vars.push_back({NewName(), Bool()});
      before.push_back({statement.origin, Declare{decided, std::move(branch->condition)}});
      before.push_back({statement.origin, Opaque{decided}});
      branch->condition = Use(decided, Bool());
    }
    return std::nullopt;
  }

  // Two ways to one place, of which Clang makes cases as well.
  static bool OnlyLeaves(const Statement& statement) {
    const auto* branch = std::get_if<If>(&statement.node);
    return branch && branch->then.size() == 1 &&
           std::holds_alternative<Leave>(branch->then.front().node);
  }

  std::string NewName() const {
    std::string name = "decided";
    auto taken = [&](const Var& var) { return var.name == name; };
    for (uint32_t i = 2; std::ranges::any_of(function_.vars, taken); ++i)
      name = "decided" + std::to_string(i);
    return name;
  }

  // Of two values Clang makes no switch that has to be decided again.
  static bool IsChoice(const Expr& expr) { return Comparisons(expr) > 2; }

  Function& function_;
};

}  // namespace

void HideChoices(Program& program) {
  ForEachFunction(program,
                  [](Function& function) { Hider(function).Within(function.body, false); });
}

}  // namespace netc::ir
