#include "cli/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "compiler/diagnostics/render.h"

namespace netc::cli {

namespace {

std::string Plural(size_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

// The place's line of the source, as far as it still is where it was compiled from.
std::string SourceLine(const object::Place& place) {
  std::ifstream file(place.file);
  std::string line;
  for (uint32_t number = 1; std::getline(file, line); ++number) {
    if (number == place.line) return line;
  }
  return {};
}

std::string RenderPlace(const object::Place& place) {
  std::string number = std::to_string(place.line);
  std::string blank(number.size(), ' ');
  std::string text = fmt::format("{}--> {}:{}:{}\n", blank, place.file, place.line, place.column);
  std::string line = SourceLine(place);
  constexpr size_t kMost = 160;
  if (line.empty() || line.size() > kMost) return text;
  std::string before(place.column > 0 ? place.column - 1 : 0, ' ');
  return text + fmt::format("{1} |\n{0} | {2}\n{1} | {3}^\n", number, blank, line, before);
}

}  // namespace

bool WriteLine(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
  return std::fflush(stdout) == 0;
}

bool WriteJson(const Json& json) {
  return WriteLine(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

bool WantsColor() {
  return isatty(STDERR_FILENO) && std::getenv("NO_COLOR") == nullptr;
}

void ShowDiagnostics(const std::string& path, const diag::Diagnostics& diagnostics,
                     const SourceSet& sources, bool json) {
  std::vector<diag::Diagnostic> sorted = diagnostics.Sorted();
  if (json) {
    WriteJson({{"type", "diagnostics"},
               {"file", path},
               {"ok", !diagnostics.has_errors()},
               {"errors", diagnostics.error_count()},
               {"warnings", diagnostics.warning_count()},
               {"diagnostics", Json::parse(diag::RenderJson(sorted, sources))}});
    return;
  }
  diag::RenderOptions options;
  options.color = WantsColor();
  std::string text;
  for (const diag::Diagnostic& each : sorted) {
    text += diag::RenderText(each, sources, options) + "\n";
  }
  if (diagnostics.has_errors()) {
    text += fmt::format("{}: {}", path, Plural(diagnostics.error_count(), "error"));
    if (size_t warnings = diagnostics.warning_count(); warnings > 0) {
      text += ", " + Plural(warnings, "warning");
    }
    text += '\n';
  }
  std::fwrite(text.data(), 1, text.size(), stderr);
}

Json PlaceJson(const object::Place& place) {
  return {{"file", place.file}, {"line", place.line}, {"column", place.column}};
}

int ShowFailure(const runtime::Failure& failure, bool json) {
  int code = static_cast<int>(failure.exit);
  if (json) {
    Json object = {{"type", "error"},
                   {"exit", code},
                   {"message", failure.message},
                   {"details", failure.details},
                   {"place", failure.place ? PlaceJson(*failure.place) : Json()}};
    if (!failure.log.empty()) object["log"] = failure.log;
    WriteJson(object);
    return code;
  }
  bool color = WantsColor();
  std::string text = fmt::format("{}error{}: {}\n", color ? "\033[1;31m" : "",
                                 color ? "\033[0m" : "", failure.message);
  if (failure.place) text += RenderPlace(*failure.place);
  std::string blank(failure.place ? std::to_string(failure.place->line).size() : 1, ' ');
  for (const std::string& detail : failure.details) text += fmt::format("{} = {}\n", blank, detail);
  std::fwrite(text.data(), 1, text.size(), stderr);
  return code;
}

}  // namespace netc::cli
