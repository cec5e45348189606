// Where items begin and end, by tokens alone: what to go on with after an error.
#pragma once

#include "compiler/parse/antlr.h"

namespace netc::parse {

// Whether the token at `at`, seen outside all brackets, begins an item: a keyword
// of an item in the first column of its line, or behind the end of another item.
bool ItemBeginsAt(antlr4::TokenStream& tokens, size_t at);

// Index of the token behind the item that begins at `begin`; at least begin + 1,
// unless that is the end of file.
size_t EndOfItem(antlr4::TokenStream& tokens, size_t begin);

}  // namespace netc::parse
