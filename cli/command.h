// The commands of netc: each adds itself to the command line, and runs if it is
// the one that was given.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace netc::cli {

// Set by the command that was given; run once all of the line is read. Returns the
// exit code.
using Action = std::function<int()>;

void AddCheck(CLI::App& app, Action& action);
void AddCompile(CLI::App& app, Action& action);
void AddRun(CLI::App& app, Action& action);
void AddTest(CLI::App& app, Action& action);
void AddFmt(CLI::App& app, Action& action);
void AddExplain(CLI::App& app, Action& action);
void AddState(CLI::App& app, Action& action);
void AddDoctor(CLI::App& app, Action& action);

}  // namespace netc::cli
