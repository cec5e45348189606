// Arithmetic as the language defines it: wraps, division by zero gives 0, the
// remainder by zero the dividend, shift amounts are taken modulo the width.
#include <bit>
#include <cassert>

#include "compiler/lower/body.h"

namespace netc::lower {

using sema::BinaryOp;

static ir::BinaryOp Lowered(BinaryOp op) {
  switch (op) {
    case BinaryOp::kMul:
      return ir::BinaryOp::kMul;
    case BinaryOp::kDiv:
      return ir::BinaryOp::kDiv;
    case BinaryOp::kRem:
      return ir::BinaryOp::kRem;
    case BinaryOp::kAdd:
      return ir::BinaryOp::kAdd;
    case BinaryOp::kSub:
      return ir::BinaryOp::kSub;
    case BinaryOp::kShl:
      return ir::BinaryOp::kShl;
    case BinaryOp::kShr:
      return ir::BinaryOp::kShr;
    case BinaryOp::kAnd:
      return ir::BinaryOp::kAnd;
    case BinaryOp::kXor:
      return ir::BinaryOp::kXor;
    case BinaryOp::kOr:
      return ir::BinaryOp::kOr;
  }
  return {};
}

ir::ExprPtr Body::Arithmetic(const sema::Binary& node, sema::TypeId type) {
  if (node.op == BinaryOp::kDiv || node.op == BinaryOp::kRem) return Divide(node, type);
  if (node.op == BinaryOp::kShl || node.op == BinaryOp::kShr) return Shift(node, type);
  auto [left, right] = InOrder(*node.left, *node.right);
  return Combined(node.op, std::move(left), std::move(right), type);
}

// Of any operation but a division.
ir::ExprPtr Body::Combined(BinaryOp op, ir::ExprPtr left, ir::ExprPtr right, sema::TypeId type) {
  if (op == BinaryOp::kShl || op == BinaryOp::kShr) {
    return Shifted(op, std::move(left), std::move(right), type);
  }
  bool overflows = op == BinaryOp::kAdd || op == BinaryOp::kSub || op == BinaryOp::kMul;
  ir::ExprPtr result = ir::Op(Lowered(op), std::move(left), std::move(right));
  return overflows ? Narrow(std::move(result), type) : std::move(result);
}

// C leaves division by zero undefined, so Clang would draw conclusions from it.
ir::ExprPtr Body::Divide(const sema::Binary& node, sema::TypeId id) {
  ir::Type type = types_.Of(id);
  auto [left, right] = InOrder(*node.left, *node.right);
  if (type.is_signed) {
    ir::Type wide = ir::Signed(64);
    const char* function = node.op == BinaryOp::kDiv ? "netc_divide" : "netc_remainder";
    ir::ExprPtr result = ir::CallTo(function, wide, ir::CastTo(wide, std::move(left)),
                                    ir::CastTo(wide, std::move(right)));
    // The smallest number divided by -1 is itself.
    return Narrow(ir::CastTo(type, std::move(result)), id);
  }
  if (const auto* number = std::get_if<ir::Number>(&right->node)) {
    if (number->value != 0) return ir::Op(Lowered(node.op), std::move(left), std::move(right));
    return node.op == BinaryOp::kDiv ? ir::Num(0, type) : std::move(left);
  }
  left = Repeatable("dividend", std::move(left));
  right = Repeatable("divisor", std::move(right));
  ir::ExprPtr nonzero = ir::Op(ir::BinaryOp::kNe, ir::Clone(*right), ir::Num(0, type));
  ir::ExprPtr otherwise = node.op == BinaryOp::kDiv ? ir::Num(0, type) : ir::Clone(*left);
  ir::ExprPtr quotient = ir::Op(Lowered(node.op), std::move(left), std::move(right));
  return ir::Make(type,
                  ir::Conditional{std::move(nonzero), std::move(quotient), std::move(otherwise)});
}

ir::ExprPtr Body::Shift(const sema::Binary& node, sema::TypeId id) {
  auto [left, right] = InOrder(*node.left, *node.right);
  return Shifted(node.op, std::move(left), std::move(right), id);
}

ir::ExprPtr Body::Shifted(BinaryOp op, ir::ExprPtr left, ir::ExprPtr by, sema::TypeId id) {
  ir::Type type = types_.Of(id);
  uint32_t width = types_.BitsOf(id);
  // The low bits alone say what a power of two leaves.
  ir::Type counted = ir::Unsigned(std::has_single_bit(width) ? 32 : 64);
  ir::ExprPtr amount;
  if (const auto* number = std::get_if<ir::Number>(&by->node)) {
    uint64_t value = number->value;
    if (by->type.is_signed && by->type.bits < 64 && value >> (by->type.bits - 1) & 1) {
      value |= ~uint64_t{0} << by->type.bits;
    }
    amount = ir::Num(value);
  } else {
    amount = ir::CastTo(counted, std::move(by));
  }
  if (auto* number = std::get_if<ir::Number>(&amount->node)) {
    number->value %= width;
  } else if (std::has_single_bit(width)) {
    amount = ir::Op(ir::BinaryOp::kAnd, std::move(amount), ir::Num(width - 1));
  } else {
    amount = ir::Op(ir::BinaryOp::kRem, std::move(amount), ir::Num(width, counted));
  }
  ir::ExprPtr result = ir::Make(type, ir::Binary{Lowered(op), std::move(left), std::move(amount)});
  return op == BinaryOp::kShl ? Narrow(std::move(result), id) : std::move(result);
}

// Made where it is asked for: Clang would else keep the two pointers until it is
// used, and store their 32 bits on the stack, which the verifier refuses.
ir::ExprPtr Body::DirectLength() {
  ir::VarId length = code_.Keep(
      "length", ir::Op(ir::BinaryOp::kSub, context_.Context("data_end", ir::Unsigned(32)),
                       context_.Context("data", ir::Unsigned(32))));
  code_.Add(ir::Opaque{length});
  return code_.Use(length);
}

ir::ExprPtr Body::PacketLength() {
  ir::Type type = ir::Unsigned(32);
  if (context_.block.hook->FindField("len")) return context_.Context("len", type);
  if (context_.hook.packet.method == ir::AccessMethod::kCopy) {
    return ir::CastTo(type,
                      ir::CallTo("bpf_xdp_get_buff_len", ir::Unsigned(64), ir::ContextArgument()));
  }
  return DirectLength();
}

ir::ExprPtr Body::Builtin(const sema::BuiltinCall& node, sema::TypeId id) {
  ir::Type type = types_.Of(id);
  auto argument = [&](size_t i) { return Value(*node.arguments[i]); };
  switch (node.builtin) {
    case sema::Builtin::kNow:
      return ir::CallTo("netc_now", type);
    case sema::Builtin::kRandom:
      return ir::CallTo("netc_random", type);
    case sema::Builtin::kCpu:
      return ir::CallTo("netc_cpu", type);
    case sema::Builtin::kNumaNode:
      return ir::CastTo(type, ir::CallTo("bpf_get_numa_node_id", ir::Signed(64)));
    case sema::Builtin::kPacketLength:
      return PacketLength();
    case sema::Builtin::kHash: {
      // In a block of its own, so that it shares the stack with others: behind a label Clang
      // doesn't know where a variable's life ends.
      ir::ExprPtr hashed = argument(0);
      uint32_t size = types_.table().SizeOf(node.arguments[0]->type);
      ir::VarId hash = code_.NewVar("hash", type);
      code_.Add(ir::Declare{hash, nullptr});
      ir::Block block = code_.Within([&] {
        ir::VarId bytes = code_.Keep("hashed", std::move(hashed));
        code_.Set(hash,
                  ir::CallTo("netc_hash", type, ir::Pointing(code_.Use(bytes)), ir::Num(size)));
      });
      code_.Add(ir::Labeled{"", std::move(block)});
      return code_.Use(hash);
    }
    case sema::Builtin::kMulDiv: {
      std::vector<ir::ExprPtr> factors = InOrder(node.arguments);
      return ir::CallTo("netc_mul_div", type, std::move(factors[0]), std::move(factors[1]),
                        std::move(factors[2]));
    }
    case sema::Builtin::kMin:
    case sema::Builtin::kMax: {
      auto [first, second] = InOrder(*node.arguments[0], *node.arguments[1]);
      ir::ExprPtr left = Repeatable("first", std::move(first));
      ir::ExprPtr right = Repeatable("second", std::move(second));
      auto op = node.builtin == sema::Builtin::kMin ? ir::BinaryOp::kLt : ir::BinaryOp::kGt;
      ir::ExprPtr test = ir::Op(op, ir::Clone(*left), ir::Clone(*right));
      return ir::Make(type, ir::Conditional{std::move(test), std::move(left), std::move(right)});
    }
    case sema::Builtin::kAbs: {
      ir::ExprPtr value = Repeatable("value", argument(0));
      if (!value->type.is_signed) return ir::CastTo(type, std::move(value));
      ir::ExprPtr test = ir::Op(ir::BinaryOp::kLt, ir::Clone(*value), ir::Num(0, value->type));
      ir::ExprPtr negated =
          ir::Make(value->type, ir::Unary{ir::UnaryOp::kNegate, ir::Clone(*value)});
      ir::Type from = value->type;
      ir::ExprPtr positive =
          ir::Make(from, ir::Conditional{std::move(test), std::move(negated), std::move(value)});
      return Narrow(ir::CastTo(type, std::move(positive)), id);
    }
    case sema::Builtin::kExtent:
      if (self_extent_) return code_.Use(*self_extent_);
      break;
    case sema::Builtin::kHeaderSize:
      break;  // only in what fills a test's packets
  }
  assert(!"this builtin is resolved by the checker");
  return ir::Num(0, type);
}

}  // namespace netc::lower
