#include "compiler/parse/parse.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "compiler/ast/dump.h"

namespace netc::parse {
namespace {

std::string Repeat(std::string_view text, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}

class Parse : public testing::Test {
 protected:
  // Parses a whole file.
  ast::File File(std::string text) {
    sources_ = SourceSet();
    diagnostics_ = diag::Diagnostics();
    return parse::Parse(sources_, sources_.Add("test.np", std::move(text)), diagnostics_);
  }
  // Parses an expression, the value of the only item.
  const ast::Expr& Expr(const std::string& text) {
    file_ = File("pipeline p;\nlet x = " + text + ";");
    EXPECT_EQ(Errors(), "");
    return *std::get<ast::Alias>(file_.items.at(0).node).value;
  }
  // The tree of an expression, its lines joined by `|`, without the indentation
  // of the first.
  std::string Tree(const std::string& text) {
    Expr(text);
    std::istringstream lines(ast::Dump(file_));
    std::string line, tree;
    for (int i = 0; std::getline(lines, line); ++i) {
      if (i >= 2) tree += (tree.empty() ? "" : "|") + line.substr(4);
    }
    return tree;
  }
  // The tree of the statements of a hook.
  std::string Body(const std::string& statements) {
    file_ = File("pipeline p;\non xdp {\n" + statements + "\n}");
    EXPECT_EQ(Errors(), "");
    std::istringstream lines(ast::Dump(file_));
    std::string line, tree;
    for (int i = 0; std::getline(lines, line); ++i) {
      if (i >= 3) tree += (tree.empty() ? "" : "|") + line.substr(6);
    }
    return tree;
  }
  // "LINE:COLUMN message" of each error, a line each.
  std::string Errors() const {
    std::string text;
    for (const diag::Diagnostic& each : diagnostics_.Sorted()) {
      LineColumn at = sources_.file({}).Locate(each.primary.span.begin);
      text += std::to_string(at.line) + ":" + std::to_string(at.column) + " " + each.message + "\n";
    }
    return text;
  }
  std::string ErrorsOf(std::string text) {
    file_ = File(std::move(text));
    return Errors();
  }
  std::string_view Text(Span span) const { return sources_.Text(span); }

