// Profiles of machines, as `netc doctor --json` writes them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "compiler/sema/profile.h"

namespace netc::cli {

// Nothing, and what is wrong with the file, if it holds no profile.
std::optional<sema::Profile> ReadProfile(const std::string& path, std::string& problem);

// "6.6" as a version; nothing if it is none.
std::optional<hooks::KernelVersion> ParseKernel(std::string_view text);

}  // namespace netc::cli
