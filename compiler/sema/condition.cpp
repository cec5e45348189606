// Conditions: presence, comparisons, membership, `and`, `or`, `not`.
//
// A comparison with a header that may be absent is false where it is absent: the
// checker puts the Present test before it. Under a negation that would turn into
// true, so there the header's presence must be known before.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/sema/body.h"
#include "compiler/sema/literal.h"
#include "compiler/sema/reach.h"

namespace netc::sema {

using diag::Kind;

CheckedCondition BodyChecker::Condition(const ast::Expr& expr) {
  return CheckCondition(expr, /*negated=*/false);
}

CheckedCondition BodyChecker::CheckCondition(const ast::Expr& expr, bool negated) {
  if (const auto* node = std::get_if<ast::And>(&expr.node)) return CheckAnd(expr, *node, negated);
  if (const auto* node = std::get_if<ast::Or>(&expr.node)) return CheckOr(expr, *node, negated);
  if (const auto* node = std::get_if<ast::Not>(&expr.node)) return CheckNot(expr, *node);
  if (auto protocol = AsProtocol(expr)) return CheckPresence(expr, *protocol);
  if (auto socket = AsSocketTest(expr)) return CheckSocketTest(expr.span, *socket);
  if (auto alias = AsAlias(expr); alias && !context_.aliases[*alias].ast->type) {
    return AliasCondition(expr, *alias, negated);
  }
  return CheckTest(expr, negated);
}

CheckedCondition BodyChecker::CheckAnd(const ast::Expr& expr, const ast::And& node, bool negated) {
  Facts before = facts_;
  CheckedCondition result;
  And all;
  Facts if_false;
  if_false.SetUnreachable();
  for (const ast::ExprPtr& operand : node.operands) {
    CheckedCondition checked = CheckCondition(*operand, negated);
    if_false = Facts::Either(context_, if_false, checked.if_false);
    facts_ = checked.if_true;
    all.operands.push_back(std::move(checked.expr));
  }
  result.if_true = facts_;
  result.if_false = std::move(if_false);
  result.expr = MakeExpr(expr.span, types_.Simple(TypeKind::kBool), std::move(all));
  facts_ = before;
  return result;
}

CheckedCondition BodyChecker::CheckOr(const ast::Expr& expr, const ast::Or& node, bool negated) {
  Facts before = facts_;
  CheckedCondition result;
  Or any;
  Facts if_true;
  if_true.SetUnreachable();
  for (const ast::ExprPtr& operand : node.operands) {
    CheckedCondition checked = CheckCondition(*operand, negated);
    if_true = Facts::Either(context_, if_true, checked.if_true);
    facts_ = checked.if_false;
    any.operands.push_back(std::move(checked.expr));
  }
  result.if_true = std::move(if_true);
  result.if_false = facts_;
  result.expr = MakeExpr(expr.span, types_.Simple(TypeKind::kBool), std::move(any));
  facts_ = before;
  return result;
}

// A tunnel is found where the file names it (docs/language.md, section 7).
void BodyChecker::WarnOfNoTunnel(Span span, HeaderRef ref) {
  if (ref.scope != Scope::kInner) return;
  HeaderRef owner = OwnerOf(context_.program, ref);
  for (uint32_t i = 0; i < context_.program.headers.size(); ++i) {
    if (LeadsTo(context_.program, {HeaderId{i}, Scope::kOuter}, owner)) return;
  }
  const std::string& name = context_.header(ref.header).name;
  context_.diagnostics.Emit(
      diag::Warning(Kind::kNeverMatches, span, "this condition never holds",
                    fmt::format("nothing that this file names carries `{}`", name))
          .WithHint("here: name what carries it, as in `if vxlan and inner.ethernet { … }`"));
}

CheckedCondition BodyChecker::CheckPresence(const ast::Expr& expr, const ProtocolRef& protocol) {
  CheckedCondition result;
  result.if_true = result.if_false = facts_;
  if (protocol.header) {
    if (!ReachesHere(expr.span, *protocol.header)) {
      result.expr = Error(expr.span);
      result.if_true.Add(*protocol.header);
      return result;
    }
    WarnOfNoTunnel(expr.span, *protocol.header);
    result.expr = PresentExpr(expr.span, *protocol.header);
    result.if_true.Add(*protocol.header);
  } else {
    result.expr = PresentExpr(expr.span, *protocol.view);
    result.if_true.Add(*protocol.view);
  }
  return result;
}

// A comparison or another boolean, with what it needs tested before it.
CheckedCondition BodyChecker::CheckTest(const ast::Expr& expr, bool negated) {
  Pending pending;
  Pending* outer = std::exchange(pending_, &pending);
  ExprPtr test;
  bool inverting = false;
  Facts if_true = facts_;
  if (const auto* compare = std::get_if<ast::Compare>(&expr.node)) {
    inverting = compare->op == ast::CompareOp::kNe || compare->op == ast::CompareOp::kNotIn ||
                compare->op == ast::CompareOp::kIsNot;
    test = DistributeView(expr, *compare, negated, if_true);
    if (!test) test = CheckCompare(expr, *compare);
  } else {
    TypeId boolean = types_.Simple(TypeKind::kBool);
    test = Check(expr, boolean);
    if (test->type != error_type() && test->type != boolean) {
      auto error = diag::Error(
          Kind::kTypeMismatch, expr.span,
          fmt::format("a condition is true or false, but this is {}", types_.Name(test->type)));
      if (types_.IsNumber(test->type)) error.WithHint("here: compare it, as in `… != 0`");
      context_.diagnostics.Emit(std::move(error));
      test = Error(expr.span);
    }
  }
  pending_ = outer;

  CheckedCondition result;
  result.if_true = std::move(if_true);
  result.if_false = facts_;
  Unsure unsure;
  unsure.span = expr.span;
  And guarded;
  for (HeaderRef header : pending.headers) {
    if (result.if_true.Has(context_, header)) continue;
    unsure.tested.emplace_back(header);
    guarded.operands.push_back(PresentExpr(expr.span, header));
    result.if_true.Add(header);
  }
  for (ViewRef view : pending.views) {
    if (result.if_true.Has(context_, view)) continue;
    unsure.tested.emplace_back(view);
    guarded.operands.push_back(PresentExpr(expr.span, view));
    result.if_true.Add(view);
  }
  bool ambiguous = (negated || inverting) && (!unsure.tested.empty() || !pending.optionals.empty());
  if (ambiguous && test->type != error_type()) {
    if (!pending.optionals.empty()) {
      auto error = diag::Error(Kind::kPresenceUnclear, expr.span,
                               "this reads what may be absent, and a negation would make that true",
                               "may have no value");
      const auto* word = std::get_if<WordRead>(&pending.optionals[0].second->node);
      if (word && word->plan->source.has != hooks::Needs::kAnswer) {
        error.WithHint(
            fmt::format("here: test `{}` before, in the same condition or in a rule above",
                        SocketWordFor(word->plan->source.has)));
      }
      context_.diagnostics.Emit(
          std::move(error.WithHint("here: bind it first: `if let x = … { … }`")));
    } else if (negation_) {
      unsure.alone = negation_->inner == &expr;
      negation_->unsure.push_back(std::move(unsure));
    } else {
      std::vector<Unsure> one;
      one.push_back(std::move(unsure));
      TellUnsure(expr.span, one);
    }
  }
  TypeId boolean = types_.Simple(TypeKind::kBool);
  auto bound = BoundBefore(*test, std::move(pending.optionals));
  for (size_t i = bound.size(); i-- > 0;) {
    auto& [local, optional] = bound[i];
    test = MakeExpr(expr.span, boolean, IfPresent{local, std::move(optional), std::move(test)});
  }
  if (guarded.operands.empty()) {
    result.expr = std::move(test);
  } else {
    guarded.operands.push_back(std::move(test));
    result.expr = MakeExpr(expr.span, boolean, std::move(guarded));
  }
  return result;
}

ExprPtr BodyChecker::DistributeView(const ast::Expr& expr, const ast::Compare& node, bool negated,
                                    Facts& if_true) {
  const auto* member = std::get_if<ast::Member>(&node.left->node);
  if (!member) return nullptr;
  auto protocol = AsProtocol(*member->object);
  if (!protocol || !protocol->view) return nullptr;
  // Only for literals, whose family decides; a state's key needs the value itself.
  bool literal = std::holds_alternative<ast::SetLiteral>(node.right->node) ||
                 std::holds_alternative<ast::Literal>(node.right->node) ||
                 std::holds_alternative<ast::Range>(node.right->node);
  bool positive = node.op == ast::CompareOp::kIn || node.op == ast::CompareOp::kEq;
  if (!literal || !positive) return nullptr;
  // Under a negation the view's presence must be known; the common path says so.
  if (negated && !facts_.Has(context_, *protocol->view)) return nullptr;
  const View& view = context_.views[protocol->view->view];
  auto found = std::find_if(view.members.begin(), view.members.end(),
                            [&](const ViewMember& m) { return m.name == member->name.text; });
  if (found == view.members.end() || types_[found->type].kind != TypeKind::kIp) return nullptr;
  Or any;
  for (size_t i = 0; i < view.alternatives.size(); ++i) {
    HeaderRef header{view.alternatives[i], protocol->view->scope};
    bool known = facts_.Has(context_, header);
    Facts before = facts_;
    facts_.Add(header);
    ExprPtr field =
        HeaderMemberValue(node.left->span, header, {found->sources[i], member->name.span});
    facts_ = before;
    ExprPtr test = MembershipOf(std::move(field), *node.right);
    if (test->type == error_type()) return test;
    const auto& elements = std::get<Contains>(test->node).elements;
    if (elements.empty()) continue;
    Facts way = facts_;
    way.Add(header);
    if_true = any.operands.empty() ? std::move(way) : Facts::Either(context_, if_true, way);
    if (known) {
      any.operands.push_back(std::move(test));
      continue;
    }
    And both;
    both.operands.push_back(PresentExpr(expr.span, header));
    both.operands.push_back(std::move(test));
    any.operands.push_back(MakeExpr(expr.span, types_.Simple(TypeKind::kBool), std::move(both)));
  }
  if (any.operands.empty()) return MakeBool(types_, expr.span, false);
  if (any.operands.size() == 1) return std::move(any.operands[0]);
  return MakeExpr(expr.span, types_.Simple(TypeKind::kBool), std::move(any));
}

// `x == {1, 2}`, `x == [1, 2]`, `x == 1..2`.
ExprPtr BodyChecker::RefuseManyValues(const ast::Expr& expr, const ast::Compare& node) {
  std::string set(context_.sources.Text(node.right->span));
  if (std::holds_alternative<ast::ArrayLiteral>(node.right->node)) {
    set = "{" + set.substr(1, set.size() - 2) + "}";
  }
  auto error = diag::Error(Kind::kTypeMismatch, node.right->span,
                           "one value can't be compared with several", "is a set");
  bool equal = node.op == ast::CompareOp::kEq, unequal = node.op == ast::CompareOp::kNe;
  if (equal || unequal) {
    std::string asked = fmt::format("{} {} {}", context_.sources.Text(node.left->span),
                                    equal ? "in" : "not in", set);
    error.WithHint(fmt::format("here: ask for one of them by `{}`", equal ? "in" : "not in"))
        .WithFix(expr.span, asked);
  }
  context_.diagnostics.Emit(std::move(error));
  return Error(expr.span);
}

// `a == [1, 2]`: an array's elements, or what was meant to be `x in {1, 2}`.
ExprPtr BodyChecker::CompareWithArray(const ast::Expr& expr, const ast::Compare& node) {
  ExprPtr left = Check(*node.left, {});
  if (left->type == error_type()) return left;
  bool equality = node.op == ast::CompareOp::kEq || node.op == ast::CompareOp::kNe;
  if (!equality || types_[left->type].kind != TypeKind::kArray) return RefuseManyValues(expr, node);
  ExprPtr right = Coerce(Check(*node.right, left->type), left->type);
  if (right->type == error_type()) return right;
  return MakeExpr(expr.span, types_.Simple(TypeKind::kBool),
                  Compare{static_cast<CompareOp>(static_cast<int>(node.op)), std::move(left),
                          std::move(right)});
}

ExprPtr BodyChecker::CheckCompare(const ast::Expr& expr, const ast::Compare& node) {
  switch (node.op) {
    case ast::CompareOp::kIn:
    case ast::CompareOp::kNotIn:
      return CompareIn(expr, node);
    case ast::CompareOp::kHas:
      return CompareHas(expr, node, false);
    case ast::CompareOp::kIs:
    case ast::CompareOp::kIsNot:
      return CompareHas(expr, node, true);
    default:
      break;
  }
  if (std::holds_alternative<ast::SetLiteral>(node.right->node) ||
      std::holds_alternative<ast::Range>(node.right->node)) {
    return RefuseManyValues(expr, node);
  }
  if (std::holds_alternative<ast::ArrayLiteral>(node.right->node)) {
    return CompareWithArray(expr, node);
  }
  auto [left, right] = CheckSides(*node.left, *node.right, {}, TypeId{}, /*right_as_left=*/true);
  if (left->type == error_type() || right->type == error_type()) return Error(expr.span);
  if (types_[left->type].kind == TypeKind::kLiteral) left = Coerce(std::move(left), right->type);
  bool to_left = types_[right->type].kind == TypeKind::kLiteral ||
                 types_[left->type].kind != TypeKind::kInteger ||
                 types_[right->type].kind != TypeKind::kInteger ||
                 types_[left->type].bits >= types_[right->type].bits;
  bool right_is_ip = types_[right->type].kind == TypeKind::kIp;
  if (to_left && !right_is_ip) {
    right = Coerce(std::move(right), left->type);
  } else {
    left = Coerce(std::move(left), right->type);
  }
  if (left->type == error_type() || right->type == error_type()) return Error(expr.span);
  TypeKind kind = types_[left->type].kind;
  bool ordered = types_.IsNumber(left->type);
  CompareOp op = static_cast<CompareOp>(static_cast<int>(node.op));
  if (!ordered && op != CompareOp::kEq && op != CompareOp::kNe) {
    context_.diagnostics.Emit(diag::Error(Kind::kTypeMismatch, node.op_span,
                                          fmt::format("{} has no order", types_.Name(left->type))));
    return Error(expr.span);
  }
  if (kind == TypeKind::kPrefix || kind == TypeKind::kOptional) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, expr.span,
                    fmt::format("{} can't be compared", types_.Name(left->type)))
            .WithHint("here: use `in` to ask whether an address is in a prefix"));
    return Error(expr.span);
  }
  TypeId boolean = types_.Simple(TypeKind::kBool);
  const Constant* a = AsConstant(*left);
  const Constant* b = AsConstant(*right);
  if (a && b && ordered && !types_[left->type].is_signed) {
    uint64_t x = a->number, y = b->number;
    bool holds = op == CompareOp::kEq   ? x == y
                 : op == CompareOp::kNe ? x != y
                 : op == CompareOp::kLt ? x < y
                 : op == CompareOp::kLe ? x <= y
                 : op == CompareOp::kGt ? x > y
                                        : x >= y;
    return MakeBool(types_, expr.span, holds);
  }
  return MakeExpr(expr.span, boolean, Compare{op, std::move(left), std::move(right)});
}

