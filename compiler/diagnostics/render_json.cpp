#include <nlohmann/json.hpp>

#include "compiler/diagnostics/render.h"
#include "compiler/diagnostics/snippet.h"

namespace netc::diag {

using Json = nlohmann::ordered_json;

static Json Position(LineColumn at) {
  return {{"line", at.line}, {"column", at.column}};
}

// Adds file, line, column and end; null where the span is in no file, as when the
// file could not be read.
static void AddPlace(Json& object, Span span, const SourceSet& sources) {
  if (static_cast<uint32_t>(span.file) >= sources.size()) {
    for (const char* key : {"file", "line", "column", "end"}) object[key] = nullptr;
    return;
  }
  const SourceFile& file = sources.file(span.file);
  span = Clamp(file, span);
  LineColumn begin = file.Locate(span.begin);
  object["file"] = file.path();
  object["line"] = begin.line;
  object["column"] = begin.column;
  object["end"] = Position(file.Locate(span.end));
}

// The primary label comes first.
static Json Labels(const Diagnostic& diagnostic, const SourceSet& sources) {
  Json labels = Json::array();
  auto add = [&](const Label& label, bool primary) {
    Json object;
    AddPlace(object, label.span, sources);
    object["text"] = label.text;
    object["primary"] = primary;
    labels.push_back(std::move(object));
  };
  add(diagnostic.primary, true);
  for (const Label& label : diagnostic.labels) add(label, false);
  return labels;
}

static Json Fix(const std::optional<FixIt>& fix, const SourceSet& sources) {
  if (!fix) return nullptr;
  Json object;
  AddPlace(object, fix->span, sources);
  object["replacement"] = fix->replacement;
  return object;
}

static Json ToJson(const Diagnostic& diagnostic, const SourceSet& sources) {
  Json object;
  object["name"] = Name(diagnostic.kind);
  object["severity"] = diagnostic.severity == Severity::kError ? "error" : "warning";
  object["message"] = diagnostic.message;
  AddPlace(object, diagnostic.primary.span, sources);
  object["labels"] = Labels(diagnostic, sources);
  object["hints"] = diagnostic.hints;
  object["fix"] = Fix(diagnostic.fix, sources);
  return object;
}

std::string RenderJson(const std::vector<Diagnostic>& diagnostics, const SourceSet& sources) {
  Json all = Json::array();
  for (const Diagnostic& diagnostic : diagnostics) all.push_back(ToJson(diagnostic, sources));
  // Paths come from the command line and need not be UTF-8; JSON must be.
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace netc::diag
