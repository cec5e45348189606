#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/front_end.h"
#include "cli/output.h"

namespace netc::cli {

static int Check(const SourceOptions& options) {
  driver::Checked checked = CheckSource(options);
  if (!checked.ok()) return RefusedCode(checked);
  if (options.json) return 0;
  size_t warnings = checked.diagnostics.warning_count();
  WriteLine(warnings == 0 ? fmt::format("{}: no errors", options.path)
                          : fmt::format("{}: no errors, {} warning{}", options.path, warnings,
                                        warnings == 1 ? "" : "s"));
  return 0;
}

void AddCheck(CLI::App& app, Action& action) {
  auto options = std::make_shared<SourceOptions>();
  CLI::App* command =
      app.add_subcommand("check", "Find every mistake of a pipeline; the kernel is not touched");
  command->add_option("FILE", options->path, "Pipeline (.np), or - for standard input")->required();
  options->AddTo(*command);
  command->footer(
      "Examples:\n"
      "  netc check edge.np\n"
      "  netc check --kernel 6.6 edge.np     may use what 6.6 has, and newer\n"
      "  netc check --json edge.np           for editors\n\n"
      "Exit code: 0; 1 if there are errors; 2 if the file can't be read.");
  command->callback([options, &action] { action = [options] { return Check(*options); }; });
}

}  // namespace netc::cli
