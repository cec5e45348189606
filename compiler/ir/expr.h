// Expressions of the IR: pure. What has an effect, or may leave the hook, is a
// statement; calls are the exception and stand where their order is plain.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "compiler/ir/type.h"

namespace netc::ir {

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

enum class VarId : uint32_t {};   // index into Function::vars
enum class SlotId : uint32_t {};  // index into Hook::slots

struct Number {
  uint64_t value = 0;  // what it means, whatever the type's byte order
  bool hex = false;    // how it is written
};
// A constant of kAddress6, kMac or kBytes.
struct Literal {
  std::array<uint8_t, 16> bytes{};
};
struct Variable {
  VarId id{};
};
// A variable or constant of the file: a parameter, a flag.
struct Symbol {
  std::string name;
};
struct MapRef {
  uint32_t map = 0;  // index into Program::maps; its address
};
// The pointer to a header of the packet; nothing where it is absent.
struct HeaderPointer {
  SlotId slot{};
};
// Not 0 where the header is present. The pointer is never asked: Clang would test
// what it was derived from instead, or combine two pointers, and both the verifier
// refuses.
struct HeaderPresent {
  SlotId slot{};
};
// Bytes from the packet's start to a header; where Slot::keep_offset.
struct HeaderOffset {
  SlotId slot{};
};
// The copy of a header that stands beside the packet; where Slot::beside.
struct HeaderCopy {
  SlotId slot{};
};
// Bytes from the packet's start to the end of what a header carries; where
// Slot::keep_end.
struct HeaderEnd {
  SlotId slot{};
};
// Whether any of these headers is unreadable: bits of Slot::bit.
struct Unreadable {
  uint64_t mask = 0;
};
// Member of a struct, or of what a pointer to one points to.
struct Member {
  ExprPtr object;
  uint32_t index = 0;  // of Struct::members
};
// The n-th 32-bit word of a kAddress6, the n-th byte of a kMac.
struct Part {
  ExprPtr object;
  uint32_t index = 0;
};
// Of an array in a struct of its own: element of its one member.
struct Element {
  ExprPtr object;
  ExprPtr at;  // within the array
};
// A member of the hook's context; `word` of it where it is an array.
struct ContextMember {
  std::string name;
  int word = -1;
};
// A member of a struct of the kernel's; `word` of it where it is an array.
struct KernelMember {
  ExprPtr pointer;
  std::string name;
  int word = -1;
};
struct Deref {
  ExprPtr pointer;
};
struct AddressOf {
  ExprPtr object;
};
enum class UnaryOp : uint8_t { kNegate, kComplement, kNot };
struct Unary {
  UnaryOp op;
  ExprPtr operand;
};
// Arithmetic wraps at the type's width. Division by zero must have been ruled out.
// Comparisons and logic have type bool.
enum class BinaryOp : uint8_t {
  kMul,
  kDiv,
  kRem,
  kAdd,
  kSub,
  kShl,
  kShr,
  kAnd,
  kXor,
  kOr,
  kEq,
  kNe,
  kLt,
  kLe,
  kGt,
  kGe,
  kBoth,
  kEither,
};
struct Binary {
  BinaryOp op;
  ExprPtr left, right;
};
struct Conditional {
  ExprPtr condition, yes, no;
};
struct Cast {
  ExprPtr operand;
};
// Between host and network order: kNumber ↔ kNetwork of the same bits.
struct Swap {
  ExprPtr operand;
};
struct Call {
  std::string function;
  std::vector<ExprPtr> arguments;
};
// The hook's context, as an argument.
struct ContextPointer {};
// A string, in read-only data.
struct Text {
  std::string text;
};
// Fields of a struct, as an initialiser.
struct Aggregate {
  std::vector<ExprPtr> members;
};

struct Expr {
  Type type;
  std::variant<Number, Literal, Variable, Symbol, MapRef, HeaderPointer, HeaderPresent,
               HeaderOffset, HeaderEnd, HeaderCopy, Unreadable, Member, Part, Element,
               ContextMember, KernelMember, Deref, AddressOf, Unary, Binary, Conditional, Cast,
               Swap, Call, ContextPointer, Text, Aggregate>
      node;
};

ExprPtr Clone(const Expr& expr);
// Calls `visit` for each child of `expr`, left to right.
template <typename Visit>
void ForEachChild(Expr& expr, Visit visit) {
  std::visit(
      [&](auto& node) {
        if constexpr (requires { node.object; }) visit(node.object);
        if constexpr (requires { node.at; }) visit(node.at);
        if constexpr (requires { node.pointer; }) visit(node.pointer);
        if constexpr (requires { node.operand; }) visit(node.operand);
        if constexpr (requires { node.left; }) visit(node.left), visit(node.right);
        if constexpr (requires { node.yes; }) {
          visit(node.condition), visit(node.yes), visit(node.no);
        }
        if constexpr (requires { node.arguments; }) {
          for (ExprPtr& argument : node.arguments) visit(argument);
        }
        if constexpr (requires { node.members; }) {
          for (ExprPtr& member : node.members) visit(member);
        }
      },
      expr.node);
}

}  // namespace netc::ir
