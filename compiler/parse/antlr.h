// ANTLR and the generated parser, for the files of this folder alone.
#pragma once

#include <memory>
#include <vector>

#include "NetcLexer.h"
#include "NetcParser.h"
#include "antlr4-runtime.h"
#include "compiler/base/source.h"

namespace netc::parse {

using antlr4::Token;
using generated::NetcLexer;
using generated::NetcParser;
using TokenPtr = std::unique_ptr<Token>;
using Tokens = std::vector<TokenPtr>;
using TokenType = size_t;
inline constexpr TokenType kEndOfFile = Token::EOF;

inline bool IsHidden(const Token& token) {
  return token.getChannel() != Token::DEFAULT_CHANNEL;
}

// Tokens carry byte offsets once tokens.h has made them. One that stands for
// text that is missing, and the end of file, has an empty span.
inline Span SpanOf(const Token& token, FileId file) {
  return {file, static_cast<uint32_t>(token.getStartIndex()),
          static_cast<uint32_t>(token.getStopIndex() + 1)};
}

}  // namespace netc::parse
