// What the passes over tokens ask about a kind of token.
#pragma once

#include <string>
#include <string_view>

#include "compiler/parse/antlr.h"

namespace netc::parse {

// ID, or the keyword that the text is.
TokenType KindOfWord(std::string_view text);
// The prefix, or the link-layer address, that the text of an IPV4 or IPV6 is; else `type`.
TokenType KindOfAddress(TokenType type, std::string_view text);

// An identifier, or a keyword that may be one where nothing of its own begins.
bool IsName(TokenType type);
// A keyword that can't be a name.
bool IsReserved(TokenType type);
// A keyword that begins an item of a file.
bool BeginsItem(TokenType type);
// A reserved keyword that begins a statement.
bool BeginsStatement(TokenType type);

bool IsOpener(TokenType type);  // ( [ {
bool IsCloser(TokenType type);  // ) ] }
TokenType CloserOf(TokenType opener);

// As it stands in a message: "`when`", "a name", "a string", "the end of the file".
std::string Display(TokenType type);
// As the text that was found: "`x`", "the keyword `when`", "the end of the file".
std::string DisplayFound(TokenType type, std::string_view text);

}  // namespace netc::parse
