// Statements that every body knows.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;

// What a statement before does of which this is the next that never runs.
const char* BodyChecker::WhatEnds() const {
  if (loop_depth_ > 0) return "what is above always leaves this round of the loop";
  return function_ ? "what is above always returns" : "what is above always ends the hook";
}

Block BodyChecker::Statements(const ast::Block& block) {
  Block out;
  scopes_.emplace_back();
  const ast::Statement* dead = nullptr;
  for (const ast::Statement& statement : block.statements) {
    if (facts_.unreachable() && !dead) {
      dead = &statement;
      context_.diagnostics.Emit(
          diag::Warning(Kind::kUnreachable, statement.span, "this is never reached", WhatEnds()));
    }
    CheckStatement(statement, out);
  }
  scopes_.pop_back();
  return out;
}

void BodyChecker::CheckStatement(const ast::Statement& statement, Block& out) {
  const auto& node = statement.node;
  if (const auto* n = std::get_if<ast::Let>(&node)) return CheckLet(statement, *n, out);
  if (const auto* n = std::get_if<ast::If>(&node)) return CheckIf(statement, *n, 0, out);
  if (const auto* n = std::get_if<ast::Match>(&node)) return CheckMatch(statement, *n, out);
  if (const auto* n = std::get_if<ast::For>(&node)) return CheckFor(statement, *n, out);
  if (const auto* n = std::get_if<ast::Emit>(&node)) return CheckEmit(statement, *n, out);
  if (const auto* n = std::get_if<ast::Return>(&node)) return CheckReturn(statement, *n, out);
  if (const auto* n = std::get_if<ast::Action>(&node)) return CheckAction(statement, *n, out);
  if (const auto* n = std::get_if<ast::Assign>(&node)) return CheckAssign(statement, *n, out);
  if (const auto* n = std::get_if<ast::Evaluate>(&node)) return CheckEvaluate(statement, *n, out);
  if (const auto* n = std::get_if<ast::Block>(&node)) {
    for (Statement& inner : Statements(*n)) out.push_back(std::move(inner));
    return;
  }
  if (const auto* n = std::get_if<ast::Case>(&node)) return CheckCase(statement, *n, out);
  const auto* brk = std::get_if<ast::Break>(&node);
  const auto* cont = std::get_if<ast::Continue>(&node);
  if (loop_depth_ == 0) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kWrongPlace, statement.span, "this stands only in a loop"));
    return;
  }
  Under(statement, brk ? brk->when : cont->when, out, [&](Block& inner) {
    if (brk)
      inner.push_back({statement.span, Break{}});
    else
      inner.push_back({statement.span, Continue{}});
    facts_.SetUnreachable();
  });
}

// Checks `fill` as it stands under `when`; without one, as it is.
void BodyChecker::Under(const ast::Statement& statement, const ast::ExprPtr& when, Block& out,
                        const std::function<void(Block&)>& fill, std::optional<uint32_t> rule) {
  if (!when) return fill(out);
  CheckedCondition condition = Condition(*when);
  If node;
  node.rule = rule;
  node.condition = std::move(condition.expr);
  facts_ = condition.if_true;
  fill(node.then);
  facts_ = Facts::Either(context_, facts_, condition.if_false);
  if (node.condition->type != error_type()) out.push_back({statement.span, std::move(node)});
}

void BodyChecker::CheckLet(const ast::Statement& statement, const ast::Let& node, Block& out) {
  context_.kernel_types = true;
  TypeId wanted = node.type ? ResolveType(context_, file_, *node.type) : TypeId{};
  context_.kernel_types = false;
  if (!node.value) {
    if (!node.type) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kMissingField, statement.span,
                      fmt::format("`{}` needs a value, or a type to be zero of", node.name.text)));
    }
    LocalId local = AddLocal(node.name, wanted, false, true);
    if (wanted == error_type()) return;
    out.push_back({statement.span, Let{local, MakeExpr(statement.span, wanted, Zero{})}});
    return;
  }
  alone_ = node.value.get();
  ExprPtr value = Value(*node.value, wanted);
  alone_ = nullptr;
  if (types_[value->type].kind == TypeKind::kLiteral) {
    bool is_wide = AsConstant(*value)->number >> 32;
    value = Coerce(std::move(value), types_.Unsigned(is_wide ? 64 : 32));
  }
  TypeKind kind = types_[value->type].kind;
  if (kind == TypeKind::kOptional) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kMaybeAbsent, node.value->span, "this may have no value",
                    "is looked up, and may be absent")
            .WithHint(fmt::format("here: `if let {} = {} {{ … }}`", node.name.text,
                                  context_.sources.Text(node.value->span))));
    value = Error(value->span);
  } else if (kind == TypeKind::kUnit) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kNotAValue, node.value->span, "this yields nothing"));
    value = Error(value->span);
  }
  if (!FitsLocal(node.name.span, value->type)) value = Error(value->span);
  LocalId local = AddLocal(node.name, value->type, false, node.is_var);
  bool counts = types_[value->type].kind == TypeKind::kInteger && !types_[value->type].is_signed;
  if (counts && !node.is_var) (*locals_)[static_cast<uint32_t>(local)].most = Most(*value);
  if (value->type != error_type()) out.push_back({statement.span, Let{local, std::move(value)}});
}

