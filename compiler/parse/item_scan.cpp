#include "compiler/parse/item_scan.h"

#include "compiler/parse/token_kinds.h"

namespace netc::parse {

static TokenType TypeAt(antlr4::TokenStream& tokens, size_t at) {
  return tokens.get(at)->getType();
}

// The index of the next token that the parser sees.
static size_t Next(antlr4::TokenStream& tokens, size_t at) {
  do ++at;
  while (IsHidden(*tokens.get(at)));
  return at;
}

static bool BeginsLine(antlr4::TokenStream& tokens, size_t at) {
  size_t previous = at;
  while (previous > 0 && IsHidden(*tokens.get(previous - 1))) --previous;
  return previous == 0 || tokens.get(previous - 1)->getLine() != tokens.get(at)->getLine();
}

static bool FollowsAnItem(antlr4::TokenStream& tokens, size_t at) {
  while (at > 0 && IsHidden(*tokens.get(at - 1))) --at;
  if (at == 0) return true;
  TokenType previous = TypeAt(tokens, at - 1);
  return previous == NetcLexer::SEMI || previous == NetcLexer::RBRACE;
}

bool ItemBeginsAt(antlr4::TokenStream& tokens, size_t at) {
  if (!BeginsItem(TypeAt(tokens, at))) return false;
  return tokens.get(at)->getCharPositionInLine() == 0 || FollowsAnItem(tokens, at);
}

// The index behind the bracket that closes the one at `open`.
static size_t SkipGroup(antlr4::TokenStream& tokens, size_t open) {
  size_t depth = 0;
  for (size_t at = open;; at = Next(tokens, at)) {
    TokenType type = TypeAt(tokens, at);
    if (type == kEndOfFile) return at;
    if (IsOpener(type)) ++depth;
    if (IsCloser(type) && --depth == 0) return Next(tokens, at);
  }
}

size_t EndOfItem(antlr4::TokenStream& tokens, size_t begin) {
  size_t at = begin;
  while (TypeAt(tokens, at) != kEndOfFile) {
    if (at > begin && ItemBeginsAt(tokens, at)) return at;
    TokenType type = TypeAt(tokens, at);
    at = IsOpener(type) ? SkipGroup(tokens, at) : Next(tokens, at);
    if (type == NetcLexer::SEMI) return at;
    if (type == NetcLexer::LBRACE && BeginsLine(tokens, at)) return at;
  }
  return at;
}

}  // namespace netc::parse
