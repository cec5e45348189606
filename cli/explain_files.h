// What `netc explain` writes into folders: the pages of docs/hooks, and examples.
#pragma once

#include <optional>
#include <string>

#include "compiler/reference/page.h"

namespace netc::cli {

// Translates with this process's own checker and emitter.
reference::Translate Translator();

// Both return the exit code.
int WritePages(const std::string& folder);
// Every example of every subject, each as CATEGORY/NAME.np; what has none is told on
// standard output.
int WriteExamples(const std::string& folder);

}  // namespace netc::cli
