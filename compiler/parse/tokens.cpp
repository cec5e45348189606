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

// The tokens of a text that begins at byte `begin` of the file.
static Tokens Lex(std::string_view text, size_t begin) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // ANTLR drops it, uncounted
  uint32_t skipped = text.starts_with(kByteOrderMark) ? 1 : 0;
  antlr4::ANTLRInputStream input{std::string(text)};
  NetcLexer lexer(&input);
  lexer.removeErrorListeners();
  Tokens tokens = lexer.getAllTokens();
  UseByteOffsets(tokens, ByteOffsets(text), skipped);
  for (TokenPtr& pointer : tokens) {
    antlr4::CommonToken& token = Common(pointer);
    size_t first = token.getStartIndex(), end = token.getStopIndex() + 1;
    std::string_view word = text.substr(first, end - first);
    bool is_word = token.getType() == NetcLexer::ID;
    token.setType(is_word ? KindOfWord(word) : KindOfAddress(token.getType(), word));
    token.setStartIndex(begin + first);
    token.setStopIndex(begin + end - 1);
  }
  return tokens;
}

static TokenPtr EndOfFile(size_t size) {
  auto end = std::make_unique<antlr4::CommonToken>(kEndOfFile);
  end->setStartIndex(size);
  end->setStopIndex(size - 1);
  return end;
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
      for (TokenPtr& token : cut_) kept.push_back(std::move(token));
      cut_.clear();
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
        CutString(token);
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

  // An open string reaches to the end of its line. What stands behind the first
  // sign that ends a value is more likely not part of it, and is read on its own.
  void CutString(antlr4::CommonToken& string) {
    size_t begin = string.getStartIndex() + 1, end = string.getStopIndex() + 1;
    size_t cut = text_.substr(0, end).find_first_of(",;(){}[]", begin);
    if (cut == std::string_view::npos) return;
    string.setStopIndex(cut - 1);
    cut_ = Lex(text_.substr(cut, end - cut), cut);
    for (TokenPtr& token : cut_) {
      Common(token).setLine(string.getLine());
      Common(token).setCharPositionInLine(1);
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
  Tokens cut_;  // to stand behind the token that was kept last
  uint32_t last_unknown_end_ = 0;
};

Tokens ReadTokens(const SourceFile& source, FileId file, Reporter& reporter) {
  Tokens tokens = Lex(source.text(), 0);
  tokens.push_back(EndOfFile(source.text().size()));
  return Habits(source, file, reporter).Run(std::move(tokens));
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

// What `word` is, seen between the tokens around it.
static TokenType Classify(const Token* before, const Token& word, const Token& next) {
  TokenType type = word.getType(), follows = next.getType();
  if (type == NetcLexer::NOT && before && before->getType() == NetcLexer::IS) {
    return NetcLexer::NEGATION;
  }
  if (type == NetcLexer::ELSE && follows == NetcLexer::FAT_ARROW) return NetcLexer::DEFAULT;
  bool named = follows == NetcLexer::COLON || follows == NetcLexer::ASSIGN;
  if (named && IsName(type)) return NetcLexer::ID;
  bool acts = type == NetcLexer::ID && before && BeginsPhrase(before->getType()) &&
              BeginsOperand(follows) && next.getLine() == word.getLine();
  if (acts) return NetcLexer::ACTION;
  return type;
}

static bool IsSurplusComma(const Token* before, const Token& word, const Token& next) {
  return word.getType() == NetcLexer::COMMA && IsCloser(next.getType()) && before &&
         !IsOpener(before->getType()) && before->getType() != NetcLexer::COMMA;
}

void MarkWords(Tokens& tokens) {
  const Token* before = nullptr;
  antlr4::CommonToken* word = nullptr;
  for (TokenPtr& pointer : tokens) {
    if (IsHidden(*pointer)) continue;
    antlr4::CommonToken& next = Common(pointer);
    if (word) {
      word->setType(Classify(before, *word, next));
      if (IsSurplusComma(before, *word, next)) word->setChannel(Token::HIDDEN_CHANNEL);
    }
    before = word;
    word = &next;
  }
}

}  // namespace netc::parse
