#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <vector>

#include "cli/command.h"
#include "compiler/base/nearest.h"
#include "runtime/failure.h"

namespace {

constexpr const char* kAbout =
    "netc compiles network pipelines to BPF, and loads, attaches, tests and observes them.\n\n"
    "A pipeline is one .np file that says what happens to packets, sockets and connections at\n"
    "the kernel's hooks: firewalls at the driver, shaping, load balancing, socket steering,\n"
    "congestion control.";

constexpr const char* kMore =
    "Begin with:\n"
    "  netc check edge.np              find every mistake, without touching the kernel\n"
    "  netc test edge.np               run the tests that stand in the file\n"
    "  sudo netc run edge.np           attach it; Ctrl-C removes all of it\n"
    "  netc compile edge.np -o out     write readable C and an object for other machines\n"
    "  netc COMMAND --help             more of each, with examples\n\n"
    "Exit codes:\n"
    "  0 done\n"
    "  1 the pipeline has errors\n"
    "  2 the command line is wrong\n"
    "  3 the kernel refused the program\n"
    "  4 attaching failed\n"
    "  5 a test failed\n"
    "  6 not permitted";

// The word that stands where a command should and is none, with what it was probably
// meant to be; empty if there is no such word. CLI11 would only say that a command is
// missing.
std::string UnknownCommand(const CLI::App& app, int argc, char** argv) {
  const CLI::App* at = &app;
  for (int i = 1; i < argc && at->get_require_subcommand_min() > 0; ++i) {
    const std::string word = argv[i];
    if (word.starts_with('-')) return {};
    std::vector<std::string> names;
    const CLI::App* found = nullptr;
    for (const CLI::App* each : at->get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(each->get_name());
      if (names.back() == word) found = each;
    }
    if (found == nullptr) {
      const std::string command = at == &app ? "" : at->get_name() + " ";
      const std::vector<std::string> near = netc::NearestNames(word, names);
      const std::string meant =
          near.empty() ? "" : fmt::format(" = did you mean {}?\n", netc::AnyOf(near));
      return fmt::format("error: there is no command `{}{}`\n{} = there are: {}\n", command, word,
                         meant, netc::AnyOf(names));
    }
    at = found;
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(kAbout, "netc");
  app.footer(kMore);
  app.set_version_flag("--version", "netc " NETC_VERSION);
  app.require_subcommand(1);
  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return std::string("error: ") + error.what() + "\n = more: netc --help, netc COMMAND --help\n";
  });
  netc::cli::Action action;
  netc::cli::AddCheck(app, action);
  netc::cli::AddCompile(app, action);
  netc::cli::AddRun(app, action);
  netc::cli::AddTest(app, action);
  netc::cli::AddState(app, action);
  netc::cli::AddFmt(app, action);
  netc::cli::AddExplain(app, action);
  netc::cli::AddDoctor(app, action);
  if (const std::string unknown = UnknownCommand(app, argc, argv); !unknown.empty()) {
    std::fputs(unknown.c_str(), stderr);
    return static_cast<int>(netc::runtime::Exit::kUsage);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 numbers its errors itself; to netc's users they are all one.
    return app.exit(error) == 0 ? 0 : static_cast<int>(netc::runtime::Exit::kUsage);
  }
  return action();
}
