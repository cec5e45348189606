// Text to tokens that the parser can rely on: byte offsets, balanced brackets,
// nothing that no rule knows. What was wrong is reported here, once.
#pragma once

#include "compiler/parse/antlr.h"
#include "compiler/parse/reporter.h"

namespace netc::parse {

// The tokens of a file with its comments (on the hidden channel), the end of
// file last. What is written as in other languages (`&&`, 'text', /* … */) is
// reported and replaced by what netc has for it.
Tokens ReadTokens(const SourceFile& source, FileId file, Reporter& reporter);

// Gives words the kinds that NetcLexer.g4 lists, and hides a comma that stands
// before a closing bracket.
void MarkWords(Tokens& tokens);

}  // namespace netc::parse
