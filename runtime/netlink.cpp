#include "runtime/netlink.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>

namespace netc::runtime {

namespace {

// A dump comes in pieces of at most 32 KiB (net/netlink/af_netlink.c).
constexpr size_t kBuffer = 1 << 16;

// False at the end of a dump, at an error, and when nothing more is there.
bool ReadOnce(const Fd& socket, int flags, bool& failed,
              const std::function<void(const nlmsghdr&)>& each) {
  alignas(nlmsghdr) static thread_local char buffer[kBuffer];
  ssize_t got = recv(socket.get(), buffer, sizeof buffer, flags);
  if (got <= 0) {
    failed = errno != EAGAIN;
    return got < 0 && errno == EINTR;
  }
  auto left = static_cast<uint32_t>(got);
  for (auto* message = reinterpret_cast<nlmsghdr*>(buffer); NLMSG_OK(message, left);
       message = NLMSG_NEXT(message, left)) {
    if (message->nlmsg_type == NLMSG_DONE) return false;
    if (message->nlmsg_type == NLMSG_ERROR) {
      failed = static_cast<const nlmsgerr*>(NLMSG_DATA(message))->error != 0;
      return false;
    }
    each(*message);
  }
  return true;
}

}  // namespace

Fd OpenRouteSocket(uint32_t groups) {
  Fd opened(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  address.nl_groups = groups;
  if (!opened || bind(opened.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return Fd();
  }
  return opened;
}

bool Ask(const Fd& socket, const nlmsghdr& request,
         const std::function<void(const nlmsghdr&)>& each) {
  if (send(socket.get(), &request, request.nlmsg_len, 0) < 0) return false;
  bool failed = false;
  while (ReadOnce(socket, 0, failed, each)) {
  }
  return !failed;
}

void ReadNotices(const Fd& socket, const std::function<void(const nlmsghdr&)>& each) {
  bool failed = false;
  while (ReadOnce(socket, MSG_DONTWAIT, failed, each)) {
  }
}

}  // namespace netc::runtime
