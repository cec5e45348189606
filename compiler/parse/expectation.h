// What belongs at a place, in a few words instead of ANTLR's list of tokens.
#pragma once

#include <string>

#include "compiler/parse/antlr.h"

namespace netc::parse {

struct Expectation {
  std::string text;           // "`;`", "a name or `(`"; empty if nothing short can be said
  bool is_semicolon = false;  // what stands before is complete, and only its end is missing
};

// `expected` is ANTLR's set at a place; the parser's context says what is being read.
Expectation Summarize(const antlr4::misc::IntervalSet& expected, NetcParser& parser);

// What belongs between a comma and `found`, which no element of the list that is
// being read begins with; ANTLR's set is of no use there.
Expectation AfterComma(NetcParser& parser, const Token& found);

// What is being read: "statement", "member of the header", "declaration" …
std::string Construct(NetcParser& parser);

}  // namespace netc::parse
