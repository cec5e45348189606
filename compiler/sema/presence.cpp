// A negation over headers that may be absent: what is unclear about it, and how it is
// said so that it isn't.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;

CheckedCondition BodyChecker::CheckNot(const ast::Expr& expr, const ast::Not& node) {
  Negation own;
  bool outermost = !negation_;
  if (outermost) negation_ = &own;
  const ast::Expr* outer = std::exchange(negation_->inner, node.operand.get());
  CheckedCondition inside = CheckCondition(*node.operand, /*negated=*/true);
  negation_->inner = outer;
  if (outermost) {
    negation_ = nullptr;
    if (!own.unsure.empty()) TellUnsure(expr.span, own.unsure);
  }
  ExprPtr inverted =
      MakeExpr(expr.span, types_.Simple(TypeKind::kBool), Not{std::move(inside.expr)});
  return {std::move(inverted), std::move(inside.if_false), std::move(inside.if_true)};
}

std::string BodyChecker::NameOf(const std::variant<HeaderRef, ViewRef>& tested) const {
  const auto* header = std::get_if<HeaderRef>(&tested);
  const std::string& name = header ? context_.header(header->header).name
                                   : context_.views[std::get<ViewRef>(tested).view].name;
  Scope scope = header ? header->scope : std::get<ViewRef>(tested).scope;
  return scope == Scope::kInner ? "inner." + name : name;
}

std::string BodyChecker::NamesOf(const Unsure& unsure) const {
  std::vector<std::string> names;
  for (const auto& tested : unsure.tested) names.push_back(NameOf(tested));
  return fmt::format("{}", fmt::join(names, " and "));
}

Facts BodyChecker::FactsOf(const Unsure& unsure) const {
  Facts facts = facts_;
  for (const auto& tested : unsure.tested) {
    std::visit([&](const auto& ref) { facts.Add(ref); }, tested);
  }
  return facts;
}

bool BodyChecker::Known(const Facts& facts, const Unsure& unsure) const {
  return std::all_of(unsure.tested.begin(), unsure.tested.end(), [&](const auto& tested) {
    return std::visit([&](const auto& ref) { return facts.Has(context_, ref); }, tested);
  });
}

// Without those that ask for no more packets than another does: of tcp and ip, ip.
std::vector<const BodyChecker::Unsure*> BodyChecker::Widest(const std::vector<Unsure>& all) const {
  std::vector<const Unsure*> widest;
  for (size_t i = 0; i < all.size(); ++i) {
    bool within_another = false;
    for (size_t k = 0; k < all.size() && !within_another; ++k) {
      bool implies = k != i && Known(FactsOf(all[i]), all[k]);
      within_another = implies && (k < i || !Known(FactsOf(all[k]), all[i]));
    }
    if (!within_another) widest.push_back(&all[i]);
  }
  return widest;
}

// The condition in its narrow reading: it holds only for packets that at least one of
// its tests can be made on, and a test that can't be made doesn't hold. None where what
// would have to be rewritten stands elsewhere, in an alias.
std::optional<std::string> BodyChecker::Repaired(Span whole, const std::vector<Unsure>& all) const {
  std::vector<const Unsure*> widest = Widest(all);
  std::vector<std::string> names;
  for (const Unsure* each : widest) names.push_back(NamesOf(*each));
  std::string before = fmt::format("{}", fmt::join(names, " or "));
  if (widest.size() > 1) before = "(" + before + ")";
  Facts known = facts_;
  if (widest.size() == 1) known = FactsOf(*widest[0]);

  std::vector<const Unsure*> rewritten;
  for (const Unsure& each : all) {
    if (!Known(known, each)) rewritten.push_back(&each);
  }
  std::sort(rewritten.begin(), rewritten.end(),
            [](const Unsure* a, const Unsure* b) { return a->span.begin < b->span.begin; });
  std::string text(context_.sources.Text(whole));
  std::string after;
  uint32_t at = whole.begin;
  for (const Unsure* each : rewritten) {
    bool inside =
        each->span.file == whole.file && each->span.begin >= at && each->span.end <= whole.end;
    if (!inside) return std::nullopt;
    after += text.substr(at - whole.begin, each->span.begin - at);
    std::string test = fmt::format("{} and {}", NamesOf(*each), context_.sources.Text(each->span));
    after += each->alone ? "(" + test + ")" : test;
    at = each->span.end;
  }
  return fmt::format("{} and {}{}", before, after, text.substr(at - whole.begin));
}

void BodyChecker::TellUnsure(Span whole, const std::vector<Unsure>& all) {
  std::string name = NameOf(all[0].tested[0]);
  auto error = diag::Error(Kind::kPresenceUnclear, all[0].span,
                           fmt::format("is this to hold for packets without {}, or not?", name),
                           fmt::format("`{}` may be absent here", name));
  for (size_t i = 1; i < all.size(); ++i) {
    if (all[i].span == all[0].span) continue;
    error.WithLabel(all[i].span, fmt::format("`{}` may be absent here", NameOf(all[i].tested[0])));
  }
  std::optional<std::string> repaired = Repaired(whole, all);
  error.WithHint(fmt::format("here: test `{}` before, in {} or in a rule above",
                             fmt::format("{}", NamesOf(all[0])),
                             repaired ? "the same condition" : "each part of the condition"));
  if (repaired) error.WithFix(whole, *repaired);
  context_.diagnostics.Emit(std::move(error));
}

}  // namespace netc::sema
