// Rings: members with weights, of which a hash picks one.
#include "compiler/sema/ring.h"

#include <fmt/format.h>

#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;

namespace {

bool IsPrime(uint64_t number) {
  if (number < 2) return false;
  for (uint64_t divisor = 2; divisor * divisor <= number; ++divisor) {
    if (number % divisor == 0) return false;
  }
  return true;
}

}  // namespace

bool IsRingSize(Context& context, Span span, uint64_t buckets) {
  if (IsPrime(buckets)) return true;
  uint64_t next = buckets;
  while (!IsPrime(next)) ++next;
  context.diagnostics.Emit(
      diag::Error(Kind::kBadLiteral, span, "the buckets of a ring must be a prime number")
          .WithHint(fmt::format("here: {}", next)));
  return false;
}

bool RingTypes(Context& context, State& ring, const std::vector<TypeId>& types, Span span) {
  TypeTable& table = context.program.types;
  ring.member = types.back();
  ring.key = types.back();
  if (types.size() == 2) {
    ring.ring_key = types[0];
    StructDecl both;
    for (TypeId type : types) both.fields.push_back({std::to_string(both.fields.size()), type, 0});
    ring.key = table.AddStruct(std::move(both));
  }
  ring.value = table.Unsigned(32);
  constexpr uint32_t kMostBytes = 64;
  if (table.SizeOf(ring.member) <= kMostBytes) return true;
  context.diagnostics.Emit(
      diag::Error(Kind::kTooMany, span,
                  fmt::format("a member has {} bytes; a ring keeps {} at most in each bucket",
                              table.SizeOf(ring.member), kMostBytes)));
  return false;
}

// `ring.pick(hash)`, `ring.pick(key, hash)`.
ExprPtr BodyChecker::CheckPick(const ast::Expr& expr, const ast::Call& node, StateId state) {
  const State& ring = context_.program.states[static_cast<uint32_t>(state)];
  context_.state_read[static_cast<uint32_t>(state)] = true;
  RingPick pick{state, nullptr, nullptr};
  // Under the condition that this stands in, which tests the headers that they read.
  auto value = [&](const ast::Argument& argument, TypeId type) {
    ExprPtr checked = Check(*argument.value, type);
    return checked->type == error_type() ? std::move(checked) : Coerce(std::move(checked), type);
  };
  if (ring.ring_key) {
    pick.key = value(node.arguments[0], *ring.ring_key);
    if (pick.key->type == error_type()) return Error(expr.span);
  }
  pick.amount = value(node.arguments.back(), types_.Unsigned(32));
  if (pick.amount->type == error_type()) return Error(expr.span);
  return OptionalValue(expr.span, ring.member, std::move(pick), false);
}

// The table is filled where members and weights are set, which is outside.
bool BodyChecker::RefuseRingChange(Span span, const State& declared) {
  context_.diagnostics.Emit(
      diag::Error(
          Kind::kNotAssignable, span,
          fmt::format("members and weights of `{}` are set from outside alone", declared.name))
          .WithLabel(declared.span, "is a ring")
          .WithHint(fmt::format("here: `netc state add {} MEMBER=WEIGHT`", declared.name)));
  return false;
}

bool BodyChecker::IsChanged(StateId state) const {
  return context_.program.states[static_cast<uint32_t>(state)].kind != StateKind::kRing;
}

}  // namespace netc::sema
