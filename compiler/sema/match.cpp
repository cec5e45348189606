// `match`: the first arm with a pattern that holds the value.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/sema/body.h"
#include "compiler/sema/intervals.h"

namespace netc::sema {

using diag::Kind;

namespace {

struct Pattern {
  Interval values;
  Span span;
};

// The first arm counts, so a pattern that those above hold whole never decides, and
// one of which they hold a part reads as if it held that too. A wider one behind
// narrower ones is the usual way to say "and otherwise".
void CheckOverlap(Context& context, std::vector<Pattern>& earlier, const Pattern& pattern) {
  for (const Pattern& other : earlier) {
    if (!Overlap(other.values, pattern.values) || Covers(pattern.values, other.values)) {
      if (!(other.values == pattern.values)) continue;
    }
    bool whole = Covers(other.values, pattern.values);
    context.diagnostics.Emit(
        diag::Warning(Kind::kUnreachable, pattern.span,
                      whole ? "this pattern is never reached" : "two patterns overlap",
                      whole ? "an arm above holds it" : "a part is held by an arm above")
            .WithLabel(other.span, "decides first"));
    break;
  }
  earlier.push_back(pattern);
}

}  // namespace

void BodyChecker::CheckMatch(const ast::Statement& statement, const ast::Match& node, Block& out) {
  Match checked;
  checked.subject = Value(*node.subject);
  bool good = checked.subject->type != error_type();
  if (good && types_[checked.subject->type].kind == TypeKind::kOptional) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kMaybeAbsent, node.subject->span, "this may have no value")
            .WithHint("here: bind it first: `if let x = … { match x … }`"));
    good = false;
  }
  Facts before = facts_;
  Facts after;
  after.SetUnreachable();
  bool has_else = false;
  std::vector<Pattern> earlier;
  for (const ast::Match::Arm& arm : node.arms) {
    facts_ = before;
    Match::Arm checked_arm;
    for (const ast::ExprPtr& pattern : arm.patterns) {
      if (!good) continue;
      size_t first = checked_arm.patterns.size();
      Elements(*pattern, checked.subject->type, checked_arm.patterns);
      for (size_t i = first; i < checked_arm.patterns.size(); ++i) {
        CheckOverlap(
            context_, earlier,
            {IntervalOf(types_, checked.subject->type, checked_arm.patterns[i]), pattern->span});
      }
    }
    Block body;
    scopes_.emplace_back();
    CheckStatement(*arm.body, body);
    scopes_.pop_back();
    after = Facts::Either(context_, after, facts_);
    if (has_else) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kUnreachable, arm.span, "an arm behind `else` is never reached"));
    }
    if (arm.patterns.empty()) {
      has_else = true;
      checked.otherwise = std::move(body);
      continue;
    }
    checked_arm.body = std::move(body);
    checked.arms.push_back(std::move(checked_arm));
  }
  facts_ = has_else ? after : Facts::Either(context_, after, before);
  if (good) out.push_back({statement.span, std::move(checked)});
}

}  // namespace netc::sema
