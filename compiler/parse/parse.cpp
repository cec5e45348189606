#include "compiler/parse/parse.h"

#include <string>
#include <utility>

#include "compiler/parse/antlr.h"
#include "compiler/parse/bracket_repair.h"
#include "compiler/parse/builder.h"
#include "compiler/parse/error_strategy.h"
#include "compiler/parse/item_scan.h"
#include "compiler/parse/nesting.h"
#include "compiler/parse/reporter.h"
#include "compiler/parse/syntax.h"
#include "compiler/parse/token_kinds.h"
#include "compiler/parse/tokens.h"

namespace netc::parse {
namespace {

// Reads the unit and then item by item. Each is tried first in ANTLR's fast mode
// (SLL) without recovery; one that fails is read again in the exact mode (LL),
// which alone reports. An item's parse tree is freed before the next is read.
class FileParser {
 public:
  FileParser(Tokens tokens, const SourceFile& source, FileId file, Reporter& reporter)
      : source_(source),
        reporter_(reporter),
        list_(std::move(tokens)),
        tokens_(&list_),
        parser_(&tokens_),
        report_errors_(std::make_shared<ReportErrors>(file, source, reporter)),
        builder_(tokens_, source, file, reporter) {
    tokens_.fill();
    file_.id = file;
    parser_.removeErrorListeners();
  }

  // With `tree`, what is read is copied into it as well.
  ast::File Run(SyntaxTree* tree = nullptr) {
    tree_ = tree;
    if (tree_) CopyComments();
    ReadUnit();
    while (tokens_.LA(1) != kEndOfFile && !reporter_.full()) ReadItem();
    return std::move(file_);
  }

 private:
  // Reads with a rule of the parser; null if that gave errors.
  template <class Context>
  Context* Read(Context* (NetcParser::*rule)()) {
    size_t begin = tokens_.index();
    try {
      Prepare(begin, antlr4::atn::PredictionMode::SLL, refuse_errors_);
      return (parser_.*rule)();
    } catch (const Refused&) {
    }
    size_t errors = reporter_.count();
    Prepare(begin, antlr4::atn::PredictionMode::LL, report_errors_);
    Context* context = (parser_.*rule)();
    return reporter_.count() == errors ? context : nullptr;
  }

  void Prepare(size_t begin, antlr4::atn::PredictionMode mode,
               const Ref<antlr4::ANTLRErrorStrategy>& strategy) {
    // Before the reset, which ends the handler's own recovery from an earlier item's error.
    parser_.setErrorHandler(strategy);
    parser_.reset();
    tokens_.seek(begin);
    parser_.getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(mode);
  }

  void ReadUnit() {
    TokenType type = tokens_.LA(1);
    if (type != NetcLexer::PIPELINE && type != NetcLexer::MODULE) {
      bool empty = type == kEndOfFile;
      reporter_.Report(
          diag::Error(diag::Kind::kSyntax, Here(),
                      empty ? "the file holds no pipeline"
                            : "expected `pipeline NAME;` or `module NAME;` at the file's begin")
              .WithHint("here: begin with `pipeline` and a name, for example `pipeline guard;`"));
      return;
    }
    size_t begin = tokens_.index();
    if (auto* unit = Read(&NetcParser::unit)) {
      builder_.BuildUnit(*unit, file_);
      if (tree_) tree_->roots.push_back(Copy(*unit));
    } else {
      tokens_.seek(EndOfItem(tokens_, begin));
    }
  }

  void ReadItem() {
    size_t begin = tokens_.index();
    if (!BeginsItem(tokens_.LA(1))) {
      reporter_.Report(diag::Error(diag::Kind::kSyntax, Here(), Unexpected()));
      do tokens_.seek(EndOfItem(tokens_, tokens_.index()));
      while (tokens_.LA(1) != kEndOfFile && !ItemBeginsAt(tokens_, tokens_.index()));
      return;
    }
    size_t errors = reporter_.count();
    if (auto* item = Read(&NetcParser::item)) {
      ast::Item built = builder_.BuildItem(*item);
      if (tree_) tree_->roots.push_back(Copy(*item));
      if (reporter_.count() == errors) file_.items.push_back(std::move(built));
    } else {
      tokens_.seek(EndOfItem(tokens_, begin));
    }
    if (reporter_.count() > errors) NoteBroken(begin);
  }

