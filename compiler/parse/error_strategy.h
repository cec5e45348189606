// What the generated parser does when a token doesn't fit.
#pragma once

#include "compiler/parse/antlr.h"
#include "compiler/parse/reporter.h"

namespace netc::parse {

// Thrown through the generated parser when it is not to recover.
struct Refused {};

// The first attempt at an item: the first error ends it.
class RefuseErrors : public antlr4::DefaultErrorStrategy {
 public:
  void reportError(antlr4::Parser*, const antlr4::RecognitionException&) override {
    throw Refused{};
  }
  antlr4::Token* recoverInline(antlr4::Parser*) override { throw Refused{}; }
  void sync(antlr4::Parser*) override {}
};

// The second attempt: reports an error, goes on behind the statement or member
// that has it, and so finds the others of the item. Relies on balanced brackets.
class ReportErrors : public antlr4::DefaultErrorStrategy {
 public:
  ReportErrors(FileId file, const SourceFile& source, Reporter& reporter)
      : file_(file), source_(source), reporter_(reporter) {}

  // Each item begins afresh: an error of the one before must not hide its own.
  void reset(antlr4::Parser* parser) override;

  void reportError(antlr4::Parser* parser, const antlr4::RecognitionException& error) override;
  void recover(antlr4::Parser* parser, std::exception_ptr error) override;
  antlr4::Token* recoverInline(antlr4::Parser* parser) override;
  void sync(antlr4::Parser* parser) override;

 private:
  void Report(NetcParser& parser, const Token& found, antlr4::misc::IntervalSet expected);
  diag::Diagnostic Explain(NetcParser& parser, const Token& found,
                           const antlr4::misc::IntervalSet& expected) const;
  bool ExplainHabit(NetcParser& parser, const Token& found,
                    const antlr4::misc::IntervalSet& expected, diag::Diagnostic& diagnostic) const;
  std::string Describe(const Token& token) const;

  FileId file_;
  const SourceFile& source_;
  Reporter& reporter_;
  bool any_reported_ = false;
  size_t last_reported_ = 0;  // index of the token
  size_t last_recovered_ = SIZE_MAX;
  // The last choice of the parser, and the token it was made at. Where none of the
  // choices fits, the parser goes on and fails at the next token it must see.
  antlr4::atn::ATNState* choice_ = nullptr;
  size_t choice_at_ = 0;
};

}  // namespace netc::parse
