#include "runtime/process_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>

#include "runtime/permission.h"

namespace netc::runtime {

namespace {

struct Wanted {
  std::optional<int> pid, fd, port, protocol;
};

Failure Bad(std::string_view text, const std::string& why) {
  return {Exit::kUsage,
          fmt::format("`{}` names no socket: {}", text, why),
          {"a socket is written pid:PID,port:PORT, pid:PID,port:PORT,proto:udp, pid:PID,fd:N, or "
           "fd:N"}};
}

std::optional<int> Number(std::string_view text) {
  int number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  bool whole = error == std::errc() && end == text.data() + text.size() && number >= 0;
  return whole ? std::optional(number) : std::nullopt;
}

Result<Wanted> Parse(std::string_view text) {
  Wanted wanted;
  for (std::string_view rest = text; !rest.empty();) {
    std::string_view part = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    size_t colon = std::min(part.find(':'), part.size());
    std::string_view name = part.substr(0, colon);
    std::string_view value = part.substr(std::min(colon + 1, part.size()));
    std::optional<int>* to = name == "pid"     ? &wanted.pid
                             : name == "fd"    ? &wanted.fd
                             : name == "port"  ? &wanted.port
                             : name == "proto" ? &wanted.protocol
                                               : nullptr;
    if (to == nullptr) return Bad(text, fmt::format("it has no `{}`", name));
    if (name == "proto") {
      if (value == "tcp") *to = IPPROTO_TCP;
      if (value == "udp") *to = IPPROTO_UDP;
    } else {
      *to = Number(value);
    }
    if (!*to) return Bad(text, fmt::format("`{}` can't be read", part));
  }
  if (wanted.port.has_value() == wanted.fd.has_value()) return Bad(text, "it takes port:N or fd:N");
  if (wanted.port && !wanted.pid) return Bad(text, "it takes the process too, as pid:N");
  return wanted;
}

int Option(int socket, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(socket, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

bool IsWanted(int socket, const Wanted& wanted) {
  sockaddr_storage address = {};
  socklen_t size = sizeof address;
  int family = Option(socket, SO_DOMAIN), protocol = Option(socket, SO_PROTOCOL);
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return false;
  if (family != AF_INET && family != AF_INET6) return false;
  if (wanted.protocol && protocol != *wanted.protocol) return false;
  uint16_t port = family == AF_INET ? reinterpret_cast<sockaddr_in*>(&address)->sin_port
                                    : reinterpret_cast<sockaddr_in6*>(&address)->sin6_port;
  if (ntohs(port) != *wanted.port) return false;
  return protocol != IPPROTO_TCP || Option(socket, SO_ACCEPTCONN) == 1;
}

// include/uapi/asm-generic/unistd.h; Linux 5.3 and 5.6.
int PidfdOpen(int pid) {
  return static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
}
int PidfdGetfd(int process, int fd) {
  return static_cast<int>(syscall(SYS_pidfd_getfd, process, fd, 0));
}

Result<Fd> OfProcess(std::string_view text, const Wanted& wanted) {
  Fd process(PidfdOpen(*wanted.pid));
  if (!process) return Bad(text, fmt::format("process {}: {}", *wanted.pid, std::strerror(errno)));
  if (wanted.fd) {
    Fd copy(PidfdGetfd(process.get(), *wanted.fd));
    if (copy) return copy;
    if (errno == EPERM)
      return NotPermitted(fmt::format("taking a socket of process {}", *wanted.pid));
    return Bad(text, fmt::format("descriptor {}: {}", *wanted.fd, std::strerror(errno)));
  }
  std::error_code error;
  int refused = 0;
  for (const auto& each :
       std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", *wanted.pid), error)) {
    std::error_code ignored;
    if (!std::filesystem::read_symlink(each.path(), ignored).string().starts_with("socket:"))
      continue;
    auto number = Number(each.path().filename().string());
    Fd copy(number ? PidfdGetfd(process.get(), *number) : -1);
    if (!copy && errno == EPERM) refused = errno;
    if (copy && IsWanted(copy.get(), wanted)) return copy;
  }
  if (refused != 0) return NotPermitted(fmt::format("taking a socket of process {}", *wanted.pid));
  return Bad(text, fmt::format("process {} has none like that", *wanted.pid));
}

}  // namespace

Result<Fd> FindSocket(std::string_view text) {
  auto wanted = Parse(text);
  if (!wanted) return wanted.failure();
  if (wanted->pid) return OfProcess(text, *wanted);
  struct stat info = {};
  bool socket = fstat(*wanted->fd, &info) == 0 && S_ISSOCK(info.st_mode);
  if (!socket) return Bad(text, fmt::format("netc was not started with a socket {}", *wanted->fd));
  return Fd(fcntl(*wanted->fd, F_DUPFD_CLOEXEC, 0));
}

}  // namespace netc::runtime
