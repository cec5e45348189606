// `pace lines[key], RATE;`: the packet departs when its line is free.
#include <fmt/format.h>

#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;

// The line: `lines[key]`, or the name of a pacer without a key. Its key, if it has one, is the
// first argument.
bool BodyChecker::PacersLine(const ast::Expr& written, Effect& effect) {
  const auto* index = std::get_if<ast::Index>(&written.node);
  auto state = AsState(index ? *index->object : written);
  const State* declared = state ? &context_.program.states[static_cast<uint32_t>(*state)] : nullptr;
  if (!declared || declared->kind != StateKind::kPacer) {
    auto error = diag::Error(Kind::kTypeMismatch, written.span, "`pace` takes a line of a pacer");
    if (declared) error.WithLabel(declared->span, "is no pacer");
    error.WithHint(
        "here: `state lines: pacer<ipv4_addr>(lru: 65_536, horizon: 2s);`, and "
        "`pace lines[ipv4.dst], 10mbit;`");
    context_.diagnostics.Emit(std::move(error));
    return false;
  }
  context_.state_read[static_cast<uint32_t>(*state)] = true;
  effect.pacer = *state;
  if (declared->key && !index) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, written.span,
                    fmt::format("`{0}` has a line for each key: `{0}[key]`", declared->name))
            .WithLabel(declared->span, "is declared here"));
    return false;
  }
  if (!index) return true;
  ExprPtr key = StateKey(*state, *index->index);
  bool good = key->type != error_type();
  effect.arguments.push_back(std::move(key));
  return good;
}

void BodyChecker::Pace(const ast::Statement& statement, const ast::Action& node, Block& out) {
  Effect effect;
  effect.effect = EffectKind::kPace;
  effect.row = hooks::FindEffect(block_->hook->id, node.word.text, "");
  if (!effect.row) {
    RefuseEffect(node, "", [](const hooks::Effect&) { return true; });
    return;
  }
  if (node.arguments.size() != 2) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kWrongArguments, statement.span, "`pace` takes a line and its rate")
            .WithHint("here: `pace lines[ipv4.dst], 10mbit;`"));
    return;
  }
  Under(statement, node.when, out, [&](Block& inner) {
    bool good = PacersLine(*node.arguments[0], effect);
    TypeId bitrate = types_.Simple(TypeKind::kBitrate);
    ExprPtr rate = Value(*node.arguments[1], bitrate);
    good = rate->type != error_type() && good;
    effect.arguments.push_back(std::move(rate));
    effect.has_otherwise = node.otherwise != nullptr;
    effect.otherwise = Otherwise(node.otherwise);
    if (good) inner.push_back({statement.span, std::move(effect)});
  });
}

}  // namespace netc::sema
