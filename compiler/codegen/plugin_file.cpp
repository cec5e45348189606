#include "compiler/codegen/plugin_file.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace netc::codegen {

std::string PluginPath() {
  if (const char* path = std::getenv("NETC_CODEGEN_PLUGIN")) return path;
  std::error_code error;
  std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path().parent_path() / "lib/netc/libnetc_codegen.so").string();
}

static Plugin Refused(std::string why) {
  return {nullptr, std::move(why)};
}

Plugin OpenPlugin(const std::string& path) {
  // Lazy and local: its symbols are for nobody else.
  void* handle = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (handle == nullptr)
    return Refused(fmt::format("cannot open the code generator: {}", dlerror()));
  auto* version = reinterpret_cast<abi::VersionFunction*>(dlsym(handle, abi::kVersionSymbol));
  auto* compile = reinterpret_cast<abi::CompileFunction*>(dlsym(handle, abi::kCompileSymbol));
  if (version == nullptr || compile == nullptr) {
    return Refused(fmt::format("{} is not netc's code generator", path));
  }
  if (uint32_t found = version(); found != abi::kVersion) {
    return Refused(fmt::format("{} is of another build of netc (interface {}, not {})", path, found,
                               abi::kVersion));
  }
  return {compile, {}};
}

}  // namespace netc::codegen
