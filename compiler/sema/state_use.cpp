// State in expressions and statements: lookups, membership, counters, limiters.
#include <fmt/format.h>

#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;

std::optional<StateId> BodyChecker::AsState(const ast::Expr& expr) {
  const auto* name = std::get_if<ast::NameRef>(&expr.node);
  if (!name || FindLocal(name->text)) return std::nullopt;
  const Symbol* symbol = context_.symbols.Find(file_, name->text);
  if (!symbol || symbol->kind != SymbolKind::kState) return std::nullopt;
  return StateId{symbol->index};
}

static const char* KindWord(StateKind kind) {
  constexpr const char* kWords[] = {"hash",     "lru",   "array",       "prefixes",
                                    "prefixes", "set",   "counter",     "histogram",
                                    "limiter",  "queue", "sockets",     "reuseport_sockets",
                                    "devices",  "cpus",  "xdp_sockets", "value"};
  return kWords[static_cast<int>(kind)];
}

ExprPtr BodyChecker::StateKey(StateId state, const ast::Expr& key) {
  const State& declared = context_.program.states[static_cast<uint32_t>(state)];
  if (!declared.key) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, key.span, fmt::format("`{}` has no key", declared.name))
            .WithLabel(declared.span, "is declared without one"));
    return Error(key.span);
  }
  ExprPtr value = Check(key, *declared.key);
  if (value->type == error_type()) return value;
  return Coerce(std::move(value), *declared.key);
}

// A lookup yields an optional; inside a comparison it is bound to a local first,
// so that it is done once.
ExprPtr BodyChecker::CheckIndex(const ast::Expr& expr, const ast::Index& node) {
  auto state = AsState(*node.object);
  if (!state) {
    ExprPtr object = Check(*node.object, {});
    if (object->type != error_type()) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kTypeMismatch, expr.span,
                      fmt::format("{} can't be indexed", types_.Name(object->type))));
    }
    return Error(expr.span);
  }
  const State& declared = context_.program.states[static_cast<uint32_t>(*state)];
  context_.state_read[static_cast<uint32_t>(*state)] = true;
  if (!declared.value) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, expr.span,
                    fmt::format("a {} holds no values", KindWord(declared.kind)))
            .WithHint(fmt::format("here: ask `… in {}`", declared.name)));
    return Error(expr.span);
  }
  ExprPtr key = StateKey(*state, *node.index);
  if (key->type == error_type()) return key;
  TypeId optional = types_.Of(TypeKind::kOptional, *declared.value);
  ExprPtr lookup = MakeExpr(expr.span, optional, StateLookup{*state, std::move(key)});
  if (!pending_ || !locals_) return lookup;
  LocalId local = AddLocal({"", expr.span}, *declared.value, /*in_place=*/true);
  TypeId type = *declared.value;
  pending_->optionals.emplace_back(local, std::move(lookup));
  return MakeExpr(expr.span, type, LocalRef{local});
}

static bool ArgumentCount(Context& context, const ast::Expr& expr, const ast::Call& node,
                          size_t least, size_t most, std::string_view what) {
  if (node.arguments.size() >= least && node.arguments.size() <= most) return true;
  std::string count =
      least == most ? fmt::format("{}", least) : fmt::format("{} to {}", least, most);
  context.diagnostics.Emit(diag::Error(Kind::kWrongArguments, expr.span,
                                       fmt::format("`{}` takes {} argument{}, not {}", what, count,
                                                   most == 1 ? "" : "s", node.arguments.size())));
  return false;
}

ExprPtr BodyChecker::CheckStateMethod(const ast::Expr& expr, const ast::Call& node, StateId state,
                                      const ast::Name& method) {
  const State& declared = context_.program.states[static_cast<uint32_t>(state)];
  TypeId boolean = types_.Simple(TypeKind::kBool);
  bool known_only_as_statement = method.text == "add" || method.text == "remove";
  if (method.text == "take" && declared.kind == StateKind::kLimiter) {
    context_.state_read[static_cast<uint32_t>(state)] = true;
    size_t keys = declared.key ? 1 : 0;
    if (!ArgumentCount(context_, expr, node, keys, keys + 1, "take")) return Error(expr.span);
    LimiterTake take{state, nullptr, nullptr};
    if (declared.key) {
      take.key = StateKey(state, *node.arguments[0].value);
      if (take.key->type == error_type()) return std::move(take.key);
    }
    if (node.arguments.size() > keys) {
      take.amount =
          Coerce(Check(*node.arguments[keys].value, types_.Unsigned(32)), types_.Unsigned(32));
      if (take.amount->type == error_type()) return std::move(take.amount);
    }
    return MakeExpr(expr.span, boolean, std::move(take));
  }
  if (known_only_as_statement) {
    context_.diagnostics.Emit(diag::Error(
        Kind::kNotAValue, expr.span, fmt::format("`{}` is a statement of its own", method.text)));
    return Error(expr.span);
  }
  context_.diagnostics.Emit(
      diag::Error(Kind::kUnknownName, method.span,
                  fmt::format("a {} has no `{}`", KindWord(declared.kind), method.text))
          .WithLabel(declared.span, fmt::format("`{}` is declared here", declared.name)));
  return Error(expr.span);
}