  void CopyComments() {
    for (size_t at = 0; tokens_.get(at)->getType() != kEndOfFile; ++at) {
      const Token& token = *tokens_.get(at);
      bool comment = token.getType() == NetcLexer::DOC || token.getType() == NetcLexer::COMMENT;
      if (comment) tree_->comments.push_back(SpanOf(token, file_.id));
    }
  }

  SyntaxNode Copy(antlr4::tree::ParseTree& tree) {
    if (auto* leaf = dynamic_cast<antlr4::tree::TerminalNode*>(&tree)) {
      return {{}, SpanOf(*leaf->getSymbol(), file_.id), {}};
    }
    auto& context = static_cast<antlr4::ParserRuleContext&>(tree);
    SyntaxNode node{parser_.getRuleNames()[context.getRuleIndex()],
                    Cover(SpanOf(*context.start, file_.id), SpanOf(*context.stop, file_.id)),
                    {}};
    for (antlr4::tree::ParseTree* child : context.children) node.children.push_back(Copy(*child));
    return node;
  }

  // The first name behind an item's keyword is, in nearly all items, its own.
  void NoteBroken(size_t begin) {
    for (size_t at = begin + 1; tokens_.get(at)->getType() != kEndOfFile; ++at) {
      if (!IsName(tokens_.get(at)->getType())) continue;
      Span span = SpanOf(*tokens_.get(at), file_.id);
      std::string text(source_.text().substr(span.begin, span.end - span.begin));
      file_.broken.push_back({std::move(text), span});
      return;
    }
  }

  Span Here() { return SpanOf(*tokens_.LT(1), file_.id); }

  std::string Unexpected() {
    Span span = Here();
    std::string_view text = source_.text().substr(span.begin, span.end - span.begin);
    TokenType type = tokens_.LA(1);
    bool unit = type == NetcLexer::PIPELINE || type == NetcLexer::MODULE;
    // Before a `:` it was taken for a name.
    if (type == NetcLexer::ID && BeginsItem(KindOfWord(text))) {
      return "expected a name after `" + std::string(text) + "`";
    }
    if (unit) return "a file is one pipeline or one module, and says so once";
    return "expected a declaration such as `state` or `on`, found " + DisplayFound(type, text);
  }

  template <class T>
  using Ref = std::shared_ptr<T>;

  const SourceFile& source_;
  Reporter& reporter_;
  antlr4::ListTokenSource list_;
  antlr4::CommonTokenStream tokens_;
  NetcParser parser_;
  Ref<antlr4::ANTLRErrorStrategy> refuse_errors_ = std::make_shared<RefuseErrors>();
  Ref<antlr4::ANTLRErrorStrategy> report_errors_;
  Builder builder_;
  ast::File file_;
  SyntaxTree* tree_ = nullptr;  // may be null
};

ast::File ParseFile(const SourceSet& sources, FileId file, diag::Diagnostics& diagnostics,
                    SyntaxTree* tree) {
  const SourceFile& source = sources.file(file);
  Reporter reporter(diagnostics);
  Tokens tokens = ReadTokens(source, file, reporter);
  if (!CheckNesting(tokens, file, reporter)) {
    ast::File refused;
    refused.id = file;
    return refused;
  }
  tokens = BalanceBrackets(std::move(tokens), file, reporter);
  MarkWords(tokens);
  return FileParser(std::move(tokens), source, file, reporter).Run(tree);
}

}  // namespace

ast::File Parse(const SourceSet& sources, FileId file, diag::Diagnostics& diagnostics) {
  return ParseFile(sources, file, diagnostics, nullptr);
}

std::optional<SyntaxTree> ReadSyntax(const SourceSet& sources, FileId file,
                                     diag::Diagnostics& diagnostics) {
  size_t errors = diagnostics.error_count();
  SyntaxTree tree;
  ParseFile(sources, file, diagnostics, &tree);
  if (diagnostics.error_count() > errors) return std::nullopt;
  return tree;
}

}  // namespace netc::parse
