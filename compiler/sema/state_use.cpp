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
  constexpr const char* kWords[] = {"hash",
                                    "lru",
                                    "array",
                                    "prefixes",
                                    "prefixes",
                                    "set",
                                    "counter",
                                    "histogram",
                                    "limiter",
                                    "pacer",
                                    "queue",
                                    "sockets",
                                    "reuseport_sockets",
                                    "devices",
                                    "interfaces",
                                    "cpus",
                                    "xdp_sockets",
                                    "value",
                                    "stack",
                                    "ring"};
  return kWords[static_cast<int>(kind)];
}

ExprPtr BodyChecker::StateKey(StateId state, const ast::Expr& key) {
  const State& declared = context_.program.states[static_cast<uint32_t>(state)];
  if (IsStorage(declared.scope)) return StorageKey(state, key);
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
    if (auto part = PartOfWord(node)) return MakeExpr(expr.span, types_.Unsigned(32), *part);
    ExprPtr object = Check(*node.object, {});
    if (types_[object->type].kind == TypeKind::kArray) {
      return CheckElement(expr, node, std::move(object));
    }
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
  bool in_place = declared.kind != StateKind::kRing;  // its weights are set from outside
  return OptionalValue(expr.span, *declared.value, StateLookup{*state, std::move(key)}, in_place);
}

