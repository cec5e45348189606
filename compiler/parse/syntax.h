// A file as it was written: every token, grouped by the rules of the grammar, and
// every comment. For the formatter; the compiler reads ast::File.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "compiler/base/source.h"
#include "compiler/diagnostics/diagnostic.h"

namespace netc::parse {

struct SyntaxNode {
  // Name of the grammar's rule, e.g. "block"; empty for a token.
  std::string_view rule;
  Span span;
  std::vector<SyntaxNode> children;

  bool is_token() const { return rule.empty(); }
};

struct SyntaxTree {
  std::vector<SyntaxNode> roots;  // the unit, then the items
  std::vector<Span> comments;     // in order, from `//` to the end of the line
};

// Without the commas before closing brackets, which mean nothing. None if the
// file has a syntax error, which is emitted.
std::optional<SyntaxTree> ReadSyntax(const SourceSet& sources, FileId file,
                                     diag::Diagnostics& diagnostics);

}  // namespace netc::parse
