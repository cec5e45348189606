#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "compiler/base/nearest.h"
#include "compiler/base/source.h"
#include "compiler/diagnostics/diagnostic.h"
#include "runtime/failure.h"

namespace netc::cli {
namespace {

namespace fs = std::filesystem;

// The pages stand beside the standard library, in the build tree and installed.
fs::path ExplainFolder() {
  std::error_code error;
  fs::path exe = fs::read_symlink("/proc/self/exe", error);
  return exe.parent_path().parent_path() / "share/netc/explain";
}

int Explain(const std::string& word) {
  std::vector<std::string> names;
  for (diag::Kind kind : diag::AllKinds()) {
    names.emplace_back(diag::Name(kind));
    if (names.back() != word) continue;
    ReadResult page = ReadSource((ExplainFolder() / (word + ".md")).string());
    if (page.ok) {
      fmt::print("{}", page.text);
      return 0;
    }
    fmt::print(stderr, "error: the page of `{}` can't be read: {}\n", word, page.error);
    return static_cast<int>(runtime::Exit::kUsage);
  }
  fmt::print(stderr, "error: there is no diagnostic `{}`\n", word);
  std::vector<std::string> near = NearestNames(word, names);
  if (!near.empty()) fmt::print(stderr, " = did you mean {}?\n", AnyOf(near));
  return static_cast<int>(runtime::Exit::kUsage);
}

}  // namespace

void AddExplain(CLI::App& app, Action& action) {
  auto word = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("explain", "Say what a diagnostic means");
  command->footer(
      "Prints why netc says it, an example that fails with it, and the repair:\n"
      "  netc explain presence-unclear");
  command->add_option("WHAT", *word, "a diagnostic's name, as in [presence-unclear]")->required();
  command->callback([word, &action] { action = [word] { return Explain(*word); }; });
}

}  // namespace netc::cli
