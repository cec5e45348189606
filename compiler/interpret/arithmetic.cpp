#include "compiler/interpret/arithmetic.h"

#include "compiler/base/wide.h"

namespace netc::interpret {

using sema::BinaryOp;
using sema::CompareOp;
using sema::TypeId;
using sema::TypeKind;
using sema::TypeTable;

namespace {

uint32_t Width(const TypeTable& types, TypeId type) {
  switch (types[type].kind) {
    case TypeKind::kBool:
      return 1;
    case TypeKind::kPort:
      return 16;
    case TypeKind::kInteger:
    case TypeKind::kEnum:
    case TypeKind::kFlags:
      return types[type].bits;
    default:
      return 64;
  }
}

uint64_t Divide(bool is_signed, uint64_t left, uint64_t right) {
  if (right == 0) return 0;
  if (!is_signed) return left / right;
  // The smallest number has no opposite; it is its own.
  if (right == ~uint64_t{0}) return 0 - left;
  return static_cast<uint64_t>(static_cast<int64_t>(left) / static_cast<int64_t>(right));
}

uint64_t Remainder(bool is_signed, uint64_t left, uint64_t right) {
  if (right == 0) return left;
  if (!is_signed) return left % right;
  if (right == ~uint64_t{0}) return 0;
  return static_cast<uint64_t>(static_cast<int64_t>(left) % static_cast<int64_t>(right));
}

uint64_t ShiftRight(bool is_signed, uint64_t left, uint64_t amount) {
  return is_signed ? static_cast<uint64_t>(static_cast<int64_t>(left) >> amount) : left >> amount;
}

}  // namespace

uint64_t Wrap(const TypeTable& types, TypeId type, uint64_t number) {
  uint32_t width = Width(types, type);
  if (width >= 64) return number;
  uint64_t low = number & ((uint64_t{1} << width) - 1);
  bool negative = types[type].is_signed && low >> (width - 1) != 0;
  return negative ? low | ~uint64_t{0} << width : low;
}

uint64_t Binary(const TypeTable& types, TypeId type, BinaryOp op, uint64_t left, uint64_t right) {
  bool is_signed = types[type].is_signed;
  uint64_t amount = right % Width(types, type);
  uint64_t result = 0;
  switch (op) {
    case BinaryOp::kMul:
      result = left * right;
      break;
    case BinaryOp::kDiv:
      result = Divide(is_signed, left, right);
      break;
    case BinaryOp::kRem:
      result = Remainder(is_signed, left, right);
      break;
    case BinaryOp::kAdd:
      result = left + right;
      break;
    case BinaryOp::kSub:
      result = left - right;
      break;
    case BinaryOp::kShl:
      result = left << amount;
      break;
    case BinaryOp::kShr:
      result = ShiftRight(is_signed, left, amount);
      break;
    case BinaryOp::kAnd:
      result = left & right;
      break;
    case BinaryOp::kXor:
      result = left ^ right;
      break;
    case BinaryOp::kOr:
      result = left | right;
      break;
  }
  return Wrap(types, type, result);
}

uint64_t Unary(const TypeTable& types, TypeId type, sema::UnaryOp op, uint64_t operand) {
  return Wrap(types, type, op == sema::UnaryOp::kNegate ? 0 - operand : ~operand);
}

bool Compare(bool is_signed, CompareOp op, uint64_t left, uint64_t right) {
  // Moved so that signed numbers keep their order.
  if (is_signed) left ^= uint64_t{1} << 63, right ^= uint64_t{1} << 63;
  switch (op) {
    case CompareOp::kEq:
      return left == right;
    case CompareOp::kNe:
      return left != right;
    case CompareOp::kLt:
      return left < right;
    case CompareOp::kLe:
      return left <= right;
    case CompareOp::kGt:
      return left > right;
    case CompareOp::kGe:
      return left >= right;
  }
  return false;
}

uint64_t MulDiv(uint64_t a, uint64_t b, uint64_t c) {
  if (c == 0) return 0;
  Wide result = static_cast<Wide>(a) * b / c;
  return result > ~uint64_t{0} ? ~uint64_t{0} : static_cast<uint64_t>(result);
}

uint32_t Hash(const uint8_t* bytes, size_t size) {
  uint32_t h = 2'166'136'261;
  for (size_t i = 0; i < size; ++i) h = (h ^ bytes[i]) * 16'777'619;
  h = (h ^ h >> 16) * 0x85ebca6b;
  h = (h ^ h >> 13) * 0xc2b2ae35;
  return h ^ h >> 16;
}

}  // namespace netc::interpret
