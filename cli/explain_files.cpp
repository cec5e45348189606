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
#include "compiler/driver/driver.h"
#include "compiler/driver/modules.h"

namespace netc::cli {

namespace fs = std::filesystem;

namespace {

int CannotWrite(const fs::path& path, const std::string& why) {
  return ShowFailure(
      {runtime::Exit::kUsage, fmt::format("`{}` cannot be written: {}", path.string(), why)},
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

}  // namespace

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

int WritePages(const std::string& folder) {
  const reference::Translate translate = Translator();
  for (const hooks::Hook& hook : hooks::AllHooks()) {
    const std::string text = RenderMarkdown(reference::HookPage(hook, translate));
    if (int code = Write(fs::path(folder) / reference::PageName(hook), text)) return code;
  }
  return Write(fs::path(folder) / "README.md", RenderMarkdown(reference::IndexPage()));
}

int WriteExamples(const std::string& folder) {
  const reference::Translate translate = Translator();
  for (const reference::Subject& subject : reference::AllSubjects()) {
    const std::string example = reference::ExampleOf(subject, translate);
    if (example.empty()) {
      if (subject.category != reference::Category::kDiagnostic)
        WriteLine(fmt::format("{} {}", Name(subject.category), subject.name));
      continue;
    }
    std::string name = subject.name + ".np";
    std::replace(name.begin(), name.end(), ' ', '-');
    if (int code = Write(fs::path(folder) / Name(subject.category) / name, example)) return code;
  }
  return 0;
}

}  // namespace netc::cli
