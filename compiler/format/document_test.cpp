#include "compiler/format/document.h"

#include <gtest/gtest.h>

namespace netc::format {
namespace {

// A group of three words, in one to be broken together or only where needed.
Document Words(bool fill) {
  Document document;
  if (fill) {
    document.BeginFill();
  } else {
    document.BeginGroup();
  }
  document.Text("(");
  document.Indent(2);
  document.SoftLine();
  document.Text("one,");
  document.Line();
  document.Text("two,");
  document.Line();
  document.Text("three");
  document.IfBroken(",");
  document.Dedent(2);
  document.SoftLine();
  document.Text(")");
  document.EndGroup();
  document.Text(";");
  return document;
}

TEST(Document, PrintsAGroupOnOneLineIfItFits) {
  EXPECT_EQ(Words(false).Print(80), "(one, two, three);");
}

TEST(Document, CountsWhatFollowsAGroup) {
  EXPECT_EQ(Words(false).Print(18), "(one, two, three);");
  EXPECT_EQ(Words(false).Print(17), "(\n  one,\n  two,\n  three,\n);");
}

TEST(Document, BreaksAFillOnlyWhereNeeded) {
  EXPECT_EQ(Words(true).Print(12), "(one, two,\n  three);");
}

TEST(Document, CountsCharactersNotBytes) {
  Document document;
  document.BeginGroup();
  document.Text("üü");
  document.Line();
  document.Text("ü");
  document.EndGroup();
  EXPECT_EQ(document.Print(4), "üü ü");
  EXPECT_EQ(document.Print(3), "üü\nü");
}

TEST(Document, BreaksGroupsAroundAHardLine) {
  Document document;
  document.BeginGroup();
  document.Text("a");
  document.Line();
  document.Text("b");
  document.HardLine(true);
  document.Text("c");
  document.EndGroup();
  EXPECT_EQ(document.Print(80), "a\nb\n\nc");
}

TEST(Document, NeverBreaksForAComment) {
  Document document;
  document.BeginGroup();
  document.Text("a");
  document.Line();
  document.Text("b");
  document.EndGroup();
  document.Comment("  // a long comment");
  EXPECT_EQ(document.Print(5), "a b  // a long comment");
}

}  // namespace
}  // namespace netc::format
