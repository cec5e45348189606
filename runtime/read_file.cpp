#include "runtime/read_file.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "runtime/fd.h"

namespace netc::runtime {

Result<std::string> ReadFile(const std::string& path) {
  constexpr size_t kMost = 1u << 30;
  auto failed = [&](const char* why) {
    return Failure{Exit::kUsage, fmt::format("`{}` cannot be read: {}", path, why)};
  };
  Fd file(path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return failed(std::strerror(errno));
  std::string text;
  char chunk[1 << 16];
  ssize_t got = 0;
  while ((got = read(file.get(), chunk, sizeof chunk)) > 0) {
    text.append(chunk, static_cast<size_t>(got));
    if (text.size() > kMost) return failed("it is larger than 1 GiB");
  }
  if (got < 0) return failed(std::strerror(errno));
  return text;
}

}  // namespace netc::runtime
