// Balances brackets before parsing, so that one that is missing or too many is
// one error at its own place and nothing else goes wrong because of it.
#pragma once

#include "compiler/parse/antlr.h"
#include "compiler/parse/reporter.h"

namespace netc::parse {

// Reports each bracket that has no partner, and returns tokens in which all
// have: closers of no text are put in, closers without opener are left out.
Tokens BalanceBrackets(Tokens tokens, FileId file, Reporter& reporter);

}  // namespace netc::parse
