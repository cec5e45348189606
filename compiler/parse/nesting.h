// Refuses text that would overflow the stack of a parser that recurses.
#pragma once

#include "compiler/parse/antlr.h"
#include "compiler/parse/reporter.h"

namespace netc::parse {

// Whether brackets, prefix operators and type arguments stay within kMaxNesting
// levels; if not, the first place that goes beyond is reported.
bool CheckNesting(const Tokens& tokens, FileId file, Reporter& reporter);

diag::Diagnostic NestingTooDeep(Span span);

}  // namespace netc::parse
