// The canonical form of what can be parsed has the same syntax tree, and is its own canonical form.
#include "compiler/format/format.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "compiler/ast/dump.h"
#include "compiler/base/source.h"
#include "compiler/parse/parse.h"

namespace {

std::optional<std::string> Formatted(const std::string& text) {
  netc::SourceSet sources;
  netc::diag::Diagnostics diagnostics;
  return netc::format::Format(sources, sources.Add("fuzz.np", text), diagnostics);
}

std::optional<std::string> Tree(const std::string& text) {
  netc::SourceSet sources;
  netc::diag::Diagnostics diagnostics;
  std::string tree =
      netc::ast::Dump(netc::parse::Parse(sources, sources.Add("fuzz.np", text), diagnostics));
  if (diagnostics.has_errors()) return std::nullopt;
  return tree;
}

void Demand(bool holds, const char* what, const std::string& once) {
  if (holds) return;
  fprintf(stderr, "%s; the canonical form was:\n%s\n", what, once.c_str());
  abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  // Refused before it is parsed.
  if (text.find('\0') != std::string::npos) return 0;
  if (netc::FindInvalidUtf8(text) != std::string::npos) return 0;
  std::optional<std::string> tree = Tree(text);
  std::optional<std::string> once = Formatted(text);
  if (!tree || !once) return 0;
  Demand(Tree(*once) == tree, "formatting changed the syntax tree", *once);
  Demand(Formatted(*once) == once, "formatting again changed the text", *once);
  return 0;
}
