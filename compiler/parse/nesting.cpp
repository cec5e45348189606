#include "compiler/parse/nesting.h"

#include <string>

#include "compiler/parse/parse.h"
#include "compiler/parse/token_kinds.h"

namespace netc::parse {

diag::Diagnostic NestingTooDeep(Span span) {
  return diag::Error(diag::Kind::kNestingTooDeep, span,
                     "nested more than " + std::to_string(kMaxNesting) + " levels deep",
                     "one level too many")
      .WithHint("here: give a part of it a name, with `let` or a function");
}

namespace {

// What is open between two brackets, by the ways in which the parser recurses.
struct Level {
  int prefixes = 0;   // `-` and `~` just before this place
  int negations = 0;  // `not`s whose operands reach up to here
  int angles = 0;     // `<`s that may be type arguments
};

class Depth {
 public:
  // The depth behind the token.
  int Step(TokenType type) {
    if (IsOpener(type)) {
      outer_ += Here() + 1;
      levels_.push_back({});
    } else if (IsCloser(type)) {
      Close();
    } else {
      Operand(type);
    }
    return outer_ + Here();
  }

 private:
  int Here() const {
    const Level& level = levels_.back();
    return level.prefixes + level.negations + level.angles;
  }

  void Close() {
    if (levels_.size() > 1) {
      levels_.pop_back();
      outer_ -= Here() + 1;
    }
    levels_.back().prefixes = 0;
  }

  void Operand(TokenType type) {
    Level& level = levels_.back();
    switch (type) {
      case NetcLexer::MINUS:
      case NetcLexer::TILDE:
        ++level.prefixes;
        break;
      case NetcLexer::NOT:
        ++level.negations;
        break;
      case NetcLexer::LT:
        ++level.angles;
        break;
      case NetcLexer::GT:
        level.angles -= level.angles > 0;
        break;
      case NetcLexer::DOT:
        break;
      case NetcLexer::COMMA:
        level.negations = 0;
        break;
      case NetcLexer::AND:
      case NetcLexer::OR:
      case NetcLexer::OR_INSERT:
      case NetcLexer::WHEN:
      case NetcLexer::SEMI:
      case NetcLexer::COLON:
      case NetcLexer::ASSIGN:
      case NetcLexer::FAT_ARROW:
        level = {};
        break;
      default:
        level.prefixes = 0;
        if (!IsName(type)) level.angles = 0;
    }
  }

  int outer_ = 0;  // of the levels below the top
  std::vector<Level> levels_ = {{}};
};

}  // namespace

bool CheckNesting(const Tokens& tokens, FileId file, Reporter& reporter) {
  Depth depth;
  for (const TokenPtr& token : tokens) {
    if (IsHidden(*token)) continue;
    if (depth.Step(token->getType()) <= kMaxNesting) continue;
    reporter.Report(NestingTooDeep(SpanOf(*token, file)));
    return false;
  }
  return true;
}

}  // namespace netc::parse