  SourceSet sources_;
  diag::Diagnostics diagnostics_;
  ast::File file_;
};

// --- Operators

TEST_F(Parse, GivesOperatorsTheirPrecedence) {
  EXPECT_EQ(Tree("a + b * c"), "binary +|  name a|  binary *|    name b|    name c");
  EXPECT_EQ(Tree("a * b + c"), "binary +|  binary *|    name a|    name b|  name c");
  EXPECT_EQ(Tree("a & b == c"), "compare ==|  binary &|    name a|    name b|  name c");
  EXPECT_EQ(Tree("a | b ^ c & d"),
            "binary ||  name a|  binary ^|    name b|    binary &|      name c|      name d");
  EXPECT_EQ(Tree("a << b + c"), "binary <<|  name a|  binary +|    name b|    name c");
  EXPECT_EQ(
      Tree("a in 1..b + 1"),
      "compare in|  name a|  range ..|    integer 1|    binary +|      name b|      integer 1");
  EXPECT_EQ(Tree("a or b and c"), "or|  name a|  and|    name b|    name c");
  EXPECT_EQ(Tree("m[k] or_insert a or b"),
            "or_insert|  index|    name m|    name k|  or|    name a|    name b");
  EXPECT_EQ(Tree("-a.b as u8"), "as u8|  negate|    member b|      name a");
  EXPECT_EQ(Tree("a as u8 < b"), "compare <|  as u8|    name a|  name b");
  EXPECT_EQ(Tree("a as u8 * b"), "binary *|  as u8|    name a|  name b");
}

TEST_F(Parse, LeansToTheLeft) {
  EXPECT_EQ(Tree("a - b - c"), "binary -|  binary -|    name a|    name b|  name c");
  EXPECT_EQ(Tree("a >> b << c"), "binary <<|  binary >>|    name a|    name b|  name c");
}

TEST_F(Parse, NotReachesOverComparisonsButNotOverAnd) {
  EXPECT_EQ(Tree("not a == b"), "not|  compare ==|    name a|    name b");
  EXPECT_EQ(Tree("not a and b"), "and|  not|    name a|  name b");
  EXPECT_EQ(Tree("not not a"), "not|  not|    name a");
  EXPECT_EQ(Tree("a and not b in c"),
            "and|  name a|  not|    compare in|      name b|      name c");
}

TEST_F(Parse, KnowsComparisonsOfTwoWords) {
  EXPECT_EQ(Tree("a not in b"), "compare not in|  name a|  name b");
  EXPECT_EQ(Tree("a is not b"), "compare is not|  name a|  name b");
  EXPECT_EQ(Tree("a is b"), "compare is|  name a|  name b");
  EXPECT_EQ(Tree("a not in {1, 2}"), "compare not in|  name a|  set|    integer 1|    integer 2");
}

TEST_F(Parse, MakesOneNodeOfAChainOfAnd) {
  EXPECT_EQ(Tree("a and b and c"), "and|  name a|  name b|  name c");
  EXPECT_EQ(Tree("(a and b) and c"), "and|  and|    name a|    name b|  name c");
  const ast::Expr& chain = Expr("a" + Repeat(" and b.c == 1", 10'000));
  EXPECT_EQ(std::get<ast::And>(chain.node).operands.size(), 10'001u);
}

TEST_F(Parse, RefusesChainedComparisons) {
  EXPECT_EQ(ErrorsOf("pipeline p;\nlet x = a < b < c;"), "2:15 comparisons can't be chained\n");
  const diag::Diagnostic chained = diagnostics_.Sorted().at(0);
  EXPECT_EQ(chained.hints.at(0), "here: `and b < c`");
  EXPECT_EQ(chained.fix->replacement, "and b ");
  EXPECT_EQ(ErrorsOf("pipeline p;\nlet x = (a < b) == c;"), "");
}

TEST_F(Parse, TellsShiftFromTypeArguments) {
  EXPECT_EQ(Tree("a >> 2"), "binary >>|  name a|  integer 2");
  EXPECT_EQ(ErrorsOf("pipeline p;\nstate a: set<range<port>>;"), "");
  EXPECT_EQ(ErrorsOf("pipeline p;\nlet x = a > > 2;"),
            "2:11 `>>` is written without a blank in it\n");
}

// --- Literals and names

TEST_F(Parse, KeepsLiteralsAsText) {
  EXPECT_EQ(Tree("[1_000, 0xfF, 200ms, 200/s, 1.5gbit]"),
            "array|  integer 1_000|  integer 0xfF|  quantity 200ms|  frequency 200/s|"
            "  quantity 1.5gbit");
  EXPECT_EQ(Tree("[10.0.0.1, 10.0.0.0/8, fd00::/8, ::1, 1:2:3:4:5:6:7:8, ::ffff:10.0.0.1]"),
            "array|  ipv4 10.0.0.1|  ipv4_prefix 10.0.0.0/8|  ipv6_prefix fd00::/8|  ipv6 ::1|"
            "  ipv6 1:2:3:4:5:6:7:8|  ipv6 ::ffff:10.0.0.1");
  EXPECT_EQ(Tree("[aa:bb:cc:dd:ee:ff, true, 6 / 2]"),
            "array|  mac aa:bb:cc:dd:ee:ff|  bool true|  binary /|    integer 6|    integer 2");
}

TEST_F(Parse, TellsAnAddressFromTheColonBehindIt) {
  file_ = File(
      "pipeline p;\nstate a: map<ipv6_addr, u8>(4) = { ::1: 5, fd00::: 6, fd00::2: 7 };\n"
      "state b: map<mac_addr, u8>(4) = { aa:bb:cc:dd:ee:ff: 5 };");
  EXPECT_EQ(Errors(), "");
  EXPECT_EQ(std::get<ast::State>(file_.items.at(0).node).entries.size(), 3u);
}

TEST_F(Parse, TellsARangeFromAFraction) {
  EXPECT_EQ(Tree("80..90"), "range ..|  integer 80|  integer 90");
  EXPECT_EQ(Tree("0..<n"), "range ..<|  integer 0|  name n");
  EXPECT_EQ(Tree("10.0.0.1..10.0.0.9"), "range ..|  ipv4 10.0.0.1|  ipv4 10.0.0.9");
  EXPECT_EQ(Tree("t.0"), "member 0|  name t");
}

TEST_F(Parse, FindsTheErrorOfEachItemAtTheEnd) {
  EXPECT_EQ(ErrorsOf("pipeline p;\nselector\nselector"),
            "3:9 expected `:`, found the end of the file\n"
            "3:9 expected a name, found the end of the file\n");
}

TEST_F(Parse, ResolvesEscapes) {
  const ast::Expr& expr = Expr(R"("a\"\\\n\x00\xff")");
  EXPECT_EQ(std::get<ast::Literal>(expr.node).text, std::string("a\"\\\n\0\xff", 6));
  EXPECT_EQ(ErrorsOf("pipeline p;\nlet x = \"a\\q\\x4\";"),
            "2:11 unknown escape in a string\n2:13 unknown escape in a string\n");
}

TEST_F(Parse, LetsMostKeywordsBeNames) {
  EXPECT_EQ(ErrorsOf("pipeline pipeline;\nstate state: set<option>;\nlet size = next.header;\n"
                     "header h on frame { size: u8; options: u8; next: u8; extent: u8; }\n"
                     "struct test { event: u8, flags: u8 }\n"),
            "");
  EXPECT_EQ(file_.items.size(), 4u);
}

// --- Statements

TEST_F(Parse, TellsActionsFromExpressions) {
  EXPECT_EQ(Body("drop;"), "action drop");
  EXPECT_EQ(Body("drop congest when a;"), "action drop|  name congest|  when|    name a");
  EXPECT_EQ(Body("select workers[0] when a;"),
            "action select|  index|    name workers|    integer 0|  when|    name a");
  EXPECT_EQ(Body("redirect(lan);"),
            "evaluate|  call|    name redirect|    argument|      name lan");
  EXPECT_EQ(Body("encap ipip { src: a } else { abort; }"),
            "action encap|  struct ipip|    field src|      name a|  else|    action abort");
  EXPECT_EQ(Body("a.b += 1 when c;"),
            "assign +=|  member b|    name a|  integer 1|  when|    name c");
  EXPECT_EQ(Body("match a { 1, 2 => drop congest; else => { pass; } }"),
            "match|  name a|  arm|    patterns|      integer 1|      integer 2|    action drop|"
            "      name congest|  else|    block|      action pass");
}

TEST_F(Parse, ReadsIfLetAndElseIf) {
  EXPECT_EQ(Body("if let v = m[k] { pass; } else if a { } else { drop; }"),
            "if|  let v|    index|      name m|      name k|  then|    action pass|  condition|"
            "    name a|  then|  else|    action drop");
  EXPECT_EQ(ErrorsOf("pipeline p;\nfn f() { if a { } else { } else { } }"),
            "2:28 nothing may follow an `else`\n");
}

TEST_F(Parse, AllowsACommaBeforeAnyClosingBracket) {
  EXPECT_EQ(Tree("f(a, b: 1,)"), Tree("f(a, b: 1)"));
  EXPECT_EQ(Tree("{1, 2,}"), Tree("{1, 2}"));
  EXPECT_EQ(ErrorsOf("pipeline p;\nlet x = f(,);"),
            "2:11 expected an expression or `)`, found `,`\n");
}

// --- Documentation and spans

TEST_F(Parse, AttachesDocumentation) {
  file_ = File(
      "/// The file.\npipeline p;\n/// One,\n///   two.\nstate a: u8;\n"
      "//// not this\n// nor this\nheader h on frame {\n    /// A field.\n    f: u8;\n}\n");
  EXPECT_EQ(file_.documentation, "The file.");
  EXPECT_EQ(file_.items[0].documentation, "One,\n  two.");
  EXPECT_EQ(file_.items[1].documentation, "");
  EXPECT_EQ(std::get<ast::Header>(file_.items[1].node).members[0].documentation, "A field.");
}

TEST_F(Parse, GivesExactSpans) {
  file_ = File("pipeline p; // ü\non xdp é (dev: \"ü\") { drop when (a + b) * c == d.e; }\n");
  file_ = File("pipeline p; // ü\non xdp g (dev: \"ü\") { drop when (a + b) * c == d.e; }\n");
  const auto& hook = std::get<ast::Hook>(file_.items.at(0).node);
  EXPECT_EQ(Text(hook.name->span), "g");
  EXPECT_EQ(Text(hook.attributes[0].value->span), "\"ü\"");
  EXPECT_EQ(Text(hook.body.statements[0].span), "drop when (a + b) * c == d.e;");
  const auto& drop = std::get<ast::Action>(hook.body.statements[0].node);
  EXPECT_EQ(Text(drop.when->span), "(a + b) * c == d.e");
  const auto& compare = std::get<ast::Compare>(drop.when->node);
  EXPECT_EQ(Text(compare.op_span), "==");
  EXPECT_EQ(Text(compare.left->span), "(a + b) * c");
  EXPECT_EQ(Text(std::get<ast::Binary>(compare.left->node).left->span), "(a + b)");
  EXPECT_EQ(Text(compare.right->span), "d.e");
}

TEST_F(Parse, CountsAByteOrderMark) {
  file_ = File("\xEF\xBB\xBFpipeline p;\nstate a: u8;");
  EXPECT_EQ(Errors(), "");
  EXPECT_EQ(Text(file_.items.at(0).span), "state a: u8;");
}

// --- Errors

TEST_F(Parse, SaysWhatAFileLacks) {
  EXPECT_EQ(ErrorsOf(""), "1:1 the file holds no pipeline\n");
  EXPECT_EQ(ErrorsOf("// nothing\n"), "2:1 the file holds no pipeline\n");
  EXPECT_EQ(ErrorsOf("state a: u8;"),
            "1:1 expected `pipeline NAME;` or `module NAME;` at the file's begin\n");
}

TEST_F(Parse, AsksForAMissingSemicolonWhereItBelongs) {
  EXPECT_EQ(ErrorsOf("pipeline p;\non xdp {\n    let a = 5\n    drop;\n    pass\n}\nstate b: u8\n"
                     "state c: u8;\n"),
            "3:14 expected `;` after the statement, found `drop`\n"
            "5:9 expected `;` after the statement, found `}`\n"
            "7:12 expected `;` after the declaration, found `state`\n");
  const diag::Diagnostic first = diagnostics_.Sorted().at(0);
  EXPECT_EQ(first.fix->replacement, ";");
  EXPECT_EQ(file_.items.size(), 1u);
  ASSERT_EQ(file_.broken.size(), 2u);
  EXPECT_EQ(file_.broken[1].text, "b");
}

TEST_F(Parse, ReportsAllErrorsOfABodyAndNoMore) {
  EXPECT_EQ(ErrorsOf("pipeline p;\non xdp {\n"
                     "    drop when a = 3;\n"
                     "    let match = 3;\n"
                     "    foo(a, , b);\n"
                     "    if a { drop; };\n"
                     "    a b c;\n"
                     "    if x == s { f: 1 } { drop; }\n"
                     "    let y = ;\n"
                     "    pass;\n}\n"),
            "3:17 `=` assigns; `==` compares\n"
            "4:9 expected a name, found the keyword `match`\n"
            "5:12 expected an expression, found `,`\n"
            "6:19 no `;` belongs here\n"
            "7:9 expected `;` after the statement, found `c`\n"
            "8:18 a struct literal in a condition stands in parentheses\n"
            "9:13 expected an expression, found `;`\n");
}

TEST_F(Parse, SaysWhatBelongsThereInFewWords) {
  EXPECT_EQ(
      ErrorsOf(
          "pipeline p;\nparam a: = 3;\nheader h on frame {\n    a u8;\n}\n"
          "on xdp {\n    drop when f(a b);\n    => drop;\n}\ntest \"t\" on x {\n    5\n}\nx;\n"),
      "2:10 expected a type, found `=`\n"
      "4:5 expected a member of the header or `}`, found `a`\n"
      "7:19 expected `,` or `)`, found `b`\n"
      "8:5 expected a statement or `}`, found `=>`\n"
      "11:6 expected `;` after the step of the test, found `}`\n"
      "13:1 expected a declaration such as `state` or `on`, found `x`\n");
}

TEST_F(Parse, KnowsHabitsFromOtherLanguages) {
  EXPECT_EQ(ErrorsOf("pipeline p;\n/* c */\n# c\nlet a = b && !c || d;\nlet s = 'x';\n"),
            "2:1 comments begin with `//`\n"
            "3:1 comments begin with `//`\n"
            "4:11 `&&` is written `and`\n"
            "4:14 `!` is written `not`\n"
            "4:17 `||` is written `or`\n"
            "5:9 strings are written in double quotes\n");
}

TEST_F(Parse, ReportsAnOpenStringOnce) {
  EXPECT_EQ(ErrorsOf("pipeline p;\nlet s = \"abc;\nlet t = 1;\n"),
            "2:9 the string is not closed on its line\n");
}

TEST_F(Parse, ReportsUnknownCharactersOnce) {
  EXPECT_EQ(ErrorsOf("pipeline p;\n$$$ let s = 1;\nlet t = a\x01 + b;\nlet ü = 1;\n"),
            "2:1 unexpected character `$`\n3:10 unexpected character 0x01\n"
            "4:5 unexpected character `ü`\n4:7 expected a name, found `=`\n");
}

TEST_F(Parse, FindsTheBracketThatIsMissing) {
  EXPECT_EQ(
      ErrorsOf("pipeline p;\non xdp {\n    if a {\n        drop;\n    pass;\n}\nstate a: u8;\n"),
      "3:10 `{` is never closed\n");
  EXPECT_EQ(ErrorsOf("pipeline p;\non xdp {\n    drop;\nstate a: u8;\n"),
            "2:8 `{` is never closed\n");
  EXPECT_EQ(ErrorsOf("pipeline p;\non xdp {\n    drop when f(a;\n    pass;\n}\n"),
            "3:16 `(` is never closed\n");
}

TEST_F(Parse, FindsTheBracketThatIsTooMany) {
  EXPECT_EQ(
      ErrorsOf("pipeline p;\non xdp {\n    if a {\n        drop;\n    }\n    }\n    pass;\n}\n"),
      "6:5 `}` closes nothing\n");
  EXPECT_EQ(ErrorsOf("pipeline p;\non xdp {\n    drop when a);\n    pass;\n}\n"),
            "3:16 `)` closes nothing\n");
}

TEST_F(Parse, LayoutHasNoMeaningWhileBracketsAreBalanced) {
  EXPECT_EQ(ErrorsOf("pipeline p;\non xdp {\nif a {\ndrop;\n        }\n    }\n"
                     "cc c {\non f(a) { }\n   }\n"),
            "");
}

TEST_F(Parse, NumbersHaveABound) {
  EXPECT_EQ(
      ErrorsOf("pipeline p;\nkernel 6.99999999999999999999;\nselector s: u8 depth 0x10000;\n"),
      "2:10 `99999999999999999999` is not a number from 0 to 65535\n"
      "3:22 `0x10000` is not a number from 0 to 65535\n");
}

// --- Size

TEST_F(Parse, RefusesDeepNesting) {
  const std::string deep[] = {Repeat("(", 100'000) + "a" + Repeat(")", 100'000),
                              Repeat("not ", 1'000) + "a",
                              Repeat("- ", 1'000) + "a",
                              "a" + Repeat(" + a", 1'000),
                              "a" + Repeat(".b", 1'000),
                              "a" + Repeat(" == not a", 1'000),
                              Repeat("f(a + ", 200) + "a" + Repeat(")", 200)};
  for (const std::string& expression : deep) {
    File("pipeline p;\nlet x = " + expression + ";");
    ASSERT_EQ(diagnostics_.error_count(), 1u) << expression.substr(0, 40);
    EXPECT_EQ(diagnostics_.Sorted()[0].kind, diag::Kind::kNestingTooDeep);
  }
  File("pipeline p;\nstate x: " + Repeat("a<", 1'000) + "b" + Repeat(">", 1'000) + ";");
  EXPECT_EQ(diagnostics_.Sorted().at(0).kind, diag::Kind::kNestingTooDeep);
  File("pipeline p;\nfn f() " + Repeat("{", 1'000) + Repeat("}", 1'000));
  EXPECT_EQ(diagnostics_.Sorted().at(0).kind, diag::Kind::kNestingTooDeep);
}

TEST_F(Parse, AllowsNestingUpToTheLimit) {
  EXPECT_EQ(ErrorsOf("pipeline p;\nlet x = " + Repeat("(", kMaxNesting) + "a" +
                     Repeat(")", kMaxNesting) + ";"),
            "");
  EXPECT_EQ(ErrorsOf("pipeline p;\nlet x = a" + Repeat(" + a", kMaxNesting - 1) + ";"), "");
}

TEST_F(Parse, ReadsManyItems) {
  file_ = File("pipeline p;\n" + Repeat("let a = b;\n", 90'000));
  EXPECT_EQ(file_.items.size(), 90'000u);
}

TEST_F(Parse, StopsAfterMany) {
  File("pipeline p;\n" + Repeat("let a b;\n", 1'000));
  EXPECT_EQ(diagnostics_.error_count(), 50u);
  EXPECT_EQ(diagnostics_.Sorted().back().hints.back(),
            "further syntax errors of this file are not shown");
}

// Damaged text must neither crash nor hang, and is never accepted in silence when
// the damage is a bracket.
TEST_F(Parse, SurvivesDamage) {
  const std::string whole =
      "pipeline p;\nstate a: set<u32>(4) = { 1, 2 };\n"
      "on xdp g (dev: \"x\") {\n    drop when a.b in {1, 2} and not c;\n"
      "    if let v = m[(a, b)] { encap ipip { src: a } else { abort; } }\n"
      "    match x { 1 => pass; else => { drop; } }\n}\n"
      "header h on frame, inner x(1) { layout a: u4 = 4; next y(a) when b == 0; }\n"
      "test \"t\" on g { send ethernet / ipv4 { a: 1 } times 3; expect not event; }\n";
  EXPECT_EQ(ErrorsOf(whole), "");
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    bool bracket = std::string_view("(){}[]").find(whole[i]) != std::string_view::npos;
    damaged.erase(i, 1);
    File(damaged);
    EXPECT_TRUE(!bracket || diagnostics_.has_errors()) << damaged;
    EXPECT_LE(diagnostics_.error_count(), 5u) << damaged << Errors();
    File(whole.substr(0, i));
    File(whole.substr(i));
    for (char c : {'{', ')', ';', '"', '\'', '/', '='}) {
      File(whole.substr(0, i) + c + whole.substr(i));
    }
  }
}

}  // namespace
}  // namespace netc::parse
