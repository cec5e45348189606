// From a file that the user names to an object, whether it is source or was
// compiled before.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <variant>
#include <vector>

#include "compiler/driver/driver.h"
#include "runtime/load.h"

namespace netc::cli {

// What every command that reads source takes.
struct SourceOptions {
  std::string path;
  std::string kernel;
  std::string profile;
  std::vector<std::string> module_folders;
  bool json = false;

  void AddTo(CLI::App& command);
};

// A file ready to be loaded.
struct Pipeline {
  runtime::ObjectFile file;
  std::vector<object::TestPlan> tests;  // of source; objects carry none
  bool from_source = false;
};

// Checks the source and shows its diagnostics: all of them, or with `json` one
// line. The result is whole only if there were no errors.
driver::Checked CheckSource(const SourceOptions& options);
// What a command that stops here ends with: 2 where the file itself can't be read.
int RefusedCode(const driver::Checked& checked);

// The exit code if anything was wrong; it has been shown.
std::variant<Pipeline, int> OpenPipeline(const SourceOptions& options);

// The source's tests with an object that was compiled from it before, for machines
// where Clang isn't or takes too long.
std::variant<Pipeline, int> OpenTests(const SourceOptions& options, const std::string& object);

// Shows why an object could not be made, and returns the exit code.
int ShowCompileFailure(const SourceOptions& options, const driver::Checked& checked,
                       const driver::Compiled& compiled);

}  // namespace netc::cli
