// A file's bytes.
#pragma once

#include <string>

#include "runtime/failure.h"

namespace netc::runtime {

// Exit::kUsage and the reason if the file cannot be read, or is larger than
// 1 GiB; "-" is standard input.
Result<std::string> ReadFile(const std::string& path);

}  // namespace netc::runtime
