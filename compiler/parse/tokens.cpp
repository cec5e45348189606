#include "compiler/parse/tokens.h"

#include <string>
#include <utility>

#include "compiler/parse/token_kinds.h"

namespace netc::parse {

static diag::Diagnostic Syntax(Span span, std::string message, std::string label = {}) {
  return diag::Error(diag::Kind::kSyntax, span, std::move(message), std::move(label));
}

static antlr4::CommonToken& Common(const TokenPtr& token) {
  return static_cast<antlr4::CommonToken&>(*token);
}

// ANTLR counts code points. For a text with any beyond ASCII this gives the byte
// at which each begins, and the end; for the others it is empty.
static std::vector<uint32_t> ByteOffsets(std::string_view text) {
  std::vector<uint32_t> offsets;
  bool ascii = true;
  for (char c : text) ascii = ascii && static_cast<unsigned char>(c) < 0x80;
  if (ascii) return offsets;
  for (uint32_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) offsets.push_back(i);
  }
  offsets.push_back(static_cast<uint32_t>(text.size()));
  return offsets;
}

static void UseByteOffsets(Tokens& tokens, const std::vector<uint32_t>& offsets, uint32_t skipped) {
  for (TokenPtr& pointer : tokens) {
    antlr4::CommonToken& token = Common(pointer);
    size_t begin = token.getStartIndex() + skipped, end = token.getStopIndex() + 1 + skipped;
    if (!offsets.empty()) {
      begin = offsets[begin];
      end = offsets[end];
    }
    token.setStartIndex(begin);
    token.setStopIndex(end - 1);
  }
}

static Tokens Lex(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // ANTLR drops it, uncounted
  uint32_t skipped = text.starts_with(kByteOrderMark) ? 1 : 0;
  antlr4::ANTLRInputStream input{std::string(text)};
  NetcLexer lexer(&input);
  lexer.removeErrorListeners();
  Tokens tokens = lexer.getAllTokens();
  std::vector<uint32_t> offsets = ByteOffsets(text);
  UseByteOffsets(tokens, offsets, skipped);

  auto end = std::make_unique<antlr4::CommonToken>(kEndOfFile);
  end->setStartIndex(text.size());
  end->setStopIndex(text.size() - 1);
  tokens.push_back(std::move(end));
  return tokens;
}

// Reports what other languages write differently, and repairs it.
class Habits {
 public:
  Habits(const SourceFile& source, FileId file, Reporter& reporter)
      : text_(source.text()), file_(file), reporter_(reporter) {}

  Tokens Run(Tokens tokens) {
    Tokens kept;
    kept.reserve(tokens.size());
    for (size_t i = 0; i < tokens.size(); ++i) {
      if (Keep(tokens, i)) kept.push_back(std::move(tokens[i]));
    }
    return kept;
  }

 private:
  // Whether the token stays, perhaps with another type.
  bool Keep(Tokens& tokens, size_t i) {
    if (std::exchange(drop_next_, false)) return false;
    antlr4::CommonToken& token = Common(tokens[i]);
    Span span = SpanOf(token, file_);
    switch (token.getType()) {
      case NetcLexer::AMP:
      case NetcLexer::PIPE:
        return Doubled(tokens, i);
      case NetcLexer::OPEN_STRING:
        reporter_.Report(Syntax(span, "the string is not closed on its line", "no closing `\"`"));
        token.setType(NetcLexer::STRING);
        return true;
      case NetcLexer::SINGLE_QUOTED: {
        std::string inside(text_.substr(span.begin + 1, span.end - span.begin - 2));
        reporter_.Report(
            Syntax(span, "strings are written in double quotes").WithFix(span, '"' + inside + '"'));
        token.setType(NetcLexer::STRING);
        return true;
      }
      case NetcLexer::BLOCK_COMMENT:
      case NetcLexer::HASH_COMMENT:
        reporter_.Report(Syntax({file_, span.begin, span.begin + 1}, "comments begin with `//`",
                                "not a comment in netc"));
        return false;
      case NetcLexer::UNKNOWN:
        return Unknown(tokens, i);
      default:
        return true;
    }
  }