// What is swapped whole is filled from outside; a change of the program's own would be
// lost with the next swap.
bool BodyChecker::CanInsert(Span span, const State& declared) {
  if (declared.kind == StateKind::kRing) return RefuseRingChange(span, declared);
  if (!declared.swappable) return true;
  context_.diagnostics.Emit(
      diag::Error(Kind::kNotAssignable, span,
                  fmt::format("`{}` is swappable, and filled from outside alone", declared.name))
          .WithLabel(declared.span, "is declared here")
          .WithHint(fmt::format("here: `netc state swap {} FILE`", declared.name)));
  return false;
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

// How much is taken: events, or of a limiter in bits a second bytes.
bool BodyChecker::TakeAmount(const ast::Expr& expr, const ast::Call& node, const State& limiter,
                             size_t at, LimiterTake& take) {
  bool bytes = limiter.rate && types_[limiter.rate->type].kind == TypeKind::kBitrate;
  if (node.arguments.size() <= at) {
    if (!bytes) return true;
    context_.diagnostics.Emit(
        diag::Error(Kind::kWrongArguments, expr.span, "how many bytes are taken?")
            .WithLabel(limiter.span, "is in bits a second")
            .WithHint(fmt::format("here: `{}.take({}packet.length)`", limiter.name,
                                  limiter.key ? "key, " : "")));
    return false;
  }
  TypeId u32 = types_.Unsigned(32);
  ExprPtr amount = Check(*node.arguments[at].value, u32);
  bool size = bytes && types_[amount->type].kind == TypeKind::kSize;
  if (!size) amount = Coerce(std::move(amount), u32);
  take.amount = std::move(amount);
  return take.amount->type != error_type();
}

// What may be absent: in a comparison it is bound to a local before.
ExprPtr BodyChecker::OptionalValue(Span span, TypeId type, decltype(Expr::node) node,
                                   bool in_place) {
  ExprPtr optional = MakeExpr(span, types_.Of(TypeKind::kOptional, type), std::move(node));
  if (!pending_ || !locals_) return optional;
  LocalId local = AddLocal({"", span}, type, in_place);
  pending_->optionals.emplace_back(local, std::move(optional));
  return MakeExpr(span, type, LocalRef{local});
}

ExprPtr BodyChecker::CheckStateMethod(const ast::Expr& expr, const ast::Call& node, StateId state,
                                      const ast::Name& method) {
  const State& declared = context_.program.states[static_cast<uint32_t>(state)];
  TypeId boolean = types_.Simple(TypeKind::kBool);
  bool known_only_as_statement = method.text == "add" || method.text == "remove" ||
                                 method.text == "push" || method.text == "record";
  bool queue = declared.kind == StateKind::kQueue || declared.kind == StateKind::kStack;
  if (queue && (method.text == "pop" || method.text == "peek")) {
    context_.state_read[static_cast<uint32_t>(state)] = true;
    if (!ArgumentCount(context_, expr, node, 0, 0, method.text)) return Error(expr.span);
    return OptionalValue(expr.span, *declared.value, QueueTake{state, method.text == "peek"},
                         false);
  }
  if (method.text == "pick" && declared.kind == StateKind::kRing) {
    size_t count = declared.ring_key ? 2 : 1;
    if (!ArgumentCount(context_, expr, node, count, count, "pick")) return Error(expr.span);
    return CheckPick(expr, node, state);
  }
  if (method.text == "take" && declared.kind == StateKind::kLimiter) {
    context_.state_read[static_cast<uint32_t>(state)] = true;
    size_t keys = declared.key ? 1 : 0;
    if (!ArgumentCount(context_, expr, node, keys, keys + 1, "take")) return Error(expr.span);
    LimiterTake take{state, nullptr, nullptr};
    if (declared.key) {
      take.key = StateKey(state, *node.arguments[0].value);
      if (take.key->type == error_type()) return std::move(take.key);
    }
    if (!TakeAmount(expr, node, declared, keys, take)) return Error(expr.span);
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
  bool insertable = declared.kind == StateKind::kHash || declared.kind == StateKind::kLru ||
                    (IsStorage(declared.scope) && declared.kind == StateKind::kValue);
  if (!insertable || !declared.value) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, node.lookup->span,
                    fmt::format("`or_insert` works on a hash or an lru, not on a {}",
                                KindWord(declared.kind))));
    return Error(expr.span);
  }
  if (!CanInsert(expr.span, declared)) return Error(expr.span);
  context_.state_read[static_cast<uint32_t>(*state)] = true;
  TypeId type = *declared.value;
  ExprPtr key = StateKey(*state, *index->index);
  ExprPtr value = Coerce(Check(*node.value, type), type);
  if (key->type == error_type() || value->type == error_type()) return Error(expr.span);
  if (!FitsLocal(value->span, type)) return Error(expr.span);
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
  bool keyed = declared.key.has_value() || IsStorage(declared.scope);
  if (method == "remove" && keyed && declared.kind != StateKind::kArray &&
      !IsSlots(declared.kind)) {
    if (!ArgumentCount(context_, *node.value, *call, 1, 1, "remove")) return true;
    if (IsStorage(declared.scope) && !CanRemove(*state, node.value->span)) return true;
    if (!CanInsert(statement.span, declared)) return true;
    ExprPtr key = StateKey(*state, *call->arguments[0].value);
    if (key->type == error_type()) return true;
    out.push_back({statement.span, StateRemove{*state, std::move(key)}});
    return true;
  }
  if (method == "push" &&
      (declared.kind == StateKind::kQueue || declared.kind == StateKind::kStack)) {
    if (!ArgumentCount(context_, *node.value, *call, 1, 1, "push")) return true;
    ExprPtr value = Value(*call->arguments[0].value, *declared.value);
    if (value->type == error_type() || !FitsLocal(value->span, value->type)) return true;
    Block otherwise = Otherwise(node.otherwise);
    out.push_back(
        {statement.span, StateWrite{*state, nullptr, std::move(value), std::move(otherwise)}});
    return true;
  }
  if (method == "record" && declared.kind == StateKind::kHistogram) {
    RecordStatement(statement, *node.value, *call, *state, out);
    return true;
  }
  bool is_set = declared.kind == StateKind::kSet || declared.kind == StateKind::kPrefixSet;
  if (method == "add" && is_set) {
    if (!ArgumentCount(context_, *node.value, *call, 1, 1, "add")) return true;
    if (!CanInsert(statement.span, declared)) return true;
    ExprPtr key = StateKey(*state, *call->arguments[0].value);
    if (key->type == error_type()) return true;
    Block otherwise = Otherwise(node.otherwise);
    out.push_back(
        {statement.span, StateWrite{*state, std::move(key), nullptr, std::move(otherwise)}});
    return true;
  }
  return false;
}

