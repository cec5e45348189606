#include "compiler/format/format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "compiler/ast/dump.h"
#include "compiler/parse/parse.h"
#include "compiler/parse/syntax.h"

namespace netc::format {
namespace {

std::string Formatted(const std::string& text) {
  SourceSet sources;
  diag::Diagnostics diagnostics;
  std::optional<std::string> formatted = Format(sources, sources.Add("test.np", text), diagnostics);
  for (const diag::Diagnostic& each : diagnostics.Sorted()) ADD_FAILURE() << each.message << text;
  return formatted.value_or("");
}

std::string Tree(const std::string& text) {
  SourceSet sources;
  diag::Diagnostics diagnostics;
  return ast::Dump(parse::Parse(sources, sources.Add("test.np", text), diagnostics));
}

size_t CommentCount(const std::string& text) {
  SourceSet sources;
  diag::Diagnostics diagnostics;
  auto tree = parse::ReadSyntax(sources, sources.Add("test.np", text), diagnostics);
  return tree ? tree->comments.size() : 0;
}

// Formatting keeps the tree and the comments, and is done after once.
void ExpectStable(const std::string& text) {
  std::string once = Formatted(text);
  EXPECT_TRUE(Tree(once) == Tree(text)) << text << "\nformatted:\n" << once;
  EXPECT_EQ(CommentCount(once), CommentCount(text)) << once;
  EXPECT_EQ(Formatted(once), once) << text;
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The statements of a hook, formatted.
std::string Body(const std::string& statements) {
  std::string text = Formatted("pipeline p;\non xdp {\n" + statements + "\n}\n");
  std::string_view head = "pipeline p;\non xdp {\n";
  EXPECT_TRUE(text.starts_with(head)) << text;
  return text.substr(head.size(), text.size() - head.size() - 2);
}

TEST(Format, PutsAStatementOnEachLine) {
  EXPECT_EQ(Body("drop;pass;if a{drop;}else if b{pass;}else{abort;}"),
            "    drop;\n    pass;\n    if a {\n        drop;\n    } else if b {\n        pass;\n"
            "    } else {\n        abort;\n    }\n");
}

TEST(Format, SpacesOperators) {
  EXPECT_EQ(
      Body("x=-a+b*~c;drop when a . b[ 1 ]( c )>>2&7==0 and x  in{ 1 ,2}and not y in 1 .. 5;"),
      "    x = -a + b * ~c;\n"
      "    drop when a.b[1](c) >> 2 & 7 == 0 and x in {1, 2} and not y in 1..5;\n");
  EXPECT_EQ(Body("for i in 0 ..< n{a+=1;}"), "    for i in 0..<n {\n        a += 1;\n    }\n");
}

TEST(Format, KeepsAShortElseOnItsLine) {
  EXPECT_EQ(Body("encap ipip{src:a}else{abort;}\npace b else { x; y; }"),
            "    encap ipip { src: a } else { abort; }\n"
            "    pace b else {\n        x;\n        y;\n    }\n");
}

TEST(Format, KeepsAtMostOneEmptyLine) {
  EXPECT_EQ(Formatted("\n\npipeline p;\n\n\n\nstate a: u8;\nstate b: u8;\n\n"),
            "pipeline p;\n\nstate a: u8;\nstate b: u8;\n");
  EXPECT_EQ(Body("\n\ndrop;\n\n\npass;\n\n"), "    drop;\n\n    pass;\n");
}

TEST(Format, BreaksLongConditionsBeforeAndOr) {
  std::string a(40, 'a'), b(40, 'b'), c(40, 'c');
  EXPECT_EQ(Body("drop when " + a + " and " + b + " and " + c + ";"),
            "    drop when " + a + "\n        and " + b + "\n        and " + c + ";\n");
  EXPECT_EQ(Body("drop when " + a + " and " + b + " or " + c + ";"),
            "    drop when " + a + " and " + b + "\n        or " + c + ";\n");
}

TEST(Format, BreaksLongLists) {
  std::string field = "f123456789: u32, ";
  std::string fields;
  for (int i = 0; i < 8; ++i) fields += field;
  std::string text = Formatted("pipeline p;\nstruct s {" + fields + "}");
  EXPECT_TRUE(text.starts_with("pipeline p;\nstruct s {\n    f123456789: u32,\n")) << text;
  EXPECT_TRUE(text.ends_with("    f123456789: u32,\n}\n")) << text;
  EXPECT_EQ(Formatted("pipeline p;\nstruct s {a:u8,b:u8,}"),
            "pipeline p;\nstruct s { a: u8, b: u8 }\n");
}

TEST(Format, GivesMembersWithValuesALineEach) {
  EXPECT_EQ(Formatted("pipeline p;\nenum e{A,B}\nflags f:u8{A=1,B=2}"),
            "pipeline p;\nenum e { A, B }\nflags f: u8 {\n    A = 1,\n    B = 2,\n}\n");
}

TEST(Format, FillsLongSets) {
  std::string numbers;
  for (int i = 10; i < 60; ++i) numbers += std::to_string(i) + ", ";
  std::string text = Body("drop when x in {" + numbers + "};");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3) << text;
}

TEST(Format, KeepsShortOptionsOnOneLine) {
  EXPECT_EQ(Formatted("pipeline p;\nheader h on frame{option mss(2){value:u16;}option e(4){}\n"
                      "option l(5){ value: u16; let a = value; }size 4;}"),
            "pipeline p;\nheader h on frame {\n    option mss(2) { value: u16; }\n"
            "    option e(4) { }\n    option l(5) {\n        value: u16;\n        let a = value;\n"
            "    }\n    size 4;\n}\n");
}

TEST(Format, KeepsCommentsWhereTheyStood) {
  std::string text =
      "// head\npipeline p;  // name\n\n/// doc\nstate a: u8;\n\n// apart\n\n// near\non xdp {  // "
      "hook\n"
      "    // first\n    drop;  // why\n    // last\n}\n// end\n";
  EXPECT_EQ(Formatted(text), text);
}

TEST(Format, MovesACommaBeforeAComment) {
  EXPECT_EQ(Formatted("pipeline p;\nstruct s { a: u8, // one\n b: u8 // two\n }"),
            "pipeline p;\nstruct s {\n    a: u8,  // one\n    b: u8,  // two\n}\n");
}

TEST(Format, RefusesAFileWithErrors) {
  SourceSet sources;
  diag::Diagnostics diagnostics;
  FileId file = sources.Add("test.np", "pipeline p;\nlet x = ;");
  EXPECT_FALSE(Format(sources, file, diagnostics).has_value());
  EXPECT_TRUE(diagnostics.has_errors());
}

// What the tree holds of netc is in canonical form, and stays what it was.
TEST(Format, LeavesTheFilesOfTheTree) {
  size_t files = 0;
  for (const char* folder : {"examples", "stdlib"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(
             std::filesystem::path(NETC_SOURCE_DIR) / folder)) {
      if (entry.path().extension() != ".np") continue;
      ++files;
      std::string text = ReadFile(entry.path());
      ExpectStable(text);
      EXPECT_EQ(Formatted(text), text) << entry.path();
    }
  }
  EXPECT_GT(files, 10u);
}

constexpr std::string_view kSample =
    "/// The file.\npipeline p;\nimport net.dns as dns;\nkernel 6.6;\nconst param n: u32 = 4;\n"
    "const c: u8 = 1;\nstate a: per cpu map<(u8, [u16; 4]), set<u32>>(lru: 4) = { 1: 2, ::1 : 3 "
    "};\n"
    "enum e: u8 { A = 1, B }\nfn f(a: u8, b) -> u32 { return a as u32 * b; }\n"
    "selector s: u8 depth 2;\nview v = a | b { x: u8 = a.x | b.y; y: u8; }\n"
    "header h on frame, inner x(1, 2) within y { layout a: u4 = 4; next inner y(a) when b == 0;\n"
    "/// doc\nsize a * 4; options { kind: u8; end when kind == 0; size length; } option o(1) { v: "
    "u8; } }\n"
    "on xdp g (dev: \"x\", mode: native) {\n drop when a.b[1] in {1, 2} and not c or d is not e;\n"
    "if let v = m[(a, b)] { encap ipip { src: a } else { abort; } } else if b { } else { pass; }\n"
    "match x { 1, 2 => pass; else => { drop congest; } }\n for i in 0..<n { break when a; }\n"
    "emit E { a: -1 } when b; x = y or_insert f(z: 1) else { drop; } }\n"
    "cc k { per connection { x: u32 = max } on acked(s) { } ssthresh() -> u32 { return 2; } }\n"
    "sweep w over tcp_sockets every 10s { a[b] += 1; }\n"
    "test \"t\" on g { given now() = 1s; send ethernet / ipv4 { a: 1 } / payload \"x\" times 3;\n"
    "expect drop congest; expect not event; expect event E { a: 1 }; expect packet = udp / "
    "payload(4); }\n";

TEST(Format, KeepsEveryConstruct) {
  ExpectStable(std::string(kSample));
}

// Ends of the tokens of a text.
std::vector<uint32_t> TokenEnds(const std::vector<parse::SyntaxNode>& nodes) {
  std::vector<uint32_t> ends;
  for (const parse::SyntaxNode& node : nodes) {
    if (node.is_token()) ends.push_back(node.span.end);
    std::vector<uint32_t> inner = TokenEnds(node.children);
    ends.insert(ends.end(), inner.begin(), inner.end());
  }
  return ends;
}

// A comment may stand behind any token that isn't a word before its operand.
TEST(Format, KeepsACommentBehindAnyToken) {
  std::string sample(kSample);
  SourceSet sources;
  diag::Diagnostics diagnostics;
  auto tree = parse::ReadSyntax(sources, sources.Add("test.np", sample), diagnostics);
  ASSERT_TRUE(tree);
  size_t tried = 0;
  for (uint32_t end : TokenEnds(tree->roots)) {
    for (const char* comment : {" // c\n", "\n// c\n", "\n\n/// d\n\n"}) {
      std::string text = sample.substr(0, end) + comment + sample.substr(end);
      if (CommentCount(text) == 0) continue;  // `drop // c⏎ congest` are two statements
      ++tried;
      ExpectStable(text);
    }
  }
  EXPECT_GT(tried, 900u);
}

// However a file is broken into lines, its canonical form is the same.
TEST(Format, ForgetsLinesAndBlanks) {
  std::string sample(kSample);
  std::string canonical = Formatted(sample);
  SourceSet sources;
  diag::Diagnostics diagnostics;
  auto tree = parse::ReadSyntax(sources, sources.Add("test.np", sample), diagnostics);
  for (uint32_t end : TokenEnds(tree->roots)) {
    std::string text = sample.substr(0, end) + "\n  " + sample.substr(end);
    if (Tree(text) != Tree(sample)) continue;  // a word before its operand
    std::string formatted = Formatted(text);
    std::erase(formatted, '\n');
    std::string expected = canonical;
    std::erase(expected, '\n');
    EXPECT_EQ(formatted, expected) << text;
  }
}

}  // namespace
}  // namespace netc::format
