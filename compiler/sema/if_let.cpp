// `if let x = LOOKUP { … } else { … }`: the lookup may read headers and look up other
// things on its way; where one of these is absent there is nothing to bind.
#include <fmt/format.h>

#include <utility>

#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;

void BodyChecker::CheckIfLet(const ast::Statement& statement, const ast::If::Branch& branch,
                             bool has_otherwise, const std::function<void(Block&)>& otherwise,
                             Block& out) {
  const ast::Expr& source = *branch.condition.value;
  TypeId boolean = types_.Simple(TypeKind::kBool);

  Pending pending;
  Pending* outer = std::exchange(pending_, &pending);
  alone_ = &source;
  ExprPtr bound = Check(source, {});
  alone_ = nullptr;
  pending_ = outer;

  // What is looked up last is what the name is bound to; the checker may have read it
  // through a local of its own.
  const auto* local = std::get_if<LocalRef>(&bound->node);
  if (local && !pending.optionals.empty() && local->local == pending.optionals.back().first) {
    bound = std::move(pending.optionals.back().second);
    pending.optionals.pop_back();
  }
  std::vector<std::pair<LocalId, ExprPtr>> before_it;
  if (bound->type != error_type()) before_it = BoundBefore(*bound, std::move(pending.optionals));
  bool is_optional = types_[bound->type].kind == TypeKind::kOptional;
  if (!is_optional && bound->type != error_type()) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, source.span,
                    "`if let` binds what may be absent, but this always has a value",
                    fmt::format("is {}", types_.Name(bound->type)))
            .WithHint("here: use `let`"));
  }
  TypeId type = is_optional ? types_[bound->type].element : error_type();

  Facts before = facts_;
  And present;
  for (HeaderRef header : pending.headers) {
    if (facts_.Has(context_, header)) continue;
    present.operands.push_back(PresentExpr(source.span, header));
    facts_.Add(header);
  }
  for (ViewRef view : pending.views) {
    if (facts_.Has(context_, view)) continue;
    present.operands.push_back(PresentExpr(source.span, view));
    facts_.Add(view);
  }
  bool guarded = !present.operands.empty() || !before_it.empty();

  scopes_.emplace_back();
  const auto* call = std::get_if<HelperCall>(&bound->node);
  const auto* lookup = std::get_if<StateLookup>(&bound->node);
  bool in_place = (lookup && IsChanged(lookup->state)) || (call && !call->gives);
  IfLet checked;
  // What was refused may be assigned: whether it could be is not known.
  bool is_var = in_place || type == error_type();
  checked.local = AddLocal(*branch.condition.binding, type, in_place, is_var);
  checked.then = Statements(branch.block);
  scopes_.pop_back();
  checked.optional = std::move(bound);
  Facts after_then = std::exchange(facts_, before);

  // Behind guards there is more than one way to find nothing, and one `else`.
  Block at_else;
  otherwise(at_else);
  facts_ = Facts::Either(context_, after_then, facts_);
  if (!is_optional) return;
  if (!guarded) {
    checked.otherwise = std::move(at_else);
    out.push_back({statement.span, std::move(checked)});
    return;
  }
  LocalId found{};
  if (has_otherwise) {
    found = AddLocal({"", source.span}, boolean, false, true);
    out.push_back({statement.span, Let{found, MakeBool(types_, source.span, false)}});
    Statement mark{source.span, AssignLocal{found, {}, MakeBool(types_, source.span, true)}};
    checked.then.insert(checked.then.begin(), std::move(mark));
  }
  Block nested;
  nested.push_back({statement.span, std::move(checked)});
  for (size_t i = before_it.size(); i-- > 0;) {
    auto& [step_local, on_the_way] = before_it[i];
    if (types_[on_the_way->type].kind != TypeKind::kOptional) {
      nested.insert(nested.begin(), {source.span, Let{step_local, std::move(on_the_way)}});
      continue;
    }
    IfLet step{step_local, std::move(on_the_way), std::exchange(nested, {}), {}};
    nested.push_back({source.span, std::move(step)});
  }
  if (!present.operands.empty()) {
    If guard;
    guard.condition = MakeExpr(source.span, boolean, std::move(present));
    guard.then = std::exchange(nested, {});
    nested.push_back({source.span, std::move(guard)});
  }
  for (Statement& each : nested) out.push_back(std::move(each));
  if (!has_otherwise) return;
  If missing;
  missing.condition =
      MakeExpr(source.span, boolean, Not{MakeExpr(source.span, boolean, LocalRef{found})});
  missing.then = std::move(at_else);
  out.push_back({statement.span, std::move(missing)});
}

}  // namespace netc::sema