// `histogram.record(value)`, `histogram.record(key, value)`.
void BodyChecker::RecordStatement(const ast::Statement& statement, const ast::Expr& expr,
                                  const ast::Call& call, StateId state, Block& out) {
  const State& declared = context_.program.states[static_cast<uint32_t>(state)];
  size_t keys = declared.key ? 1 : 0;
  if (!ArgumentCount(context_, expr, call, keys + 1, keys + 1, "record")) return;
  HistogramRecord record{state, nullptr, nullptr};
  if (declared.key) record.key = StateKey(state, *call.arguments[0].value);
  ExprPtr value = Value(*call.arguments[keys].value);
  TypeId u64 = types_.Unsigned(64);
  if (types_[value->type].kind == TypeKind::kLiteral) value = Coerce(std::move(value), u64);
  if (value->type == error_type() || (record.key && record.key->type == error_type())) return;
  if (!types_.IsNumber(value->type) || types_[value->type].is_signed) {
    context_.diagnostics.Emit(diag::Error(Kind::kTypeMismatch, value->span,
                                          "a histogram is of unsigned numbers",
                                          fmt::format("is {}", types_.Name(value->type))));
    return;
  }
  Span span = value->span;
  record.value =
      value->type == u64 ? std::move(value) : MakeExpr(span, u64, Convert{std::move(value)});
  out.push_back({statement.span, std::move(record)});
}

// `m[k] = v`, `counter[k] += n`, `counter += n`.
bool BodyChecker::AssignState(const ast::Statement& statement, const ast::Assign& node,
                              Block& out) {
  const ast::Expr& root = RootOf(*node.target);
  const auto* index = std::get_if<ast::Index>(&root.node);
  auto state = AsState(index ? *index->object : root);
  if (!state) return false;
  const State& declared = context_.program.states[static_cast<uint32_t>(*state)];
  bool whole = &root == node.target.get();
  if (!whole && (!node.op || !index)) {
    std::string text(context_.sources.Text(root.span));
    context_.diagnostics.Emit(
        diag::Error(Kind::kNotAssignable, node.target->span,
                    "a part of an entry is assigned where the entry is bound to a name")
            .WithHint(fmt::format("here: `if let entry = {} {{ entry… = …; }}`", text)));
    return true;
  }
  if (declared.kind == StateKind::kHistogram) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, statement.span, "a histogram is told values one by one")
            .WithHint(fmt::format("here: `{}.record({}value)`", declared.name,
                                  declared.key ? "key, " : "")));
    return true;
  }
  if (declared.kind == StateKind::kCounter) {
    bool adds = node.op == ast::BinaryOp::kAdd;
    if (!adds) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kTypeMismatch, statement.span,
                      fmt::format("a {} only counts up", KindWord(declared.kind)))
              .WithHint("here: use `+=`"));
      return true;
    }
    bool keyed = declared.key.has_value() || IsStorage(declared.scope);
    if (keyed != (index != nullptr)) {
      context_.diagnostics.Emit(diag::Error(Kind::kTypeMismatch, node.target->span,
                                            keyed ? fmt::format("`{}` counts by key", declared.name)
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
  if (!index && (declared.key || IsStorage(declared.scope))) return false;
  if (!declared.value) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, node.target->span,
                    fmt::format("a {} holds no values", KindWord(declared.kind)))
            .WithHint(fmt::format("here: `{}.add(…)`", declared.name)));
    return true;
  }
  if (node.op && declared.kind != StateKind::kRing) {
    UpdateState(statement, node, root, *state, out);
    return true;
  }
  if (!CanInsert(statement.span, declared)) return true;
  TypeId type = *declared.value;
  ExprPtr key = index ? StateKey(*state, *index->index) : nullptr;
  if (key && key->type == error_type()) return true;
  ExprPtr value = Coerce(Check(*node.value, type), type);
  if (value->type == error_type() || !FitsLocal(value->span, type)) return true;
  Block otherwise = Otherwise(node.otherwise);
  out.push_back(
      {statement.span, StateWrite{*state, std::move(key), std::move(value), std::move(otherwise)}});
  return true;
}

}  // namespace netc::sema
