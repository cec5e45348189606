// What `netc explain` writes into folders: the pages of docs/hooks, and examples.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "compiler/reference/page.h"

namespace netc::cli {

// Where the pages of diagnostics stand, and the examples with C: beside the standard
// library, in the build tree and installed.
std::filesystem::path ExplainFolder();

// Translates with this process's own checker and emitter, and reads the C.
reference::Makings ReadMakings();

// Both return the exit code.
int WritePages(const std::string& folder);
// Every example of every subject, each as CATEGORY/NAME.np, beside it the C that it becomes or
// the header that it imports; what has none is told on standard output.
int WriteExamples(const std::string& folder);

}  // namespace netc::cli
