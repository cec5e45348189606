// Bytes of a socket option's value. The kernel hands out at most a page of them, between
// optval and optval_end; optlen says how many there are.
#include "compiler/lower/body.h"

namespace netc::lower {

using ir::BinaryOp;

namespace {

ir::ExprPtr At(ir::ExprPtr pointer, uint32_t offset) {
  if (offset == 0) return pointer;
  return ir::Op(BinaryOp::kAdd, std::move(pointer), ir::Num(offset));
}

}  // namespace

// Whether the value has that many bytes at its begin.
ir::ExprPtr Body::ValueReaches(uint32_t bytes) {
  ir::Type s32 = ir::Signed(32);
  return ir::Op(BinaryOp::kGe, context_.Context("optlen", s32), ir::Num(bytes, s32));
}

Body::Optional Body::ReadValue(const sema::ValueRead& node) {
  ir::Type type = ir::Unsigned(node.bits), bytes = ir::Type{}.Pointer();
  uint32_t end = node.at + node.bits / 8;
  ir::VarId value = code_.Keep("value", type, ir::Num(0, type));
  ir::VarId found = code_.Keep("found", ir::Bool(), ir::Num(0, ir::Bool()));
  code_.When(ValueReaches(end), [&] {
    ir::VarId from = code_.Keep("from", bytes, context_.Context("optval", bytes));
    ir::ExprPtr inside =
        ir::Op(BinaryOp::kLe, At(code_.Use(from), end), context_.Context("optval_end", bytes));
    code_.When(std::move(inside), [&] {
      ir::ExprPtr pointer = ir::Make(type.Pointer(), ir::Cast{At(code_.Use(from), node.at)});
      code_.Set(value, ir::Pointed(std::move(pointer)));
      code_.Set(found, ir::Num(1, ir::Bool()));
    });
  });
  return {code_.Use(found), code_.Use(value), false};
}

void Body::WriteValue(const sema::ValueWrite& node) {
  ir::Type bytes = ir::Type{}.Pointer(), u32 = ir::Unsigned(32);
  bool length = node.bits == 0;
  ir::Type type = length ? u32 : ir::Unsigned(node.bits);
  ir::VarId value = code_.Keep("value", type, ir::CastTo(type, Value(*node.value)));
  ir::VarId failed = code_.Keep("failed", ir::Bool(), ir::Num(1, ir::Bool()));
  // Of a value of more than a page the kernel takes nothing back.
  ir::Type s32 = ir::Signed(32);
  ir::ExprPtr whole = ir::Op(BinaryOp::kLe, context_.Context("optlen", s32), ir::Num(4096, s32));
  if (!length) {
    whole = ir::Op(BinaryOp::kBoth, std::move(whole), ValueReaches(node.at + node.bits / 8));
  }
  code_.When(std::move(whole), [&] {
    ir::VarId from = code_.Keep("from", bytes, context_.Context("optval", bytes));
    ir::ExprPtr limit = context_.Context("optval_end", bytes);
    if (length) {
      ir::Type s64 = ir::Signed(64);
      ir::ExprPtr room = ir::Op(BinaryOp::kSub, ir::CastTo(s64, std::move(limit)),
                                ir::CastTo(s64, code_.Use(from)));
      ir::ExprPtr fits = ir::Op(BinaryOp::kLe, ir::CastTo(s64, code_.Use(value)), std::move(room));
      code_.When(std::move(fits), [&] {
        StoreContext("optlen", -1, ir::CastTo(s32, code_.Use(value)));
        code_.Set(failed, ir::Num(0, ir::Bool()));
      });
      return;
    }
    uint32_t end = node.at + node.bits / 8;
    code_.When(ir::Op(BinaryOp::kLe, At(code_.Use(from), end), std::move(limit)), [&] {
      ir::ExprPtr pointer = ir::Make(type.Pointer(), ir::Cast{At(code_.Use(from), node.at)});
      code_.Add(ir::Assign{ir::Pointed(std::move(pointer)), code_.Use(value)});
      code_.Set(failed, ir::Num(0, ir::Bool()));
    });
  });
  ir::Block otherwise = BlockOf(node.otherwise);
  code_.Add(ir::If{code_.Use(failed), std::move(otherwise), {}});
}

}  // namespace netc::lower