ExprPtr BodyChecker::CompareHas(const ast::Expr& expr, const ast::Compare& node, bool exactly) {
  ExprPtr left = Check(*node.left, {});
  if (left->type == error_type()) return left;
  if (!exactly && types_[left->type].kind != TypeKind::kFlags) {
    context_.diagnostics.Emit(diag::Error(
        Kind::kTypeMismatch, node.op_span,
        fmt::format("`has` asks for bits of flags, but this is {}", types_.Name(left->type))));
    return Error(expr.span);
  }
  ExprPtr right = Coerce(Check(*node.right, left->type), left->type);
  if (right->type == error_type()) return right;
  TypeId boolean = types_.Simple(TypeKind::kBool);
  CompareOp op = node.op == ast::CompareOp::kIsNot ? CompareOp::kNe : CompareOp::kEq;
  if (exactly) return MakeExpr(expr.span, boolean, Compare{op, std::move(left), std::move(right)});
  TypeId type = left->type;
  if (!AsConstant(*right)) {  // read once: none of its bits is missing
    ExprPtr missing = MakeExpr(expr.span, type, Unary{UnaryOp::kComplement, std::move(left)});
    ExprPtr bits =
        MakeExpr(expr.span, type, Binary{BinaryOp::kAnd, std::move(missing), std::move(right)});
    return MakeExpr(expr.span, boolean,
                    Compare{op, std::move(bits), MakeNumber(expr.span, type, 0)});
  }
  ExprPtr mask = Clone(*right);
  ExprPtr bits =
      MakeExpr(expr.span, type, Binary{BinaryOp::kAnd, std::move(left), std::move(mask)});
  return MakeExpr(expr.span, boolean, Compare{op, std::move(bits), std::move(right)});
}