void BodyChecker::CheckIf(const ast::Statement& statement, const ast::If& node, size_t branch,
                          Block& out) {
  const ast::If::Branch& current = node.branches[branch];
  std::function<void(Block&)> otherwise = [&](Block& inner) {
    if (branch + 1 < node.branches.size()) {
      CheckIf(statement, node, branch + 1, inner);
    } else if (node.otherwise) {
      inner = Statements(*node.otherwise);
    }
  };
  if (!current.condition.binding) {
    CheckedCondition condition = Condition(*current.condition.value);
    If checked;
    checked.condition = std::move(condition.expr);
    facts_ = condition.if_true;
    checked.then = Statements(current.block);
    Facts after_then = facts_;
    facts_ = condition.if_false;
    otherwise(checked.otherwise);
    facts_ = Facts::Either(context_, after_then, facts_);
    if (checked.condition->type != error_type()) {
      out.push_back({statement.span, std::move(checked)});
    }
    return;
  }
  CheckIfLet(statement, current, node.otherwise || branch + 1 < node.branches.size(), otherwise,
             out);
}

void BodyChecker::CheckFor(const ast::Statement& statement, const ast::For& node, Block& out) {
  const auto* range = std::get_if<ast::Range>(&node.range->node);
  if (!range) return EachElement(statement, node, out);
  TypeId u32 = types_.Unsigned(32);
  For checked;
  checked.first = Value(*range->first, u32);
  checked.last = Value(*range->last, u32);
  if (checked.first->type == error_type() || checked.last->type == error_type()) return;
  if (range->inclusive) {
    const Constant* last = AsConstant(*checked.last);
    ExprPtr one = MakeNumber(node.range->span, u32, 1);
    checked.last = last ? MakeNumber(node.range->span, u32, last->number + 1)
                        : MakeExpr(node.range->span, u32,
                                   Binary{BinaryOp::kAdd, std::move(checked.last), std::move(one)});
  }
  uint64_t bound = Most(*checked.last);
  uint64_t most = bound == 0 ? 0 : bound - 1;
  const Constant* first = AsConstant(*checked.first);
  if (first && first->number <= bound) bound -= first->number;
  // The kernel's own limit on iterations of bpf_loop (BPF_MAX_LOOPS, 6.1).
  constexpr uint64_t kMostIterations = 1 << 23;
  if (bound > kMostIterations) {
    context_.diagnostics.Emit(diag::Error(Kind::kUnboundedLoop, node.range->span,
                                          "this loop has no bound",
                                          fmt::format("may run {} times", bound))
                                  .WithHint("here: bound it, as in `for i in 0..<min(n, 64)`"));
    return;
  }
  checked.bound = static_cast<uint32_t>(bound);
  scopes_.emplace_back();
  checked.local = AddLocal(node.variable, u32);
  if (locals_) (*locals_)[static_cast<uint32_t>(checked.local)].most = most;
  ++loop_depth_;
  // What a round does to the packet's ends, the next one finds.
  if (MovesEnds(node.body)) facts_.Forget();
  Facts before = facts_;
  checked.body = Statements(node.body);
  facts_ = before;
  --loop_depth_;
  scopes_.pop_back();
  out.push_back({statement.span, std::move(checked)});
}