ExprPtr BodyChecker::CheckOrInsert(const ast::Expr& expr, const ast::OrInsert& node) {
  const auto* index = std::get_if<ast::Index>(&node.lookup->node);
  auto state = index ? AsState(*index->object) : std::nullopt;
  if (!state) {
    context_.diagnostics.Emit(diag::Error(Kind::kTypeMismatch, node.lookup->span,
                                          "`or_insert` needs a lookup before it",
                                          "is no `state[key]`"));
    return Error(expr.span);
  }
  const State& declared = context_.program.states[static_cast<uint32_t>(*state)];
  bool insertable = declared.kind == StateKind::kHash || declared.kind == StateKind::kLru;
  if (!insertable || !declared.value) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, node.lookup->span,
                    fmt::format("`or_insert` works on a hash or an lru, not on a {}",
                                KindWord(declared.kind))));
    return Error(expr.span);
  }
  context_.state_read[static_cast<uint32_t>(*state)] = true;
  TypeId type = *declared.value;
  ExprPtr key = StateKey(*state, *index->index);
  ExprPtr value = Coerce(Check(*node.value, type), type);
  if (key->type == error_type() || value->type == error_type()) return Error(expr.span);
  return MakeExpr(expr.span, type, OrInsert{*state, std::move(key), std::move(value)});
}

// `blocked.add(k)`, `blocked.remove(k)`, `hits.add(n)` as statements.
bool BodyChecker::StateStatement(const ast::Statement& statement, const ast::Evaluate& node,
                                 Block& out) {
  const auto* call = std::get_if<ast::Call>(&node.value->node);
  const auto* member = call ? std::get_if<ast::Member>(&call->callee->node) : nullptr;
  auto state = member ? AsState(*member->object) : std::nullopt;
  if (!state) return false;
  const State& declared = context_.program.states[static_cast<uint32_t>(*state)];
  const std::string& method = member->name.text;
  bool keyed = declared.key.has_value();
  if (method == "remove" && keyed && declared.kind != StateKind::kArray &&
      !IsSlots(declared.kind)) {
    if (!ArgumentCount(context_, *node.value, *call, 1, 1, "remove")) return true;
    ExprPtr key = StateKey(*state, *call->arguments[0].value);
    if (key->type == error_type()) return true;
    out.push_back({statement.span, StateRemove{*state, std::move(key)}});
    return true;
  }
  bool is_set = declared.kind == StateKind::kSet || declared.kind == StateKind::kPrefixSet;
  if (method == "add" && is_set) {
    if (!ArgumentCount(context_, *node.value, *call, 1, 1, "add")) return true;
    ExprPtr key = StateKey(*state, *call->arguments[0].value);
    if (key->type == error_type()) return true;
    Block otherwise;
    if (node.otherwise) otherwise = Statements(*node.otherwise);
    out.push_back(
        {statement.span, StateWrite{*state, std::move(key), nullptr, std::move(otherwise)}});
    return true;
  }
  return false;
}

// `m[k] = v`, `counter[k] += n`, `counter += n`.
bool BodyChecker::AssignState(const ast::Statement& statement, const ast::Assign& node,
                              Block& out) {
  const auto* index = std::get_if<ast::Index>(&node.target->node);
  auto state = AsState(index ? *index->object : *node.target);
  if (!state) return false;
  const State& declared = context_.program.states[static_cast<uint32_t>(*state)];
  bool counter = declared.kind == StateKind::kCounter || declared.kind == StateKind::kHistogram;
  if (counter) {
    bool adds = node.op == ast::BinaryOp::kAdd;
    if (!adds) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kTypeMismatch, statement.span,
                      fmt::format("a {} only counts up", KindWord(declared.kind)))
              .WithHint("here: use `+=`"));
      return true;
    }
    if (declared.key.has_value() != (index != nullptr)) {
      context_.diagnostics.Emit(diag::Error(Kind::kTypeMismatch, node.target->span,
                                            declared.key
                                                ? fmt::format("`{}` counts by key", declared.name)
                                                : fmt::format("`{}` has no key", declared.name))
                                    .WithLabel(declared.span, "is declared here"));
      return true;
    }
    ExprPtr key = index ? StateKey(*state, *index->index) : nullptr;
    ExprPtr amount = Coerce(Check(*node.value, types_.Unsigned(64)), types_.Unsigned(64));
    if ((key && key->type == error_type()) || amount->type == error_type()) return true;
    out.push_back({statement.span, CounterAdd{*state, std::move(key), std::move(amount)}});
    return true;
  }
  if (!index && declared.key) return false;
  if (!declared.value) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, node.target->span,
                    fmt::format("a {} holds no values", KindWord(declared.kind)))
            .WithHint(fmt::format("here: `{}.add(…)`", declared.name)));
    return true;
  }
  TypeId type = *declared.value;
  ExprPtr key = index ? StateKey(*state, *index->index) : nullptr;
  if (key && key->type == error_type()) return true;
  if (node.op) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kMaybeAbsent, node.target->span,
                    "the entry may be absent, so there is nothing to add to")
            .WithHint(fmt::format("here: `if let entry = {} {{ entry … }}`, or `or_insert`",
                                  context_.sources.Text(node.target->span))));
    return true;
  }
  ExprPtr value = Coerce(Check(*node.value, type), type);
  if (value->type == error_type()) return true;
  Block otherwise;
  if (node.otherwise) otherwise = Statements(*node.otherwise);
  out.push_back(
      {statement.span, StateWrite{*state, std::move(key), std::move(value), std::move(otherwise)}});
  return true;
}

}  // namespace netc::sema
