// Short constructors of IR expressions.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compiler/ir/expr.h"

namespace netc::ir {

template <typename Node>
ExprPtr Make(Type type, Node node) {
  return std::make_unique<Expr>(Expr{type, std::move(node)});
}

inline ExprPtr Num(uint64_t value, Type type = Unsigned(32)) {
  return Make(type, Number{value, false});
}
inline ExprPtr HexNum(uint64_t value, Type type) {
  return Make(type, Number{value, true});
}
inline ExprPtr Use(VarId id, Type type) {
  return Make(type, Variable{id});
}
inline ExprPtr Name(std::string name, Type type) {
  return Make(type, Symbol{std::move(name)});
}
inline ExprPtr Op(BinaryOp op, ExprPtr left, ExprPtr right) {
  Type type = op >= BinaryOp::kEq ? Bool() : left->type;
  return Make(type, Binary{op, std::move(left), std::move(right)});
}
inline ExprPtr Not(ExprPtr operand) {
  auto* test = std::get_if<Binary>(&operand->node);
  if (test && test->op >= BinaryOp::kEq && test->op <= BinaryOp::kGe) {
    constexpr BinaryOp kInverse[] = {BinaryOp::kNe, BinaryOp::kEq, BinaryOp::kGe,
                                     BinaryOp::kGt, BinaryOp::kLe, BinaryOp::kLt};
    test->op = kInverse[static_cast<int>(test->op) - static_cast<int>(BinaryOp::kEq)];
    return operand;
  }
  return Make(Bool(), Unary{UnaryOp::kNot, std::move(operand)});
}
inline ExprPtr CastTo(Type type, ExprPtr operand) {
  return operand->type == type ? std::move(operand) : Make(type, Cast{std::move(operand)});
}
// Host order of a kNetwork, network order of a kNumber; bytes have none.
inline ExprPtr Swapped(ExprPtr operand) {
  Type type =
      operand->type.is_network() ? Unsigned(operand->type.bits) : Network(operand->type.bits);
  return Make(type, Swap{std::move(operand)});
}
// Whether nothing happens where it is evaluated.
inline bool IsConstant(const Expr& expr) {
  if (const auto* aggregate = std::get_if<Aggregate>(&expr.node)) {
    return std::all_of(aggregate->members.begin(), aggregate->members.end(),
                       [](const ExprPtr& member) { return !member || IsConstant(*member); });
  }
  return std::holds_alternative<Number>(expr.node) || std::holds_alternative<Literal>(expr.node);
}
inline ExprPtr MemberOf(ExprPtr object, uint32_t index, Type type) {
  if (auto* whole = std::get_if<Aggregate>(&object->node); whole && IsConstant(*object)) {
    if (whole->members[index]) return std::move(whole->members[index]);
  }
  return Make(type, Member{std::move(object), index});
}
inline ExprPtr PartOf(ExprPtr object, uint32_t index) {
  Type type = object->type.kind == TypeKind::kAddress6 ? Network(32) : Unsigned(8);
  return Make(type, Part{std::move(object), index});
}
inline ExprPtr Pointing(ExprPtr object) {
  Type type = object->type.Pointer();
  return Make(type, AddressOf{std::move(object)});
}
inline ExprPtr Pointed(ExprPtr pointer) {
  Type type = pointer->type.Pointee();
  return Make(type, Deref{std::move(pointer)});
}
template <typename... Arguments>
ExprPtr CallTo(std::string function, Type type, Arguments... arguments) {
  Call call{std::move(function), {}};
  (call.arguments.push_back(std::move(arguments)), ...);
  return Make(type, std::move(call));
}
inline ExprPtr ContextArgument() {
  return Make(Type{}.Pointer(), ContextPointer{});
}

}  // namespace netc::ir
