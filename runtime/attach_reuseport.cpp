#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "runtime/attach_site.h"

namespace netc::runtime {

namespace {

// How to find a socket of the group again, and how to tell that it is the same.
struct Member {
  std::string text;
  uint64_t cookie = 0;
};

uint64_t CookieOf(int socket) {
  uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  return getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &size) == 0 ? cookie : 0;
}

void DetachThrough(const std::vector<Member>& members) {
  for (const Member& member : members) {
    auto socket = FindSocket(member.text);
    if (!socket || CookieOf(socket->get()) != member.cookie) continue;
    int none = 0;
    if (setsockopt(socket->get(), SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &none, sizeof none) == 0) {
      return;
    }
  }
}

}  // namespace

// There is no link for a reuseport group: a program is set, and taken away again,
// through any socket of the group. `group` names the state that holds its sockets.
Result<Attachment> AttachReuseport(const Site& site) {
  auto group = site.Required("group");
  if (!group) return group.failure();
  const std::vector<ProcessSocket>& sockets = site.loaded().Sockets(*group);
  if (sockets.empty()) {
    return Failure{Exit::kUsage,
                   fmt::format("`{}` has no socket in `{}`, through which it could be attached",
                               site.program().name, *group),
                   {fmt::format("give one: --socket {}[0]=pid:PID,port:PORT", *group)},
                   site.program().place};
  }
  std::string where = fmt::format("the group of `{}`", *group);
  int program = site.fd();
  if (setsockopt(sockets.front().fd.get(), SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &program,
                 sizeof program) != 0) {
    int error = errno;
    if (error == EINVAL) return site.Failed(where, "its socket was bound without SO_REUSEPORT");
    return site.Failed(where, error);
  }
  Attachment attachment = site.Begin();
  attachment.where = where;
  attachment.notes.push_back(
      "a reuseport group knows no links: if netc is killed, the program stays until its sockets "
      "are closed");
  // Not through a socket that is kept: it would go on listening when its process has
  // ended. If none of them is left, neither is the group, or others keep it.
  std::vector<Member> members;
  for (const ProcessSocket& socket : sockets) {
    members.push_back({socket.text, CookieOf(socket.fd.get())});
  }
  attachment.undo = Cleanup([members = std::move(members)] { DetachThrough(members); });
  return attachment;
}

}  // namespace netc::runtime
