// Numbers by section 6: results wrap, x / 0 is 0, shifts go modulo the width. Internal
// to this folder, but for its test.
#pragma once

#include <cstdint>

#include "compiler/sema/program.h"

namespace netc::interpret {

// Drops what the type's width doesn't hold, and spreads the sign.
uint64_t Wrap(const sema::TypeTable& types, sema::TypeId type, uint64_t number);

uint64_t Binary(const sema::TypeTable& types, sema::TypeId type, sema::BinaryOp op, uint64_t left,
                uint64_t right);
uint64_t Unary(const sema::TypeTable& types, sema::TypeId type, sema::UnaryOp op, uint64_t operand);
bool Compare(bool is_signed, sema::CompareOp op, uint64_t left, uint64_t right);

uint64_t MulDiv(uint64_t a, uint64_t b, uint64_t c);
uint32_t Hash(const uint8_t* bytes, size_t size);

}  // namespace netc::interpret
