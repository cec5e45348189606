// File-level `let`: an expression that is put in place of its name.
#include <fmt/format.h>

#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;

// Checks the alias's expression with `check`, in the names of its own file.
template <typename CheckIn>
bool BodyChecker::InAlias(Span span, const std::string& name, uint32_t index, CheckIn check) {
  AliasInfo& alias = context_.aliases[index];
  if (alias.expanding) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kRecursive, span, fmt::format("`{}` is defined by itself", name)));
    return false;
  }
  alias.expanding = alias.used = true;
  auto outer_file = std::exchange(file_, alias.file);
  auto outer_scopes = std::exchange(scopes_, {{}});
  check(*alias.ast);
  scopes_ = std::move(outer_scopes);
  file_ = outer_file;
  context_.aliases[index].expanding = false;
  return true;
}

ExprPtr BodyChecker::AliasValue(Span span, const std::string& name, uint32_t index) {
  ExprPtr value;
  bool good = InAlias(span, name, index, [&](const ast::Alias& alias) {
    TypeId type = alias.type ? ResolveType(context_, file_, *alias.type) : TypeId{};
    value = Check(*alias.value, type);
    if (type != error_type()) value = Coerce(std::move(value), type);
  });
  if (!good) return Error(span);
  value->span = span;
  return value;
}

// The alias that `name` or `module.name` is, where no local hides it.
std::optional<uint32_t> BodyChecker::AsAlias(const ast::Expr& expr) const {
  const auto* name = std::get_if<ast::NameRef>(&expr.node);
  const auto* member = std::get_if<ast::Member>(&expr.node);
  if (member) name = std::get_if<ast::NameRef>(&member->object->node);
  if (!name || self_ || FindLocal(name->text)) return std::nullopt;
  const Symbol* symbol = context_.symbols.Find(file_, name->text);
  if (member) {
    if (!symbol || symbol->kind != SymbolKind::kModule) return std::nullopt;
    symbol = context_.symbols.Find(symbol->index, member->name.text);
  }
  if (!symbol || symbol->kind != SymbolKind::kAlias) return std::nullopt;
  return symbol->index;
}

CheckedCondition BodyChecker::AliasCondition(const ast::Expr& expr, uint32_t index, bool negated) {
  CheckedCondition result{nullptr, facts_, facts_};
  std::string name(context_.sources.Text(expr.span));
  bool good = InAlias(expr.span, name, index, [&](const ast::Alias& alias) {
    result = CheckCondition(*alias.value, negated);
  });
  if (!good) result.expr = Error(expr.span);
  result.expr->span = expr.span;
  return result;
}

void BodyChecker::CheckAlias(uint32_t index) {
  const AliasInfo alias = context_.aliases[index];
  const auto& node = alias.ast->value->node;
  bool is_condition =
      std::holds_alternative<ast::Compare>(node) || std::holds_alternative<ast::Not>(node) ||
      std::holds_alternative<ast::And>(node) || std::holds_alternative<ast::Or>(node);
  Span span = alias.ast->name.span;
  auto as_condition = [&] {
    InAlias(span, alias.ast->name.text, index,
            [&](const ast::Alias& a) { CheckCondition(*a.value, /*negated=*/false); });
  };
  if (is_condition && !alias.ast->type) return as_condition();
  const diag::Diagnostics before = context_.diagnostics;
  AliasValue(span, alias.ast->name.text, index);
  if (context_.diagnostics.error_count() == before.error_count() || alias.ast->type) return;
  // `let acked = tcp.ack;` is none where TCP may be absent, but a condition.
  const diag::Diagnostics as_value = std::exchange(context_.diagnostics, before);
  as_condition();
  if (context_.diagnostics.error_count() > before.error_count()) context_.diagnostics = as_value;
}

// An alias that nothing uses is checked as the first hook block would take it that
// takes it at all; if none does, what the first says of it is the error.
void CheckUnusedAliases(Context& context) {
  const std::vector<bool> state_read = context.state_read;
  for (uint32_t i = 0; i < context.aliases.size(); ++i) {
    if (context.aliases[i].used) continue;
    const diag::Diagnostics before = context.diagnostics;
    std::optional<diag::Diagnostics> refused;
    bool taken = false;
    for (size_t hook = 0; hook < context.program.hooks.size() && !taken; ++hook) {
      HookBlock scratch;
      scratch.hook = context.program.hooks[hook].hook;
      scratch.head = context.program.hooks[hook].head;
      scratch.lsm = context.program.hooks[hook].lsm;
      scratch.family_of = context.program.hooks[hook].family_of;
      if (!scratch.hook) continue;
      context.diagnostics = before;
      std::vector<Local> locals;
      BodyChecker checker(context, context.aliases[i].file, &locals);
      checker.EnterHook(&scratch);
      checker.CheckAlias(i);
      taken = context.diagnostics.error_count() == before.error_count();
      if (!taken && !refused) refused = context.diagnostics;
    }
    context.diagnostics = taken || !refused ? before : *refused;
  }
  context.state_read = state_read;
}

}  // namespace netc::sema