  // `&&` and `||`; neither `&` nor `|` begins an operand, so two are never right.
  bool Doubled(Tokens& tokens, size_t i) {
    antlr4::CommonToken& token = Common(tokens[i]);
    const Token& next = *tokens[i + 1];
    bool doubled =
        next.getType() == token.getType() && next.getStartIndex() == token.getStopIndex() + 1;
    if (!doubled) return true;
    bool is_and = token.getType() == NetcLexer::AMP;
    Span span = Cover(SpanOf(token, file_), SpanOf(next, file_));
    const char* word = is_and ? "and" : "or";
    reporter_.Report(Syntax(span, is_and ? "`&&` is written `and`" : "`||` is written `or`")
                         .WithFix(span, word));
    token.setType(is_and ? NetcLexer::AND : NetcLexer::OR);
    token.setStopIndex(next.getStopIndex());
    drop_next_ = true;
    return true;
  }

  bool Unknown(Tokens& tokens, size_t i) {
    antlr4::CommonToken& token = Common(tokens[i]);
    Span span = SpanOf(token, file_);
    if (text_[span.begin] == '!') {
      reporter_.Report(Syntax(span, "`!` is written `not`").WithFix(span, "not "));
      token.setType(NetcLexer::NOT);
      return true;
    }
    bool continues = last_unknown_end_ == span.begin && span.begin > 0;
    last_unknown_end_ = span.end;
    if (continues) return false;
    reporter_.Report(
        Syntax(span, "unexpected character " + Display(span), "begins nothing in netc"));
    return false;
  }

  std::string Display(Span span) const {
    std::string shown(text_.substr(span.begin, span.end - span.begin));
    auto first = static_cast<unsigned char>(shown[0]);
    if (first >= 0x20 && first != 0x7F) return "`" + shown + "`";
    constexpr char kDigits[] = "0123456789abcdef";
    return std::string("0x") + kDigits[first >> 4] + kDigits[first & 15];
  }

  std::string_view text_;
  FileId file_;
  Reporter& reporter_;
  bool drop_next_ = false;
  uint32_t last_unknown_end_ = 0;
};

Tokens ReadTokens(const SourceFile& source, FileId file, Reporter& reporter) {
  return Habits(source, file, reporter).Run(Lex(source.text()));
}

// Where a statement or an expectation begins.
static bool BeginsPhrase(TokenType previous) {
  switch (previous) {
    case NetcLexer::SEMI:
    case NetcLexer::LBRACE:
    case NetcLexer::RBRACE:
    case NetcLexer::FAT_ARROW:
    case NetcLexer::EXPECT:
      return true;
    default:
      return false;
  }
}

// What begins an operand and can't continue an expression.
static bool BeginsOperand(TokenType type) {
  bool literal = type >= NetcLexer::TRUE && type <= NetcLexer::STRING;
  return literal || type == NetcLexer::TILDE || IsName(type);
}

void MarkWords(Tokens& tokens) {
  antlr4::CommonToken* before = nullptr;
  antlr4::CommonToken* word = nullptr;
  for (TokenPtr& pointer : tokens) {
    if (IsHidden(*pointer)) continue;
    antlr4::CommonToken& token = Common(pointer);
    TokenType type = token.getType();
    if (word && word->getType() == NetcLexer::IS && type == NetcLexer::NOT) {
      token.setType(NetcLexer::NEGATION);
    }
    bool at_begin = before && BeginsPhrase(before->getType());
    if (at_begin && word->getType() == NetcLexer::ID && BeginsOperand(type)) {
      word->setType(NetcLexer::ACTION);
    }
    before = word;
    word = &token;
  }
}

}  // namespace netc::parse
