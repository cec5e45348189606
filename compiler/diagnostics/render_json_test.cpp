#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "compiler/diagnostics/render.h"

namespace netc::diag {
namespace {

TEST(RenderJson, GivesEveryField) {
  SourceSet sources;
  FileId file = sources.Add("a.np", "é x\nyy\n");
  Diagnostic diagnostic = Warning(Kind::kSyntax, {file, 3, 6}, "a message", "text")
                              .WithLabel({file, 5, 7}, "also")
                              .WithHint("a hint")
                              .WithFix({file, 3, 4}, "z");
  auto json = nlohmann::json::parse(RenderJson({diagnostic}, sources));
  auto place = [](int line, int column, int end_line, int end_column) {
    return nlohmann::json{{"file", "a.np"},
                          {"line", line},
                          {"column", column},
                          {"end", {{"line", end_line}, {"column", end_column}}}};
  };
  nlohmann::json expected = place(1, 3, 2, 2);
  expected.update({{"name", "syntax"}, {"severity", "warning"}, {"message", "a message"}});
  nlohmann::json primary = place(1, 3, 2, 2);
  primary.update({{"text", "text"}, {"primary", true}});
  nlohmann::json further = place(2, 1, 2, 3);
  further.update({{"text", "also"}, {"primary", false}});
  nlohmann::json fix = place(1, 3, 1, 4);
  fix["replacement"] = "z";
  expected["labels"] = nlohmann::json::array({primary, further});
  expected["hints"] = nlohmann::json::array({"a hint"});
  expected["fix"] = fix;
  EXPECT_EQ(json, nlohmann::json::array({expected}));
}

TEST(RenderJson, GivesNullForWhatIsMissing) {
  auto json = nlohmann::json::parse(RenderJson({Error(Kind::kUnreadableFile, {}, "m")}, {}));
  EXPECT_TRUE(json[0]["file"].is_null());
  EXPECT_TRUE(json[0]["line"].is_null());
  EXPECT_TRUE(json[0]["fix"].is_null());
  EXPECT_EQ(json[0]["hints"], nlohmann::json::array());
}

TEST(RenderJson, IsAnEmptyArrayWithoutDiagnostics) {
  EXPECT_EQ(RenderJson({}, {}), "[]\n");
}

TEST(RenderJson, StaysUtf8WhateverThePathIs) {
  SourceSet sources;
  FileId file = sources.Add("\xFF.np", "x");
  auto json = nlohmann::json::parse(RenderJson({Error(Kind::kSyntax, {file, 0, 1}, "m")}, sources));
  EXPECT_EQ(json[0]["file"], "\xEF\xBF\xBD.np");
}

}  // namespace
}  // namespace netc::diag
