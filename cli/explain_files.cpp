#include "cli/explain_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <system_error>

#include "cli/output.h"
#include "compiler/base/source.h"
#include "compiler/driver/driver.h"
#include "compiler/driver/modules.h"

namespace netc::cli {

namespace fs = std::filesystem;

namespace {

int CannotWrite(const fs::path& path, const std::string& why) {
  return ShowFailure(
      {runtime::Exit::kUsage, fmt::format("`{}` cannot be written: {}", path.string(), why), {}},
      false);
}

int Write(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) return CannotWrite(path.parent_path(), error.message());
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr)
    return CannotWrite(path, std::error_code(errno, std::generic_category()).message());
  const bool whole = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  return std::fclose(file) == 0 && whole ? 0 : CannotWrite(path, "no room");
}

reference::Translate Translator() {
  // The same pipeline is tried as an example of several things.
  auto known = std::make_shared<std::map<std::string, std::optional<std::string>>>();
  return [known](const std::string& source) -> std::optional<std::string> {
    auto [place, is_new] = known->try_emplace(source);
    if (!is_new) return place->second;
    driver::Options options;
    // Modules are looked for beside the file: there stands the standard library.
    options.path = (fs::path(driver::StdlibFolder()) / "example.np").string();
    options.text = source;
    const driver::Checked checked = driver::Check(options);
    if (checked.ok()) place->second = driver::Lower(checked).c_source;
    return place->second;
  };
}

// In the order of their names, so that pages are the same everywhere.
std::vector<reference::CExample> ReadC(const fs::path& folder) {
  std::vector<reference::CExample> examples;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    fs::path path = entry.path();
    if (path.extension() != ".np") continue;
    reference::CExample example{path.stem().string(), ReadSource(path.string()).text, {}};
    example.header = ReadSource(path.replace_extension(".h").string()).text;
    examples.push_back(std::move(example));
  }
  std::sort(examples.begin(), examples.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return examples;
}

}  // namespace

fs::path ExplainFolder() {
  std::error_code error;
  fs::path exe = fs::read_symlink("/proc/self/exe", error);
  return exe.parent_path().parent_path() / "share/netc/explain";
}

reference::Makings ReadMakings() {
  return {Translator(), ReadC(ExplainFolder() / "c")};
}

int WritePages(const std::string& folder) {
  const reference::Makings makings = ReadMakings();
  for (const hooks::Hook& hook : hooks::AllHooks()) {
    const std::string text = RenderMarkdown(reference::HookPage(hook, makings));
    if (int code = Write(fs::path(folder) / reference::PageName(hook), text)) return code;
  }
  return Write(fs::path(folder) / "README.md", RenderMarkdown(reference::IndexPage()));
}

int WriteExamples(const std::string& folder) {
  const reference::Makings makings = ReadMakings();
  for (const reference::Subject& subject : reference::AllSubjects()) {
    const reference::Example example = reference::ExampleOf(subject, makings);
    if (example.empty()) {
      if (subject.category != reference::Category::kDiagnostic) {
        WriteLine(fmt::format("{} {}{}", Name(subject.category), subject.name,
                              reference::CanBeUsed(subject) ? "" : ": no hook may call it"));
      }
      continue;
    }
    std::string name = subject.name + ".np";
    std::replace(name.begin(), name.end(), ' ', '-');
    const fs::path place = fs::path(folder) / Name(subject.category);
    if (int code = Write(place / name, example.pipeline)) return code;
    if (example.header.empty()) {
      const std::string c = makings.translate(example.pipeline).value_or("");
      if (int code = Write(place / fs::path(name).replace_extension(".c"), c)) return code;
      continue;
    }
    if (int code = Write(place / example.header_name, example.header)) return code;
  }
  return 0;
}

}  // namespace netc::cli
