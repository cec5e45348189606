// The text of a literal as a typed constant.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "compiler/ast/ast.h"
#include "compiler/sema/program.h"

namespace netc::sema {

struct LiteralValue {
  TypeKind kind = TypeKind::kError;  // kPrefix: of `element`
  TypeKind element = TypeKind::kError;
  Constant constant;
  std::string error;        // why the text is no literal
  std::string replacement;  // what was probably meant, if that is clear
};

// Units: ns us ms s min h d; /s /min /h; bit kbit mbit gbit; B KiB MiB GiB KB MB GB.
// A fraction must come out whole in the unit that is stored.
LiteralValue EvaluateLiteral(const ast::Literal& literal);

}  // namespace netc::sema
