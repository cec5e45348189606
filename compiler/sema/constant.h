// Constants: folding, bounds, bytes.
#pragma once

#include <optional>

#include "compiler/object/object_info.h"
#include "compiler/sema/program.h"

namespace netc::sema {

// The constant that an expression is, or null.
const Constant* AsConstant(const Expr& expr);

ExprPtr MakeConstant(Span span, TypeId type, Constant value);
ExprPtr MakeNumber(Span span, TypeId type, uint64_t number);
ExprPtr MakeBool(TypeTable& types, Span span, bool value);
ExprPtr MakeExpr(Span span, TypeId type, decltype(Expr::node) node);

// A deep copy.
ExprPtr Clone(const Expr& expr);

// Bits of a number's values: 4 of a u4, which is stored in 8; of a bool 1.
uint32_t ValueBits(const TypeTable& types, TypeId type);

// Drops the bits above the type's width; sign-extends signed types to 64 bits.
uint64_t WrapTo(const TypeTable& types, TypeId type, uint64_t number);

// The result on constants of one type, by the language's rules (x / 0 = 0).
uint64_t FoldBinary(const TypeTable& types, TypeId type, BinaryOp op, uint64_t left,
                    uint64_t right);

// The largest value that an unsigned expression can have, from its type, field
// widths, masks, shifts and remainders by constants.
uint64_t MaxValue(const Program& program, const Expr& expr,
                  const std::vector<Local>* locals = nullptr);
// Whether it is proved that the number lies within a header's field.
bool FitsField(const Program& program, const Expr& expr, const HeaderField& field,
               const std::vector<Local>* locals = nullptr);

// A constant (or a struct of constants) as it lies in BPF memory; nullopt if the
// expression is none. Numbers are in host order,
// which is little-endian on every machine that netc runs on.
std::optional<object::Bytes> ConstantBytes(const TypeTable& types, const Expr& expr);

}  // namespace netc::sema
