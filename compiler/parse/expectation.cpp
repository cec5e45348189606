#include "compiler/parse/expectation.h"

#include <set>
#include <typeinfo>

#include "compiler/parse/token_kinds.h"

namespace netc::parse {
namespace {

using Set = std::set<TokenType>;

void EraseNames(Set& set) {
  std::erase_if(set, [](TokenType type) { return IsName(type) || type == NetcLexer::ACTION; });
}

void Erase(Set& set, std::initializer_list<TokenType> types) {
  for (TokenType type : types) set.erase(type);
}

void EraseLiterals(Set& set) {
  std::erase_if(
      set, [](TokenType type) { return type >= NetcLexer::TRUE && type <= NetcLexer::STRING; });
}

// What may follow any complete operand.
void EraseContinuations(Set& set) {
  using L = NetcLexer;
  Erase(set, {L::DOT,    L::LBRACKET, L::LPAREN, L::AS,  L::STAR, L::SLASH, L::PERCENT,
              L::PLUS,   L::MINUS,    L::SHL,    L::GT,  L::AMP,  L::CARET, L::PIPE,
              L::DOTDOT, L::UNTIL,    L::EQ,     L::NE,  L::LT,   L::LE,    L::GE,
              L::IN,     L::NOT,      L::IS,     L::HAS, L::AND,  L::OR,    L::OR_INSERT});
  std::erase_if(set, [](TokenType type) { return type >= L::SHL_ASSIGN && type <= L::SHR_ASSIGN; });
  std::erase_if(set, [](TokenType type) { return type >= L::ADD_ASSIGN && type <= L::ASSIGN; });
  // A struct's initializers may follow a path; rarely are they what is missing.
  if (set.size() > 1 && !set.contains(L::WHEN) && set.contains(L::COMMA)) set.erase(L::LBRACE);
}

void EraseStatements(Set& set) {
  std::erase_if(set, [](TokenType type) { return BeginsStatement(type); });
}

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

class Summary {
 public:
  Summary(const antlr4::misc::IntervalSet& expected, NetcParser& parser) : parser_(parser) {
    for (const antlr4::misc::Interval& range : expected.getIntervals()) {
      for (ssize_t type = range.a; type <= range.b; ++type) {
        left_.insert(static_cast<TokenType>(type));
      }
      left_.erase(Token::EPSILON);
    }
  }

  Expectation Run() {
    using L = NetcLexer;
    bool names = left_.contains(L::ID);
    if (left_.contains(L::LET) && left_.contains(L::RETURN)) {
      AddStatement();
    } else if (names && left_.contains(L::INT) && left_.contains(L::LPAREN)) {
      AddExpression();
    } else if (left_.contains(L::PLUS) && left_.contains(L::OR_INSERT)) {
      EraseContinuations(left_);
    } else if (names && left_.contains(L::LPAREN) && left_.contains(L::LBRACKET)) {
      words_.push_back("a type");
      EraseNames(left_);
      Erase(left_, {L::LPAREN, L::LBRACKET});
    }
    if (left_.contains(L::ID)) {
      words_.push_back(IsMemberPlace() ? "a " + Construct(parser_) : "a name");
      EraseNames(left_);
      if (IsMemberPlace()) Erase(left_, {L::LET, L::ON});
    }
    if (words_.empty() && left_.contains(L::SEMI)) return {"`;`", true};
    if (left_.erase(L::COMMA) > 0) words_.push_back("`,`");
    for (TokenType type : left_) words_.push_back(Display(type));
    constexpr size_t kMost = 4;
    return {words_.size() > kMost ? std::string() : Join(words_), false};
  }

 private:
  void AddStatement() {
    words_.push_back("a statement");
    EraseStatements(left_);
    EraseOperands();
  }

  void AddExpression() {
    words_.push_back(left_.contains(NetcLexer::DEFAULT) ? "a pattern" : "an expression");
    EraseOperands();
  }

  void EraseOperands() {
    using L = NetcLexer;
    EraseNames(left_);
    EraseLiterals(left_);
    Erase(left_, {L::LPAREN, L::LBRACE, L::LBRACKET, L::MINUS, L::TILDE, L::NOT});
  }

  // Where the body of an item or a header's option goes on.
  bool IsMemberPlace() const {
    return left_.contains(NetcLexer::RBRACE) && !left_.contains(NetcLexer::COMMA) &&
           Construct(parser_) != "statement" && Construct(parser_) != "declaration";
  }

  NetcParser& parser_;
  Set left_;
  std::vector<std::string> words_;
};

}  // namespace

Expectation Summarize(const antlr4::misc::IntervalSet& expected, NetcParser& parser) {
  return Summary(expected, parser).Run();
}

Expectation AfterComma(NetcParser& parser, const Token& found) {
  antlr4::TokenStream& tokens = *parser.getTokenStream();
  size_t before = found.getTokenIndex();
  do {
    if (before == 0) return {};
    --before;
  } while (IsHidden(*tokens.get(before)));
  if (tokens.get(before)->getType() != NetcLexer::COMMA) return {};
  switch (parser.getContext()->getRuleIndex()) {
    case NetcParser::RuleAtom:
    case NetcParser::RuleSet:
    case NetcParser::RuleArguments:
    case NetcParser::RuleEntries:
      return {"an expression", false};
    default:
      return {"a name", false};
  }
}

static std::string ItemPart(const antlr4::RuleContext& context) {
  const std::type_info& type = typeid(context);
  if (type == typeid(NetcParser::HeaderItemContext)) return "member of the header";
  if (type == typeid(NetcParser::ViewItemContext)) return "member of the view";
  if (type == typeid(NetcParser::CcItemContext)) return "member of the congestion control";
  if (type == typeid(NetcParser::TestItemContext)) return "step of the test";
  return "declaration";
}

std::string Construct(NetcParser& parser) {
  for (antlr4::RuleContext* at = parser.getContext(); at;
       at = static_cast<antlr4::RuleContext*>(at->parent)) {
    switch (at->getRuleIndex()) {
      case NetcParser::RuleBlock:
      case NetcParser::RuleStatement:
        return "statement";
      case NetcParser::RuleHeaderMember:
        return "member of the header";
      case NetcParser::RuleOptionMember:
        return "member of the options";
      case NetcParser::RuleViewMember:
        return "member of the view";
      case NetcParser::RuleCcMember:
        return "member of the congestion control";
      case NetcParser::RuleTestStep:
        return "step of the test";
      case NetcParser::RuleItem:
        return ItemPart(*at);
      default:
        break;
    }
  }
  return "declaration";
}

}  // namespace netc::parse
