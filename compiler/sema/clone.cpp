// `clone TARGET;`: a copy of the packet leaves by an interface, the packet goes on.
#include <fmt/format.h>

#include "compiler/hooks/verdict_notes.h"
#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;

// The forms of a target are those of `redirect`, but for its other ways.
bool BodyChecker::CopysTarget(const ast::Statement& statement, const ast::Action& node,
                              Effect& effect) {
  const hooks::Verdict* redirect = block_->hook->FindVerdict("redirect");
  const auto* call =
      node.arguments.size() == 1 ? std::get_if<ast::Call>(&node.arguments[0]->node) : nullptr;
  const auto* way = call ? std::get_if<ast::NameRef>(&call->callee->node) : nullptr;
  if (way && hooks::FindTargetWay(block_->hook->id, "redirect", way->text)) {
    context_.diagnostics.Emit(
        diag::Error(
            Kind::kWrongArguments, node.arguments[0]->span,
            fmt::format("a copy leaves by its interface as it is: `clone` has no `{}`", way->text))
            .WithHint("here: `clone TARGET;`, or send the packet itself there, by `redirect`"));
    return false;
  }
  hooks::Verdict as = *redirect;  // what is said of the target names this word
  as.word = node.word.text;
  Verdict target;
  target.verdict = &as;
  if (!Target(statement, node, target)) return false;
  effect.arguments = std::move(target.arguments);
  effect.target = target.target;
  return true;
}

void BodyChecker::CloneStatement(const ast::Statement& statement, const ast::Action& node,
                                 Block& out) {
  Effect effect;
  effect.effect = EffectKind::kClone;
  effect.row = hooks::FindEffect(block_->hook->id, node.word.text, "");
  if (!effect.row) {
    RefuseEffect(node, "", [](const hooks::Effect&) { return true; });
    return;
  }
  Under(statement, node.when, out, [&](Block& inner) {
    bool good = CopysTarget(statement, node, effect);
    FailsInto(node, effect);
    if (good) inner.push_back({statement.span, std::move(effect)});
  });
}

}  // namespace netc::sema
