#include "compiler/ir/expr.h"

namespace netc::ir {

static ExprPtr CloneOrNull(const ExprPtr& expr) {
  return expr ? Clone(*expr) : nullptr;
}

static std::vector<ExprPtr> CloneAll(const std::vector<ExprPtr>& exprs) {
  std::vector<ExprPtr> copy;
  for (const ExprPtr& expr : exprs) copy.push_back(expr ? Clone(*expr) : nullptr);
  return copy;
}

namespace {
struct Cloner {
  template <typename Leaf>
  Leaf operator()(const Leaf& leaf) const {
    return leaf;
  }
  Member operator()(const Member& n) const { return {CloneOrNull(n.object), n.index}; }
  Part operator()(const Part& n) const { return {CloneOrNull(n.object), n.index}; }
  Element operator()(const Element& n) const { return {CloneOrNull(n.object), CloneOrNull(n.at)}; }
  KernelMember operator()(const KernelMember& n) const {
    return {CloneOrNull(n.pointer), n.name, n.word};
  }
  Deref operator()(const Deref& n) const { return {CloneOrNull(n.pointer)}; }
  AddressOf operator()(const AddressOf& n) const { return {CloneOrNull(n.object)}; }
  Unary operator()(const Unary& n) const { return {n.op, CloneOrNull(n.operand)}; }
  Binary operator()(const Binary& n) const {
    return {n.op, CloneOrNull(n.left), CloneOrNull(n.right)};
  }
  Conditional operator()(const Conditional& n) const {
    return {CloneOrNull(n.condition), CloneOrNull(n.yes), CloneOrNull(n.no)};
  }
  Cast operator()(const Cast& n) const { return {CloneOrNull(n.operand)}; }
  Swap operator()(const Swap& n) const { return {CloneOrNull(n.operand)}; }
  Call operator()(const Call& n) const { return {n.function, CloneAll(n.arguments)}; }
  Aggregate operator()(const Aggregate& n) const { return {CloneAll(n.members)}; }
};
}  // namespace

ExprPtr Clone(const Expr& expr) {
  auto copy = std::make_unique<Expr>();
  copy->type = expr.type;
  std::visit([&](const auto& node) { copy->node = Cloner{}(node); }, expr.node);
  return copy;
}

}  // namespace netc::ir