void BodyChecker::CheckEmit(const ast::Statement& statement, const ast::Emit& node, Block& out) {
  const Symbol* symbol = context_.symbols.Find(file_, node.event.text);
  if (!symbol || symbol->kind != SymbolKind::kEvent) {
    std::vector<std::string> known;
    for (const Event& event : context_.program.events) known.push_back(event.name);
    context_.diagnostics.Emit(
        Unknown(Kind::kUnknownName, node.event.span, "event", node.event.text, known));
    return;
  }
  Under(statement, node.when, out, [&](Block& inner) {
    Event& event = context_.program.events[symbol->index];
    Emit checked{EventId{symbol->index}, {}};
    checked.fields.resize(event.fields.size());
    bool good = true;
    std::vector<std::string> names;
    for (const EventField& field : event.fields) names.push_back(field.name);
    for (const ast::Initializer& initializer : node.fields) {
      size_t i = 0;
      while (i < names.size() && names[i] != initializer.name.text) ++i;
      if (i == names.size()) {
        context_.diagnostics.Emit(Unknown(Kind::kUnknownField, initializer.name.span,
                                          "field of event " + event.name, initializer.name.text,
                                          names));
        good = false;
        continue;
      }
      if (checked.fields[i]) {
        context_.diagnostics.Emit(diag::Error(Kind::kDuplicateName, initializer.name.span,
                                              fmt::format("`{}` is given twice", names[i])));
      }
      checked.fields[i] = Value(*initializer.value, event.fields[i].type);
      good &= checked.fields[i]->type != error_type();
    }
    for (size_t i = 0; i < names.size() && good; ++i) {
      if (checked.fields[i]) continue;
      context_.diagnostics.Emit(
          diag::Error(Kind::kMissingField, statement.span,
                      fmt::format("event `{}` lacks field `{}`", event.name, names[i]))
              .WithLabel(event.span, "is declared here"));
      good = false;
    }
    if (good) inner.push_back({statement.span, std::move(checked)});
  });
}

void BodyChecker::CheckReturn(const ast::Statement& statement, const ast::Return& node,
                              Block& out) {
  if (!function_) {
    context_.diagnostics.Emit(diag::Error(Kind::kWrongPlace, statement.span,
                                          "a hook ends with a verdict, not with `return`"));
    return;
  }
  bool wants = types_[function_->result].kind != TypeKind::kUnit;
  if (wants != (node.value != nullptr)) {
    context_.diagnostics.Emit(diag::Error(
        Kind::kTypeMismatch, statement.span,
        wants ? fmt::format("`{}` returns {}", function_->name, types_.Name(function_->result))
              : fmt::format("`{}` returns nothing", function_->name)));
    return;
  }
  Return checked;
  if (node.value) checked.value = Value(*node.value, function_->result);
  facts_.SetUnreachable();
  out.push_back({statement.span, std::move(checked)});
}

void BodyChecker::CheckAssign(const ast::Statement& statement, const ast::Assign& node,
                              Block& out) {
  Under(statement, node.when, out, [&](Block& inner) {
    if (AssignState(statement, node, inner)) return;
    if (AssignPlace(statement, node, inner)) return;
  });
}

void BodyChecker::CheckEvaluate(const ast::Statement& statement, const ast::Evaluate& node,
                                Block& out) {
  Under(statement, node.when, out, [&](Block& inner) {
    if (StateStatement(statement, node, inner)) return;
    alone_ = node.value.get();
    ExprPtr value = Value(*node.value);
    alone_ = nullptr;
    if (value->type == error_type()) return;
    bool call = std::holds_alternative<FunctionCall>(value->node) ||
                std::holds_alternative<CCall>(value->node) ||
                std::holds_alternative<HelperCall>(value->node) ||
                std::holds_alternative<KfuncCall>(value->node) ||
                std::holds_alternative<LimiterTake>(value->node) ||
                std::holds_alternative<OrInsert>(value->node);
    if (!call) {
      context_.diagnostics.Emit(diag::Error(Kind::kNotAStatement, statement.span,
                                            "this value is not used", "does nothing"));
      return;
    }
    const auto* kernel = std::get_if<HelperCall>(&value->node);
    if (kernel && kernel->gives) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kObjectEscapes, statement.span,
                      fmt::format("what `{}` gives must be bound", kernel->name()),
                      "is an object of the kernel's"));
      return;
    }
    inner.push_back({statement.span, Evaluate{std::move(value)}});
  });
}

}  // namespace netc::sema