ExprPtr BodyChecker::CompareIn(const ast::Expr& expr, const ast::Compare& node) {
  bool inverted = node.op == ast::CompareOp::kNotIn;
  TypeId boolean = types_.Simple(TypeKind::kBool);
  ExprPtr test;
  if (auto state = AsState(*node.right)) {
    const State& declared = context_.program.states[static_cast<uint32_t>(*state)];
    bool keyed = declared.key && declared.kind != StateKind::kCounter &&
                 declared.kind != StateKind::kLimiter && declared.kind != StateKind::kPacer &&
                 declared.kind != StateKind::kArray;
    // What stands in a slot only the verdict finds out; interfaces are found by their numbers.
    if (IsSlots(declared.kind)) keyed = declared.kind == StateKind::kInterfaces;
    if (!keyed) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kTypeMismatch, node.right->span,
                      fmt::format("`{}` has no members that `in` could ask for", declared.name))
              .WithLabel(declared.span, "is declared here"));
      return Error(expr.span);
    }
    context_.state_read[static_cast<uint32_t>(*state)] = true;
    ExprPtr key = StateKey(*state, *node.left);
    if (key->type == error_type()) return key;
    test = MakeExpr(expr.span, boolean, StateContains{*state, std::move(key)});
  } else {
    ExprPtr subject = Check(*node.left, {});
    if (subject->type == error_type()) return subject;
    test = MembershipOf(std::move(subject), *node.right);
    if (test->type != error_type()) test->span = expr.span;
  }
  if (!inverted || test->type == error_type()) return test;
  return MakeExpr(expr.span, boolean, Not{std::move(test)});
}

