// The order of evaluation where an expression reads what may be absent: from left to right,
// up to what is absent. What is looked up is bound before the expression, and so is what
// stands to the left of it, if one could change the other.
#include <algorithm>

#include "compiler/sema/body.h"
#include "compiler/sema/children.h"
#include "compiler/sema/same.h"

namespace netc::sema {

namespace {

// Operands that are always evaluated, in order. What stands in `and`, `or` or a choice has
// bound its own, and what is handed to the kernel has its place already.
struct Operands {
  std::vector<ExprPtr*> found;

  void operator()(And&) {}
  void operator()(Or&) {}
  void operator()(Select&) {}
  void operator()(IfPresent&) {}
  void operator()(HelperCall&) {}
  void operator()(OrInsert& n) {
    if (n.key) found.push_back(&n.key);
  }
  template <typename Node>
  void operator()(Node& n) {
    ForEachChild(n, [this](ExprPtr& child) { found.push_back(&child); });
  }
};

std::vector<ExprPtr*> OperandsOf(Expr& expr) {
  Operands operands;
  std::visit(operands, expr.node);
  return std::move(operands.found);
}

}  // namespace

class BodyChecker::Orderer {
 public:
  Orderer(BodyChecker& checker, std::vector<std::pair<LocalId, ExprPtr>> optionals)
      : checker_(checker), open_(std::move(optionals)) {}

  std::vector<std::pair<LocalId, ExprPtr>> Run(Expr& whole) {
    Operate(whole);
    // What isn't evaluated always is looked up before all else.
    std::vector<std::pair<LocalId, ExprPtr>> first;
    for (auto& optional : open_) {
      if (optional.second) first.push_back(std::move(optional));
    }
    for (auto& each : bound_) first.push_back(std::move(each));
    return first;
  }

 private:
  // The lookup that the expression reads, if it was not bound yet.
  ExprPtr* Open(const Expr& expr) {
    const auto* local = std::get_if<LocalRef>(&expr.node);
    if (!local) return nullptr;
    for (auto& [id, optional] : open_) {
      if (id == local->local && optional) return &optional;
    }
    return nullptr;
  }

  bool Looks(Expr& expr) {
    if (Open(expr)) return true;
    std::vector<ExprPtr*> operands = OperandsOf(expr);
    return std::any_of(operands.begin(), operands.end(), [&](ExprPtr* e) { return Looks(**e); });
  }

  bool Calls(Expr& expr) {
    if (ExprPtr* optional = Open(expr)) return HasCall(**optional) || Calls(**optional);
    if (HasCall(expr)) return true;
    std::vector<ExprPtr*> operands = OperandsOf(expr);
    return std::any_of(operands.begin(), operands.end(), [&](ExprPtr* e) { return Calls(**e); });
  }

  bool Stays(const Expr& expr) const {
    if (AsConstant(expr)) return true;
    const auto* local = std::get_if<LocalRef>(&expr.node);
    if (!local) return false;
    bool looked_up = std::any_of(bound_.begin(), bound_.end(),
                                 [&](const auto& each) { return each.first == local->local; });
    return !looked_up && !(*checker_.locals_)[static_cast<uint32_t>(local->local)].in_place;
  }

  void Evaluate(ExprPtr& expr) {
    if (ExprPtr* optional = Open(*expr)) {
      LocalId local = std::get<LocalRef>(expr->node).local;
      ExprPtr lookup = std::move(*optional);
      Operate(*lookup);
      bound_.emplace_back(local, std::move(lookup));
      return;
    }
    Operate(*expr);
  }

  void Operate(Expr& expr) {
    std::vector<ExprPtr*> operands = OperandsOf(expr);
    size_t count = operands.size();
    while (count > 0 && !Looks(**operands[count - 1])) --count;
    for (size_t i = 0; i < count; ++i) {
      bool calls = Calls(**operands[i]);
      for (size_t k = i + 1; k < count; ++k) calls = calls || Calls(**operands[k]);
      Evaluate(*operands[i]);
      if (i + 1 < count && calls && !Stays(**operands[i])) Keep(*operands[i]);
    }
  }

  void Keep(ExprPtr& operand) {
    Span span = operand->span;
    TypeId type = operand->type;
    LocalId local = checker_.AddLocal({"", span}, type);
    bound_.emplace_back(local, std::move(operand));
    operand = MakeExpr(span, type, LocalRef{local});
  }

  BodyChecker& checker_;
  std::vector<std::pair<LocalId, ExprPtr>> open_, bound_;  // open: null once it is bound
};

std::vector<std::pair<LocalId, ExprPtr>> BodyChecker::BoundBefore(
    Expr& expr, std::vector<std::pair<LocalId, ExprPtr>> optionals) {
  if (optionals.empty()) return {};
  return Orderer(*this, std::move(optionals)).Run(expr);
}

}  // namespace netc::sema
