// `state[key] += n` and its kin: an entry, or a part of it, is changed in one step.
#include <fmt/format.h>

#include "compiler/sema/body.h"
#include "compiler/sema/same.h"

namespace netc::sema {

using diag::Kind;

namespace {

bool HoldsEntries(const State& state) {
  StateKind kind = state.kind;
  return IsStorage(state.scope) || kind == StateKind::kHash || kind == StateKind::kLru ||
         kind == StateKind::kArray || kind == StateKind::kPrefixes;
}

}  // namespace

void BodyChecker::UpdateState(const ast::Statement& statement, const ast::Assign& node,
                              const ast::Expr& root, StateId state, Block& out) {
  const State& declared = context_.program.states[static_cast<uint32_t>(state)];
  const auto* index = std::get_if<ast::Index>(&root.node);
  std::string place(context_.sources.Text(node.target->span));
  if (!index || !HoldsEntries(declared)) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kNotAssignable, node.target->span,
                    fmt::format("`{}` has no entry that could be changed", declared.name))
            .WithLabel(declared.span, "is declared here"));
    return;
  }
  context_.state_read[static_cast<uint32_t>(state)] = true;
  StateUpdate update{state, StateKey(state, *index->index), {}, *declared.value, {}, nullptr,
                     {},    node.otherwise != nullptr};
  if (update.key->type == error_type()) return;
  if (!FindPlace(*node.target, root, update.path, update.type)) return;
  bool array = declared.kind == StateKind::kArray;
  if (const Constant* at = array ? AsConstant(*update.key) : nullptr;
      at && at->number >= declared.capacity) {
    context_.diagnostics.Emit(diag::Error(
        Kind::kOutOfRange, index->index->span, fmt::format("there is no element {}", at->number),
        fmt::format("`{}` has {}", declared.name, declared.capacity)));
    return;
  }
  if (!array && !node.otherwise) {
    std::string entry(context_.sources.Text(root.span));
    context_.diagnostics.Emit(
        diag::Error(Kind::kMaybeAbsent, node.target->span,
                    "the entry may be absent, so there is nothing to change")
            .WithHint(fmt::format("here: say what happens then: `… else {{ {} = …; }}`", entry))
            .WithHint("here: a `counter` by key begins at 0"));
    return;
  }
  TypeKind kind = types_[update.type].kind;
  if (!types_.IsNumber(update.type) && kind != TypeKind::kFlags) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, node.target->span,
                    fmt::format("{} can't be counted with", types_.Name(update.type))));
    return;
  }
  if (types_.StorageBits(update.type) < 32) {
    std::string entry(context_.sources.Text(root.span));
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, node.target->span,
                    fmt::format("{} can't be changed in one step", types_.Name(update.type)),
                    fmt::format("has {} bytes; a processor changes 4 or 8 at once",
                                types_.StorageBits(update.type) / 8))
            .WithHint("here: declare it as a u32 or u64")
            .WithHint(fmt::format(
                "here: `if let entry = {} {{ … }}`, which others may come between", entry)));
    return;
  }
  update.op = static_cast<BinaryOp>(static_cast<int>(*node.op));
  update.value = Value(*node.value, update.type);
  if (update.value->type == error_type()) return;
  if (bool calls = CallsIn(update.path); calls || HasCall(*update.value)) {
    // From left to right: the key, indexes, the value.
    if (calls && !AsConstant(*update.key)) {
      LocalId key = AddLocal({"", update.key->span}, update.key->type);
      ExprPtr bound = MakeExpr(update.key->span, update.key->type, LocalRef{key});
      out.push_back({update.key->span, Let{key, std::exchange(update.key, std::move(bound))}});
    }
    BindIndexes(update.path, out);
  }
  update.otherwise = Otherwise(node.otherwise);
  out.push_back({statement.span, std::move(update)});
}

}  // namespace netc::sema
