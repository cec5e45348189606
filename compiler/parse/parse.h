// Text to syntax tree. ANTLR is used behind this header and nowhere else.
#pragma once

#include "compiler/ast/ast.h"
#include "compiler/base/source.h"
#include "compiler/diagnostics/diagnostic.h"

namespace netc::parse {

// Deepest nesting of brackets and prefix operators. ANTLR's generated parser
// recurses; 10,000 to 30,000 levels overflow the stack.
inline constexpr int kMaxNesting = 256;

// Parses a file of `sources`. All syntax errors of the file are emitted; what
// could be read is returned all the same, so that the checker can go on with the
// items that are whole. Each call is independent; not thread-safe with itself.
ast::File Parse(const SourceSet& sources, FileId file, diag::Diagnostics& diagnostics);

}  // namespace netc::parse