ExprPtr BodyChecker::MembershipOf(ExprPtr subject, const ast::Expr& set) {
  Contains test;
  Span span = Cover(subject->span, set.span);
  if (!Elements(set, subject->type, test.elements)) return Error(span);
  test.subject = std::move(subject);
  return MakeExpr(span, types_.Simple(TypeKind::kBool), std::move(test));
}

// Elements of the subject's type. An element of the other family of addresses
// adds nothing where the subject stands for one family of a view.
bool BodyChecker::Elements(const ast::Expr& set, TypeId subject,
                           std::vector<Contains::Element>& out) {
  if (std::holds_alternative<ast::ArrayLiteral>(set.node)) {
    std::string text(context_.sources.Text(set.span));
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, set.span, "a set is written in `{ }`", "is a list")
            .WithFix(set.span, "{" + text.substr(1, text.size() - 2) + "}"));
    return false;
  }
  if (const auto* many = std::get_if<ast::SetLiteral>(&set.node)) {
    bool good = true;
    for (const ast::ExprPtr& element : many->elements) good &= Elements(*element, subject, out);
    return good;
  }
  Contains::Element element;
  if (const auto* range = std::get_if<ast::Range>(&set.node)) {
    ExprPtr first = ConstantOf(*range->first, subject);
    ExprPtr last = ConstantOf(*range->last, subject);
    if (!first || !last) return false;
    if (!types_.IsNumber(subject)) {
      auto error = diag::Error(Kind::kTypeMismatch, set.span,
                               fmt::format("{} has no order", types_.Name(subject)));
      if (HasMembers(subject)) error.WithHint("here: name each: `in {…, …}`");
      context_.diagnostics.Emit(std::move(error));
      return false;
    }
    element.form = Contains::Element::Form::kRange;
    element.first = *AsConstant(*first);
    element.last = *AsConstant(*last);
    bool empty = range->inclusive ? element.last.number < element.first.number
                                  : element.last.number <= element.first.number;
    if (empty && !types_[subject].is_signed) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kBadLiteral, set.span, "this range holds nothing")
              .WithHint("here: a range goes from the smaller to the larger number"));
      return false;
    }
    if (!range->inclusive) --element.last.number;
    out.push_back(element);
    return true;
  }
  if (const auto* name = std::get_if<ast::NameRef>(&set.node); name && !FindLocal(name->text)) {
    if (ExprPtr member = EnumMemberValue(set.span, name->text, subject)) {
      element.first = *AsConstant(*member);
      out.push_back(element);
      return true;
    }
  }
  size_t errors = context_.diagnostics.error_count();
  // Members of enums and flags are named alone, as on the other side of `==`.
  bool has_members = HasMembers(subject);
  Pending* outer = std::exchange(pending_, nullptr);
  ExprPtr value = Check(set, has_members ? subject : TypeId{});
  pending_ = outer;
  if (context_.diagnostics.error_count() != errors) return false;
  const Type type = types_[value->type];
  TypeKind wanted = types_[subject].kind;
  auto family = [](TypeKind kind) { return kind == TypeKind::kIpv4 || kind == TypeKind::kIpv6; };
  TypeKind held = type.kind == TypeKind::kPrefix ? types_[type.element].kind : type.kind;
  if (family(held) && family(wanted) && held != wanted) {
    // Says nothing of the other family; a whole set of these is the user's error
    // only if the subject is a plain field, which the caller can't tell: it warns
    // through the rule that can never match.
    return true;
  }
  if (type.kind == TypeKind::kPrefix) {
    TypeId prefix = types_.Of(TypeKind::kPrefix, subject);
    value = Coerce(std::move(value), prefix);
    if (value->type == error_type()) return false;
    element.form = Contains::Element::Form::kPrefix;
    element.first = *AsConstant(*value);
    element.length = static_cast<uint32_t>(element.first.number);
    out.push_back(element);
    return true;
  }
  value = Coerce(std::move(value), subject);
  if (value->type == error_type()) return false;
  if (!AsConstant(*value)) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kNotConstant, set.span, "the elements of a set must be constants")
            .WithHint("here: compare with `==`, or keep a set as state"));
    return false;
  }
  element.first = *AsConstant(*value);
  out.push_back(element);
  return true;
}

}  // namespace netc::sema
