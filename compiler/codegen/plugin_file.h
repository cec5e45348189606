// Finds and opens libnetc_codegen.so.
#pragma once

#include <string>

#include "compiler/codegen/plugin_abi.h"

namespace netc::codegen {

struct Plugin {
  abi::CompileFunction* compile = nullptr;  // null if it could not be opened
  std::string error;
};

// The plugin of this build: <directory of the executable>/../lib/netc, or the
// file that NETC_CODEGEN_PLUGIN names, which is for netc's own tests.
std::string PluginPath();

// The handle stays open as long as the process.
Plugin OpenPlugin(const std::string& path);

}  // namespace netc::codegen
