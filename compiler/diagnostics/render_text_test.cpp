#include <gtest/gtest.h>

#include "compiler/diagnostics/display_line.h"
#include "compiler/diagnostics/render.h"

namespace netc::diag {
namespace {

// A source, and the spans of words in it.
class RenderText : public testing::Test {
 protected:
  FileId Add(std::string path, std::string text) {
    return sources_.Add(std::move(path), std::move(text));
  }
  Span Find(std::string_view word, FileId file = {}) {
    size_t at = sources_.file(file).text().find(word);
    EXPECT_NE(at, std::string_view::npos) << word;
    auto begin = static_cast<uint32_t>(at);
    return {file, begin, begin + static_cast<uint32_t>(word.size())};
  }
  std::string Render(const Diagnostic& diagnostic, RenderOptions options = {}) {
    return diag::RenderText(diagnostic, sources_, options);
  }
  SourceSet sources_;
};

TEST_F(RenderText, HasTheShapeOfTheManual) {
  Add("policy.np", std::string(9, '\n') +
                       "on sockops policy (cgroup: \"/sys/fs/cgroup/web\") {\n"
                       "    case syn_timeout {\n"
                       "        reply 200ms when sk.cgroup_id == web;\n");
  Diagnostic diagnostic =
      Error(Kind::kSyntax, Find("sk.cgroup_id"), "`sk.cgroup_id` cannot be read in `sockops`",
            "needs bpf_sk_cgroup_id, which this program type may not call")
          .WithLabel(Find("sockops"), "this hook runs as BPF_PROG_TYPE_SOCK_OPS")
          .WithHint("available in: cgroup.ingress, cgroup.egress (since 5.8)")
          .WithHint("here: key by `sk.cookie`");
  EXPECT_EQ(Render(diagnostic),
            "error: `sk.cgroup_id` cannot be read in `sockops` [syntax]\n"
            "  --> policy.np:12:26\n"
            "   |\n"
            "10 | on sockops policy (cgroup: \"/sys/fs/cgroup/web\") {\n"
            "   |    ------- this hook runs as BPF_PROG_TYPE_SOCK_OPS\n"
            "12 |         reply 200ms when sk.cgroup_id == web;\n"
            "   |                          ^^^^^^^^^^^^ needs bpf_sk_cgroup_id, which this program "
            "type may not call\n"
            "   = available in: cgroup.ingress, cgroup.egress (since 5.8)\n"
            "   = here: key by `sk.cookie`\n"
            "   = more: netc explain syntax\n");
}

TEST_F(RenderText, HangsFurtherLabelsOfALine) {
  Add("a.np", "aa bb cc\n");
  Diagnostic diagnostic = Error(Kind::kSyntax, Find("bb"), "m", "second")
                              .WithLabel(Find("aa"), "first")
                              .WithLabel(Find("cc"), "third");
  EXPECT_EQ(Render(diagnostic),
            "error: m [syntax]\n"
            " --> a.np:1:4\n"
            "  |\n"
            "1 | aa bb cc\n"
            "  | -- ^^ -- third\n"
            "  | |  |\n"
            "  | |  second\n"
            "  | first\n"
            "  = more: netc explain syntax\n");
}

TEST_F(RenderText, DrawsThePrimaryLabelOverOneThatHoldsIt) {
  Add("a.np", "aa bb cc\n");
  Diagnostic diagnostic =
      Error(Kind::kSyntax, Find("bb"), "m", "inner").WithLabel(Find("aa bb cc"), "outer");
  EXPECT_EQ(Render(diagnostic),
            "error: m [syntax]\n"
            " --> a.np:1:4\n"
            "  |\n"
            "1 | aa bb cc\n"
            "  | ---^^---\n"
            "  | |  |\n"
            "  | |  inner\n"
            "  | outer\n"
            "  = more: netc explain syntax\n");
}

TEST_F(RenderText, KeepsTwoLabelsOfOnePlace) {
  Add("a.np", "aa\n");
  Diagnostic diagnostic = Error(Kind::kSyntax, Find("aa"), "m", "one").WithLabel(Find("aa"), "two");
  EXPECT_EQ(Render(diagnostic),
            "error: m [syntax]\n"
            " --> a.np:1:1\n"
            "  |\n"
            "1 | aa\n"
            "  | ^^ two\n"
            "  | |\n"
            "  | one\n"
            "  = more: netc explain syntax\n");
}

TEST_F(RenderText, GivesAnotherFileItsOwnBlock) {
  Add("a.np", "import b;\n");
  FileId other = Add("lib/b.np", std::string(99, '\n') + "state x\n");
  Diagnostic diagnostic =
      Warning(Kind::kSyntax, Find("b;"), "m", "here").WithLabel(Find("x", other), "declared here");
  EXPECT_EQ(Render(diagnostic),
            "warning: m [syntax]\n"
            "   --> a.np:1:8\n"
            "    |\n"
            "  1 | import b;\n"
            "    |        ^^ here\n"
            "   ::: lib/b.np:100:7\n"
            "    |\n"
            "100 | state x\n"
            "    |       - declared here\n"
            "    = more: netc explain syntax\n");
}

TEST_F(RenderText, MarksFirstAndLastLineOfALongSpan) {
  Add("a.np", "on xdp g {\n  a;\n  b;\n  }\n");
  Diagnostic diagnostic = Error(Kind::kSyntax, Find("{\n  a;\n  b;\n  }\n"), "m", "this block");
  EXPECT_EQ(Render(diagnostic),
            "error: m [syntax]\n"
            " --> a.np:1:10\n"
            "  |\n"
            "1 | on xdp g {\n"
            "  |          ^\n"
            "4 |   }\n"
            "  |   ^ this block\n"
            "  = more: netc explain syntax\n");
}

TEST_F(RenderText, ShowsAnEmptySpanAtTheEndOfTheFile) {
  Add("a.np", "on xdp g {");
  Diagnostic diagnostic = Error(Kind::kSyntax, {{}, 10, 10}, "m", "expected `}`");
  EXPECT_EQ(Render(diagnostic),
            "error: m [syntax]\n"
            " --> a.np:1:11\n"
            "  |\n"
            "1 | on xdp g {\n"
            "  |           ^ expected `}`\n"
            "  = more: netc explain syntax\n");
}

TEST_F(RenderText, ToleratesAnEmptyFileAndSpansBeyondIt) {
  Add("a.np", "");
  Diagnostic diagnostic = Error(Kind::kSyntax, {{}, 7, 3}, "m");
  EXPECT_EQ(Render(diagnostic),
            "error: m [syntax]\n"
            " --> a.np:1:1\n"
            "  |\n"
            "1 |\n"
            "  | ^\n"
            "  = more: netc explain syntax\n");
}

TEST_F(RenderText, LeavesThePlaceOutWhereThereIsNoFile) {
  EXPECT_EQ(Render(Error(Kind::kUnreadableFile, {}, "`x.np` is a directory")),
            "error: `x.np` is a directory [unreadable-file]\n"
            "  = more: netc explain unreadable-file\n");
}

TEST_F(RenderText, AlignsUnderTabsWideAndCombiningCharacters) {
  Add("a.np", "\t漢e\xCC\x81 x\n");
  EXPECT_EQ(Render(Error(Kind::kSyntax, Find("x"), "m")),
            "error: m [syntax]\n"
            " --> a.np:1:6\n"
            "  |\n"
            "1 |     漢e\xCC\x81 x\n"
            "  |         ^\n"
            "  = more: netc explain syntax\n");
}

TEST_F(RenderText, LetsNoControlCharacterReachTheTerminal) {
  Add("a.np", "a\x1b[31m\xE2\x80\xAE x\n");
  std::string text =
      Render(Error(Kind::kSyntax, Find("x"), "a\x1b[31m", "b\x1b[31m").WithHint("c\x1b[31m"));
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
  EXPECT_EQ(text.find("\xE2\x80\xAE"), std::string::npos);
  EXPECT_NE(text.find("1 | a\xEF\xBF\xBD[31m\xEF\xBF\xBD x\n  |         ^ b"), std::string::npos)
      << text;
}

TEST_F(RenderText, StripsCarriageReturns) {
  Add("a.np", "aa\r\nbb\r\n");
  std::string text = Render(Error(Kind::kSyntax, Find("aa\r\n"), "m"));
  EXPECT_NE(text.find("1 | aa\n  | ^^"), std::string::npos) << text;
  EXPECT_EQ(text.find('\r'), std::string::npos);
}

TEST_F(RenderText, CutsALongLineAroundItsLabel) {
  Add("a.np", std::string(500'000, 'a') + " needle " + std::string(500'000, 'b'));
  std::string text = Render(Error(Kind::kSyntax, Find("needle"), "m", "here"));
  EXPECT_LT(text.size(), 500u);
  EXPECT_NE(text.find("1 | …aaa"), std::string::npos) << text;
  EXPECT_NE(text.find("bbb…\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  | " + std::string(40, ' ') + "^^^^^^ here\n"), std::string::npos) << text;
}

TEST_F(RenderText, KeepsALabelOutsideTheCutAtItsEdge) {
  Add("a.np", "x" + std::string(1'000, ' ') + "needle" + std::string(1'000, ' ') + "y");
  std::string text = Render(Error(Kind::kSyntax, Find("needle"), "m", "here")
                                .WithLabel(Find("x"), "left")
                                .WithLabel(Find("y"), "right"));
  EXPECT_NE(
      text.find("  | -" + std::string(39, ' ') + "^^^^^^" + std::string(113, ' ') + "- right\n"),
      std::string::npos)
      << text;
}

TEST_F(RenderText, ShowsLinesOfContextOnce) {
  Add("a.np", "1\n2\n3\n4\n5\n6\n");
  std::string text =
      Render(Error(Kind::kSyntax, Find("3"), "m").WithLabel(Find("4"), ""), {.context = 1});
  EXPECT_NE(text.find("2 | 2\n3 | 3\n  | ^\n4 | 4\n  | -\n5 | 5\n  = more"), std::string::npos)
      << text;
}

TEST_F(RenderText, SpellsFixes) {
  Add("a.np", "drop whn x;\n");
  auto fixed = [&](Span span, std::string replacement) {
    return Render(Error(Kind::kSyntax, span, "m").WithFix(span, std::move(replacement)));
  };
  EXPECT_NE(fixed(Find("whn"), "when").find("  = fix: replace `whn` with `when`\n"),
            std::string::npos);
  EXPECT_NE(fixed(Find("whn "), "").find("  = fix: remove `whn `\n"), std::string::npos);
  EXPECT_NE(fixed({{}, 9, 9}, "not ").find("  = fix: insert `not ` at 1:10\n"), std::string::npos);
  EXPECT_NE(fixed(Find("whn x"), "when {\n}")
                .find("  = fix:\n"
                      "1 - drop whn x;\n"
                      "1 + drop when {\n"
                      "2 + };\n"),
            std::string::npos);
}

TEST_F(RenderText, IndentsFurtherLinesOfAHint) {
  EXPECT_NE(Render(Error(Kind::kSyntax, {}, "m").WithHint("a\nb")).find("  = a\n    b\n"),
            std::string::npos);
}

TEST_F(RenderText, ColoursWithoutChangingTheText) {
  Add("a.np", "aa bb\n");
  Diagnostic diagnostic = Error(Kind::kSyntax, Find("bb"), "m", "one").WithLabel(Find("aa"), "two");
  std::string colored = Render(diagnostic, {.color = true});
  EXPECT_NE(colored.find("\x1b[1;31m^^\x1b[0m"), std::string::npos);
  std::string plain;
  for (size_t i = 0; i < colored.size(); ++i) {
    if (colored[i] == '\x1b') {
      i = colored.find('m', i);
    } else {
      plain += colored[i];
    }
  }
  EXPECT_EQ(plain, Render(diagnostic));
}

TEST(DisplayLine, ShowsAWideCharacterOnAnEdgeAsBlanks) {
  DisplayLine line("a漢b");
  EXPECT_EQ(line.width(), 4u);
  EXPECT_EQ(line.Text(0, 2), "a ");
  EXPECT_EQ(line.Text(2, 4), " b");
  EXPECT_EQ(line.Column(99), 4u);
}

}  // namespace
}  // namespace netc::diag
