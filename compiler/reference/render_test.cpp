#include <gtest/gtest.h>

#include "compiler/reference/document.h"

namespace netc::reference {
namespace {

const Table kTable{{"name", "meaning"}, {{"`a_b`", "one two three four five"}, {"c", "x | y"}}};

TEST(RenderText, WrapsTheWidestColumn) {
  EXPECT_EQ(RenderText(kTable, 16),
            "name  meaning\n"
            "────────────────\n"
            "a_b   one two\n"
            "      three four\n"
            "      five\n"
            "c     x | y\n");
}

TEST(RenderText, KeepsALongerWordWhole) {
  EXPECT_EQ(RenderText(Table{{"a"}, {{"indivisible"}}}, 4), "a\n───────────\nindivisible\n");
}

TEST(RenderMarkdown, EscapesWhatMarkdownWouldRead) {
  Document page{"t", {}};
  page.Add(kTable);
  page.Add(Table{{"none"}, {}});
  page.Add(Table{{"c"}, {{"a_b*"}}});
  EXPECT_EQ(RenderMarkdown(page),
            "# t\n\n| name | meaning |\n| --- | --- |\n| `a_b` | one two three four five |\n"
            "| c | x \\| y |\n\n| c |\n| --- |\n| a\\_b\\* |\n");
}

}  // namespace
}  // namespace netc::reference
