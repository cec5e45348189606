#include "compiler/parse/bracket_repair.h"

#include <algorithm>
#include <string>
#include <utility>

#include "compiler/parse/token_kinds.h"

namespace netc::parse {
namespace {

constexpr size_t kNowhere = SIZE_MAX;

struct Insertion {
  size_t before;  // index of a token
  TokenType closer;
};

struct Repair {
  std::vector<Insertion> insertions;
  std::vector<size_t> unmatched;  // closers to leave out, ascending
  std::vector<size_t> unclosed;   // openers
  bool empty() const { return insertions.empty() && unmatched.empty(); }
};

// Finds partners. With `use_layout`, a `}` that begins its line belongs to the `{`
// whose line is indented alike: that tells which bracket is missing, but is not
// asked while brackets are balanced anyway, for layout has no meaning in netc.
class Matcher {
 public:
  Matcher(const Tokens& tokens, bool use_layout) : tokens_(tokens), use_layout_(use_layout) {}

  Repair Run() {
    for (size_t i = 0; i < tokens_.size(); ++i) {
      if (!IsHidden(*tokens_[i])) Step(i);
    }
    return std::move(repair_);
  }

 private:
  struct Open {
    size_t at;
    TokenType closer;
    size_t indent;                // column of the first token of its line
    size_t may_close = kNowhere;  // where its closer is put if it has none
    bool has_statement = false;   // a `;` stands inside
  };

  void Step(size_t i) {
    const Token& token = *tokens_[i];
    TokenType type = token.getType();
    bool first_on_line = token.getLine() != line_;
    if (first_on_line) {
      line_ = token.getLine();
      indent_ = token.getCharPositionInLine();
    }
    if (type == kEndOfFile) {
      while (!open_.empty()) PopUnclosed(i);
    } else if (IsOpener(type)) {
      open_.push_back({i, CloserOf(type), indent_});
    } else if (IsCloser(type)) {
      if (use_layout_ && first_on_line && type == NetcLexer::RBRACE) FollowLayout(i);
      Close(i, type);
    } else if (type == NetcLexer::SEMI && !open_.empty()) {
      Open& top = open_.back();
      top.has_statement = true;
      if (top.closer != NetcLexer::RBRACE) MayClose(top, i);
    } else if (BeginsItem(type) && token.getCharPositionInLine() == 0) {
      for (Open& open : open_) MayClose(open, i);
    }
  }

  static void MayClose(Open& open, size_t i) { open.may_close = std::min(open.may_close, i); }

  void PopUnclosed(size_t i) {
    const Open& top = open_.back();
    repair_.unclosed.push_back(top.at);
    repair_.insertions.push_back({std::min(top.may_close, i), top.closer});
    open_.pop_back();
  }

  // Leaves a `{` on top that a `}` in this column may close.
  void FollowLayout(size_t i) {
    size_t column = tokens_[i]->getCharPositionInLine();
    bool has_partner = std::any_of(open_.begin(), open_.end(), [&](const Open& open) {
      return open.closer == NetcLexer::RBRACE && open.indent == column;
    });
    while (has_partner && open_.back().indent > column) PopUnclosed(i);
  }

  bool IsSurplus(size_t i, const Open& top) const {
    return use_layout_ && tokens_[i]->getType() == NetcLexer::RBRACE &&
           tokens_[i]->getCharPositionInLine() == indent_ && indent_ > top.indent &&
           tokens_[i]->getLine() != tokens_[top.at]->getLine() && top.indent == 0;
  }

  void Close(size_t i, TokenType type) {
    auto partner = open_.rbegin();
    while (partner != open_.rend() && partner->closer != type) {
      bool crosses_body = partner->closer == NetcLexer::RBRACE && partner->has_statement;
      partner = crosses_body ? open_.rend() : partner + 1;
    }
    if (partner == open_.rend() || IsSurplus(i, *partner)) {
      repair_.unmatched.push_back(i);
      return;
    }
    while (open_.back().at != partner->at) PopUnclosed(i);
    open_.pop_back();
  }

  const Tokens& tokens_;
  bool use_layout_;
  Repair repair_;
  std::vector<Open> open_;
  size_t line_ = 0;
  size_t indent_ = 0;
};

TokenPtr Missing(TokenType type, const Token& before, const Token& after) {
  auto token = std::make_unique<antlr4::CommonToken>(type);
  token->setStartIndex(before.getStopIndex() + 1);
  token->setStopIndex(before.getStopIndex());
  token->setLine(after.getLine());
  token->setCharPositionInLine(1);
  return token;
}

Tokens Apply(Tokens tokens, Repair repair) {
  std::stable_sort(repair.insertions.begin(), repair.insertions.end(),
                   [](const Insertion& a, const Insertion& b) { return a.before < b.before; });
  Tokens repaired;
  auto insertion = repair.insertions.begin();
  auto unmatched = repair.unmatched.begin();
  for (size_t i = 0; i < tokens.size(); ++i) {
    for (; insertion != repair.insertions.end() && insertion->before == i; ++insertion) {
      const Token& before = repaired.empty() ? *tokens[i] : *repaired.back();
      repaired.push_back(Missing(insertion->closer, before, *tokens[i]));
    }
    bool drop = unmatched != repair.unmatched.end() && *unmatched == i;
    if (drop) ++unmatched;
    if (!drop) repaired.push_back(std::move(tokens[i]));
  }
  return repaired;
}

void ReportAll(const Tokens& tokens, const Repair& repair, FileId file, Reporter& reporter) {
  auto report = [&](size_t at, const char* what, const char* label) {
    std::string bracket = Display(tokens[at]->getType());
    reporter.Report(
        diag::Error(diag::Kind::kSyntax, SpanOf(*tokens[at], file), bracket + what, label));
  };
  for (size_t at : repair.unclosed) report(at, " is never closed", "has no partner");
  for (size_t at : repair.unmatched) report(at, " closes nothing", "has no partner");
}

}  // namespace

Tokens BalanceBrackets(Tokens tokens, FileId file, Reporter& reporter) {
  if (Matcher(tokens, false).Run().empty()) return tokens;
  Repair repair = Matcher(tokens, true).Run();
  ReportAll(tokens, repair, file, reporter);
  return Apply(std::move(tokens), std::move(repair));
}

}  // namespace netc::parse
