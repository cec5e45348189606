#include "cli/front_end.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <sstream>

#include "cli/output.h"
#include "cli/profile.h"
#include "runtime/elf_section.h"
#include "runtime/read_file.h"

namespace netc::cli {

std::optional<hooks::KernelVersion> ParseKernel(std::string_view text) {
  unsigned major = 0, minor = 0;
  const char* end = text.data() + text.size();
  auto first = std::from_chars(text.data(), end, major);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return std::nullopt;
  auto second = std::from_chars(first.ptr + 1, end, minor);
  if (second.ec != std::errc() || second.ptr != end || major > 255 || minor > 255)
    return std::nullopt;
  return hooks::KernelVersion{static_cast<uint8_t>(major), static_cast<uint8_t>(minor)};
}

namespace {

// "6.6"; CLI11 has asked KernelProblem before.
std::string KernelProblem(const std::string& text) {
  return ParseKernel(text)
             ? ""
             : fmt::format("`{}` is no kernel version: one is written like 6.6", text);
}

// An object begins like any ELF file; nothing else does.
bool IsObject(const std::string& path) {
  if (path == "-") return false;
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return false;
  char begin[4] = {};
  bool elf = std::fread(begin, 1, 4, file) == 4 && std::string_view(begin, 4) == "\177ELF";
  std::fclose(file);
  return elf;
}

std::variant<Pipeline, int> OpenObject(const SourceOptions& options) {
  auto text = runtime::ReadFile(options.path);
  if (!text) return ShowFailure(text.failure(), options.json);
  auto file = runtime::ReadObject(object::Bytes(text->begin(), text->end()));
  if (!file) {
    runtime::Failure failure = file.failure();
    failure.message = fmt::format("`{}` {}", options.path, failure.message);
    return ShowFailure(failure, options.json);
  }
  return Pipeline{std::move(*file), {}, false};
}

std::variant<Pipeline, int> OpenSource(const SourceOptions& options) {
  driver::Checked checked = CheckSource(options);
  if (!checked.ok()) return RefusedCode(checked);
  driver::Compiled compiled = driver::Compile(checked);
  if (!compiled.ok) return ShowCompileFailure(options, checked, compiled);
  return Pipeline{{std::move(compiled.object), std::move(compiled.lowered.info)},
                  std::move(checked.program->tests),
                  true};
}

}  // namespace

void SourceOptions::AddTo(CLI::App& command) {
  command.add_option("--kernel", kernel, "Oldest kernel that it must run on (default: 6.1)")
      ->option_text("VERSION")
      ->check(KernelProblem);
  command
      .add_option("--profile", profile,
                  "Machine that it must run on: what `netc doctor --json` wrote there")
      ->option_text("FILE")
      ->check(CLI::ExistingFile);
  command
      .add_option("-I,--modules", module_folders, "Folder with modules that the pipeline imports")
      ->option_text("DIR");
  command.add_flag("--json", json, "Answer in JSON, one object a line");
}

driver::Checked CheckSource(const SourceOptions& options) {
  driver::Options driver_options;
  driver_options.path = options.path;
  driver_options.module_folders = options.module_folders;
  if (!options.kernel.empty()) driver_options.kernel = ParseKernel(options.kernel);
  if (!options.profile.empty()) {
    std::string problem;
    driver_options.profile = ReadProfile(options.profile, problem);
    if (!driver_options.profile) {
      ShowFailure({runtime::Exit::kPipeline, fmt::format("`{}` {}", options.profile, problem)},
                  options.json);
      return {};
    }
  }
  driver::Checked checked = driver::Check(driver_options);
  ShowDiagnostics(options.path, checked.diagnostics, checked.sources, options.json);
  return checked;
}

int RefusedCode(const driver::Checked& checked) {
  const std::vector<diag::Diagnostic> all = checked.diagnostics.Sorted();
  bool unreadable =
      checked.unit.files.empty() && std::any_of(all.begin(), all.end(), [](const auto& each) {
        return each.kind == diag::Kind::kUnreadableFile;
      });
  return static_cast<int>(unreadable ? runtime::Exit::kUsage : runtime::Exit::kPipeline);
}

std::variant<Pipeline, int> OpenPipeline(const SourceOptions& options) {
  return IsObject(options.path) ? OpenObject(options) : OpenSource(options);
}

std::variant<Pipeline, int> OpenTests(const SourceOptions& options, const std::string& object) {
  driver::Checked checked = CheckSource(options);
  if (!checked.ok()) return RefusedCode(checked);
  SourceOptions compiled = options;
  compiled.path = object;
  auto opened = OpenObject(compiled);
  auto* pipeline = std::get_if<Pipeline>(&opened);
  if (!pipeline) return opened;
  if (!driver::IsMadeFrom(pipeline->file.info, checked)) {
    return ShowFailure(
        {runtime::Exit::kUsage,
         fmt::format("`{}` was not compiled from `{}` as it is now", object, options.path),
         {fmt::format("here: netc compile {} -o DIR", options.path)}},
        options.json);
  }
  pipeline->tests = std::move(checked.program->tests);
  pipeline->from_source = true;
  return opened;
}

int ShowCompileFailure(const SourceOptions& options, const driver::Checked& checked,
                       const driver::Compiled& compiled) {
  if (compiled.diagnostics.has_errors()) {
    ShowDiagnostics(options.path, compiled.diagnostics, checked.sources, options.json);
    return static_cast<int>(runtime::Exit::kPipeline);
  }
  runtime::Failure failure{runtime::Exit::kPipeline, {}};
  std::istringstream lines(compiled.failure);
  std::getline(lines, failure.message);
  for (std::string line; std::getline(lines, line);) {
    failure.details.push_back(line.substr(std::min(line.find_first_not_of(' '), line.size())));
  }
  return ShowFailure(failure, options.json);
}

}  // namespace netc::cli
