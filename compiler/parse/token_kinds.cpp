#include "compiler/parse/token_kinds.h"

#include <unordered_map>

namespace netc::parse {

static constexpr TokenType kFirstKeyword = NetcLexer::PIPELINE;
static constexpr TokenType kLastKeyword = NetcLexer::FALSE;

static const antlr4::dfa::Vocabulary& Vocabulary() {
  static const antlr4::dfa::Vocabulary vocabulary = NetcParser(nullptr).getVocabulary();
  return vocabulary;
}

// A keyword reads as its kind is named in the grammar, in small letters.
static std::string KeywordText(TokenType type) {
  std::string text = Vocabulary().getSymbolicName(type);
  for (char& c : text) c = c == '_' ? c : static_cast<char>(c | 0x20);
  return text;
}

TokenType KindOfWord(std::string_view text) {
  static const auto* keywords = [] {
    auto* table = new std::unordered_map<std::string, TokenType>;
    for (TokenType type = kFirstKeyword; type <= kLastKeyword; ++type) {
      table->emplace(KeywordText(type), type);
    }
    return table;
  }();
  auto found = keywords->find(std::string(text));
  return found == keywords->end() ? TokenType{NetcLexer::ID} : found->second;
}

// aa:bb:cc:dd:ee:ff
static bool IsLinkAddress(std::string_view text) {
  if (text.size() != 17) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((text[i] == ':') != (i % 3 == 2)) return false;
  }
  return true;
}

TokenType KindOfAddress(TokenType type, std::string_view text) {
  bool is_prefix = text.find('/') != std::string_view::npos;
  if (type == NetcLexer::IPV4) return is_prefix ? NetcLexer::IPV4_PREFIX : NetcLexer::IPV4;
  if (type != NetcLexer::IPV6) return type;
  if (is_prefix) return NetcLexer::IPV6_PREFIX;
  return IsLinkAddress(text) ? NetcLexer::MAC : NetcLexer::IPV6;
}

bool IsName(TokenType type) {
  switch (type) {
    case NetcLexer::ID:
    case NetcLexer::PIPELINE:
    case NetcLexer::MODULE:
    case NetcLexer::KERNEL:
    case NetcLexer::PARAM:
    case NetcLexer::STATE:
    case NetcLexer::EVENT:
    case NetcLexer::FLAGS:
    case NetcLexer::SELECTOR:
    case NetcLexer::HEADER:
    case NetcLexer::VIEW:
    case NetcLexer::OPTION:
    case NetcLexer::OPTIONS:
    case NetcLexer::LAYOUT:
    case NetcLexer::REQUIRE:
    case NetcLexer::NEXT:
    case NetcLexer::INNER:
    case NetcLexer::WITHIN:
    case NetcLexer::CHECKSUM:
    case NetcLexer::SIZE:
    case NetcLexer::EXTENT:
    case NetcLexer::DEPTH:
    case NetcLexer::TEST:
    case NetcLexer::CC:
    case NetcLexer::SWEEP:
    case NetcLexer::OVER:
    case NetcLexer::EVERY:
      return true;
    default:
      return false;
  }
}

bool IsReserved(TokenType type) {
  return type >= kFirstKeyword && type <= kLastKeyword && !IsName(type);
}

bool BeginsItem(TokenType type) {
  switch (type) {
    case NetcLexer::IMPORT:
    case NetcLexer::KERNEL:
    case NetcLexer::CONST:
    case NetcLexer::PARAM:
    case NetcLexer::LET:
    case NetcLexer::STATE:
    case NetcLexer::EVENT:
    case NetcLexer::STRUCT:
    case NetcLexer::ENUM:
    case NetcLexer::FLAGS:
    case NetcLexer::FN:
    case NetcLexer::SELECTOR:
    case NetcLexer::HEADER:
    case NetcLexer::VIEW:
    case NetcLexer::ON:
    case NetcLexer::CC:
    case NetcLexer::SWEEP:
    case NetcLexer::TEST:
      return true;
    default:
      return false;
  }
}

bool BeginsStatement(TokenType type) {
  switch (type) {
    case NetcLexer::LET:
    case NetcLexer::VAR:
    case NetcLexer::IF:
    case NetcLexer::MATCH:
    case NetcLexer::FOR:
    case NetcLexer::CASE:
    case NetcLexer::EMIT:
    case NetcLexer::RETURN:
    case NetcLexer::BREAK:
    case NetcLexer::CONTINUE:
      return true;
    default:
      return false;
  }
}

bool IsOpener(TokenType type) {
  return type == NetcLexer::LPAREN || type == NetcLexer::LBRACKET || type == NetcLexer::LBRACE;
}

bool IsCloser(TokenType type) {
  return type == NetcLexer::RPAREN || type == NetcLexer::RBRACKET || type == NetcLexer::RBRACE;
}

TokenType CloserOf(TokenType opener) {
  switch (opener) {
    case NetcLexer::LPAREN:
      return NetcLexer::RPAREN;
    case NetcLexer::LBRACKET:
      return NetcLexer::RBRACKET;
    default:
      return NetcLexer::RBRACE;
  }
}

std::string Display(TokenType type) {
  switch (type) {
    case kEndOfFile:
      return "the end of the file";
    case NetcLexer::ID:
    case NetcLexer::ACTION:
      return "a name";
    case NetcLexer::STRING:
      return "a string";
    case NetcLexer::INT:
      return "a whole number";
    default:
      break;
  }
  if (type >= kFirstKeyword && type <= kLastKeyword) return "`" + KeywordText(type) + "`";
  // The vocabulary has a fixed token as 'text', quotes included.
  std::string literal = Vocabulary().getLiteralName(type);
  if (literal.size() < 2) return Vocabulary().getSymbolicName(type);
  return "`" + literal.substr(1, literal.size() - 2) + "`";
}

std::string DisplayFound(TokenType type, std::string_view text) {
  constexpr size_t kLongest = 40;
  if (type == kEndOfFile) return "the end of the file";
  if (type == NetcLexer::STRING) return "a string";
  if (text.empty()) return Display(type);
  std::string shown = "`" + std::string(text.substr(0, kLongest));
  shown += text.size() > kLongest ? "…`" : "`";
  return IsReserved(type) ? "the keyword " + shown : shown;
}

}  // namespace netc::parse
