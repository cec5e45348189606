#include "compiler/parse/error_strategy.h"

#include <string>
#include <utility>

#include "compiler/parse/expectation.h"
#include "compiler/parse/token_kinds.h"

namespace netc::parse {
namespace {

using antlr4::misc::IntervalSet;

bool Contains(const IntervalSet& set, TokenType type) {
  return set.contains(static_cast<ssize_t>(type));
}

// Rules that end at a `;` or with a body: where reading goes on after an error.
bool IsUnit(size_t rule) {
  switch (rule) {
    case NetcParser::RuleStatement:
    case NetcParser::RuleArm:
    case NetcParser::RuleHeaderMember:
    case NetcParser::RuleOptionMember:
    case NetcParser::RuleViewMember:
    case NetcParser::RuleCcMember:
    case NetcParser::RuleTestStep:
      return true;
    default:
      return false;
  }
}

// The innermost unit that is being read, or null.
antlr4::ParserRuleContext* EnclosingUnit(antlr4::ParserRuleContext* at) {
  while (at && !IsUnit(at->getRuleIndex())) {
    at = static_cast<antlr4::ParserRuleContext*>(at->parent);
  }
  return at;
}

bool BeginsLine(antlr4::TokenStream& tokens) {
  Token* previous = tokens.LT(-1);
  return !previous || previous->getLine() != tokens.LT(1)->getLine();
}

// Leaves the brackets that were opened since `begin` and are open still; whether
// there were any.
bool LeaveBrackets(antlr4::TokenStream& tokens, size_t begin) {
  size_t open = 0;
  for (size_t at = begin; at < tokens.index(); ++at) {
    TokenType type = tokens.get(at)->getType();
    if (IsOpener(type)) ++open;
    if (IsCloser(type) && open > 0) --open;
  }
  bool any = open > 0;
  for (; open > 0 && tokens.LA(1) != kEndOfFile; tokens.consume()) {
    if (IsOpener(tokens.LA(1))) ++open;
    if (IsCloser(tokens.LA(1))) --open;
  }
  return any;
}

void SkipGroup(antlr4::TokenStream& tokens) {
  size_t depth = 0;
  do {
    TokenType type = tokens.LA(1);
    if (type == kEndOfFile) return;
    if (IsOpener(type)) ++depth;
    if (IsCloser(type)) --depth;
    tokens.consume();
  } while (depth > 0);
}

// What can stand before a set or a struct literal's initializers, but not
// before a body.
bool WantsOperand(TokenType previous) {
  bool is_operator = previous >= NetcLexer::UNTIL && previous <= NetcLexer::TILDE &&
                     previous != NetcLexer::FAT_ARROW;
  bool is_word =
      previous >= NetcLexer::WHEN && previous <= NetcLexer::OR_INSERT && !IsName(previous);
  return is_operator || is_word || previous == NetcLexer::COMMA || previous == NetcLexer::COLON;
}

bool HasBody(antlr4::ParserRuleContext* unit) {
  if (!unit) return true;  // an item
  switch (unit->start->getType()) {
    case NetcLexer::IF:
    case NetcLexer::FOR:
    case NetcLexer::MATCH:
    case NetcLexer::CASE:
    case NetcLexer::OPTION:
    case NetcLexer::ON:
      return true;
    default:
      return unit->getRuleIndex() == NetcParser::RuleCcMember;
  }
}

// Whether the current token stands in or behind a condition of its statement.
bool InCondition(NetcParser& parser) {
  antlr4::ParserRuleContext* unit = EnclosingUnit(parser.getContext());
  if (!unit || unit->getRuleIndex() != NetcParser::RuleStatement) return false;
  antlr4::TokenStream& tokens = *parser.getTokenStream();
  if (unit->start->getType() == NetcLexer::IF) return true;
  for (size_t at = unit->start->getTokenIndex(); at < tokens.index(); ++at) {
    if (tokens.get(at)->getType() == NetcLexer::WHEN) return true;
  }
  return false;
}

// Moves to where the unit goes on: before its `;`, its body, its `else`, the
// bracket that encloses it, or the next statement if a `;` was forgotten.
void SkipWithinUnit(antlr4::TokenStream& tokens, antlr4::ParserRuleContext* unit) {
  size_t begin = tokens.index();
  for (;;) {
    TokenType type = tokens.LA(1);
    if (type == kEndOfFile || type == NetcLexer::SEMI || IsCloser(type)) return;
    if (type == NetcLexer::ELSE) return;
    if (type == NetcLexer::LBRACE && HasBody(unit) && !WantsOperand(tokens.LA(-1))) return;
    bool next_statement = BeginsStatement(type) && BeginsLine(tokens) && tokens.index() > begin;
    if (next_statement) return;
    if (IsOpener(type)) {
      SkipGroup(tokens);
    } else {
      tokens.consume();
    }
  }
}

// Moves behind a unit: behind its `;` or its last body, or before the bracket
// that encloses it or a statement that begins on its own line.
void SkipUnit(antlr4::TokenStream& tokens, size_t begin) {
  for (;;) {
    TokenType type = tokens.LA(1);
    if (type == kEndOfFile || IsCloser(type)) return;
    if (BeginsStatement(type) && BeginsLine(tokens) && tokens.index() > begin) return;
    if (IsOpener(type)) {
      bool body = type == NetcLexer::LBRACE && !WantsOperand(tokens.LA(-1));
      SkipGroup(tokens);
      TokenType next = tokens.LA(1);
      if (body && next != NetcLexer::ELSE && next != NetcLexer::SEMI && BeginsLine(tokens)) return;
      continue;
    }
    tokens.consume();
    if (type == NetcLexer::SEMI) return;
  }
}

}  // namespace

std::string ReportErrors::Describe(const Token& token) const {
  Span span = SpanOf(token, file_);
  return DisplayFound(token.getType(), source_.text().substr(span.begin, span.end - span.begin));
}

void ReportErrors::Report(NetcParser& parser, const Token& found, IntervalSet expected) {
  bool again = any_reported_ && found.getTokenIndex() <= last_reported_;
  if (again) return;
  if (choice_ && choice_at_ == found.getTokenIndex() && !expected.isEmpty()) {
    const IntervalSet& choices = parser.getATN().nextTokens(choice_);
    if (!choices.contains(Token::EPSILON)) expected.addAll(choices);
  }
  any_reported_ = true;
  last_reported_ = found.getTokenIndex();
  reporter_.Report(Explain(parser, found, expected));
}

// What is written out of habit and needs more than "expected".
bool ReportErrors::ExplainHabit(NetcParser& parser, const Token& found, const IntervalSet& expected,
                                diag::Diagnostic& diagnostic) const {
  using L = NetcLexer;
  Span span = SpanOf(found, file_);
  auto say = [&](std::string message) {
    diagnostic = diag::Error(diag::Kind::kSyntax, span, std::move(message));
    return true;
  };
  antlr4::TokenStream& tokens = *parser.getTokenStream();
  TokenType type = found.getType();
  if (type == L::ASSIGN && InCondition(parser)) {
    say("`=` assigns; `==` compares");
    diagnostic.WithFix(span, "==");
    return true;
  }
  if (type == L::SEMI && !Contains(expected, L::SEMI) && tokens.LT(1) == &found) {
    Token* previous = tokens.LT(-1);
    bool stray = previous && (previous->getType() == L::RBRACE || previous->getType() == L::SEMI);
    if (!stray) return false;
    say("no `;` belongs here");
    diagnostic.WithFix(span, "");
    return true;
  }
  bool initializer = type == L::COLON && tokens.LT(-2) && tokens.LA(-2) == L::LBRACE;
  if (initializer && parser.getContext()->getRuleIndex() == NetcParser::RuleStatement) {
    say("a struct literal in a condition stands in parentheses");
    diagnostic.primary.text = "read as the first statement of a block";
    return true;
  }
  Token* previous = tokens.LT(-1);
  bool behind_name = previous && IsName(previous->getType()) && Contains(expected, L::SEMI);
  if (type == L::LBRACE && behind_name && tokens.LT(1) == &found) {
    say("a struct literal beside an operator stands in parentheses");
    diagnostic.WithHint(
        "here: `(" +
        std::string(source_.text().substr(
            previous->getStartIndex(), previous->getStopIndex() + 1 - previous->getStartIndex())) +
        " { … })`");
    return true;
  }
  if (type == L::IF && behind_name && previous->getLine() == found.getLine()) {
    say("a condition behind a statement begins with `when`");
    diagnostic.WithFix(span, "when");
    return true;
  }
  if (IsReserved(type) && Contains(expected, L::ID) && !Contains(expected, L::LPAREN)) {
    say("expected a name, found " + Describe(found));
    diagnostic.WithHint("here: choose another name; a keyword can't be one");
    return true;
  }
  return false;
}

diag::Diagnostic ReportErrors::Explain(NetcParser& parser, const Token& found,
                                       const IntervalSet& expected) const {
  diag::Diagnostic diagnostic;
  if (ExplainHabit(parser, found, expected, diagnostic)) return diagnostic;
  Expectation wanted = expected.isEmpty() ? AfterComma(parser, found) : Summarize(expected, parser);
  Span span = SpanOf(found, file_);
  if (wanted.is_semicolon) {
    // The place of the `;` is behind what was read, perhaps a line up.
    Token* previous = parser.getTokenStream()->LT(-1);
    Span end = previous ? SpanOf(*previous, file_) : span;
    end.begin = end.end;
    diagnostic =
        diag::Error(diag::Kind::kSyntax, end,
                    "expected `;` after the " + Construct(parser) + ", found " + Describe(found),
                    "`;` is missing");
    if (source_.Locate(end.end).line != source_.Locate(span.begin).line) {
      diagnostic.WithFix(end, ";");
    } else {
      diagnostic.primary = {span, "expected `;`"};
    }
    return diagnostic;
  }
  std::string message = wanted.text.empty()
                            ? "unexpected " + Describe(found) + " in a " + Construct(parser)
                            : "expected " + wanted.text + ", found " + Describe(found);
  return diag::Error(diag::Kind::kSyntax, span, message);
}

void ReportErrors::reset(antlr4::Parser* parser) {
  DefaultErrorStrategy::reset(parser);
  any_reported_ = false;
  last_recovered_ = SIZE_MAX;
  choice_ = nullptr;
}

void ReportErrors::reportError(antlr4::Parser* parser, const antlr4::RecognitionException& error) {
  if (inErrorRecoveryMode(parser)) return;
  beginErrorCondition(parser);
  Token* found = error.getOffendingToken();
  // Beyond the first token of a decision ANTLR's set says nothing.
  bool ahead = found != parser->getCurrentToken();
  IntervalSet expected = ahead ? IntervalSet() : error.getExpectedTokens();
  Report(static_cast<NetcParser&>(*parser), *found, expected);
}

void ReportErrors::recover(antlr4::Parser* parser, std::exception_ptr) {
  antlr4::TokenStream& tokens = *parser->getTokenStream();
  antlr4::ParserRuleContext* context = parser->getContext();
  if (!IsUnit(context->getRuleIndex())) {
    bool complete = LeaveBrackets(tokens, context->start->getTokenIndex());
    if (!complete) SkipWithinUnit(tokens, EnclosingUnit(context));
    return;
  }
  size_t begin = tokens.index();
  LeaveBrackets(tokens, context->start->getTokenIndex());
  SkipUnit(tokens, context->start->getTokenIndex());
  // Never twice from one place: the loop around would not end.
  if (tokens.index() == begin && last_recovered_ == begin && !IsCloser(tokens.LA(1)) &&
      tokens.LA(1) != kEndOfFile) {
    tokens.consume();
  }
  last_recovered_ = begin;
}

antlr4::Token* ReportErrors::recoverInline(antlr4::Parser* parser) {
  if (!inErrorRecoveryMode(parser)) {
    IntervalSet expected = parser->getExpectedTokens();
    Token* found = parser->getCurrentToken();
    bool ends = IsCloser(found->getType()) || BeginsLine(*parser->getTokenStream());
    if (ends && Summarize(expected, static_cast<NetcParser&>(*parser)).is_semicolon) {
      // As if it stood there; what follows is read as usual.
      Report(static_cast<NetcParser&>(*parser), *found, expected);
      return found;
    }
  }
  throw antlr4::InputMismatchException(parser);
}

void ReportErrors::sync(antlr4::Parser* parser) {
  const antlr4::atn::ATN& atn = parser->getATN();
  antlr4::atn::ATNState* state = atn.states[parser->getState()];
  choice_ = state;
  choice_at_ = parser->getCurrentToken()->getTokenIndex();
  size_t type = state->getStateType();
  bool loop = type == antlr4::atn::ATNState::STAR_LOOP_ENTRY ||
              type == antlr4::atn::ATNState::STAR_LOOP_BACK;
  if (!loop) return;
  const IntervalSet& expected = atn.nextTokens(state);
  bool members = Contains(expected, NetcLexer::RBRACE) && !Contains(expected, NetcLexer::COMMA) &&
                 !expected.contains(Token::EPSILON);
  if (!members) return;
  antlr4::TokenStream& tokens = *parser->getTokenStream();
  while (!Contains(expected, tokens.LA(1)) && tokens.LA(1) != kEndOfFile) {
    if (IsCloser(tokens.LA(1))) return;
    if (!inErrorRecoveryMode(parser)) {
      Report(static_cast<NetcParser&>(*parser), *tokens.LT(1), expected);
      beginErrorCondition(parser);
    }
    SkipUnit(tokens, tokens.index());
  }
}

}  // namespace netc::parse
