#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

#include "runtime/attach_site.h"

namespace netc::runtime {

// There is no link for a reuseport group: a program is set, and taken away again,
// through any socket of the group. `group` names the state that holds its sockets.
Result<Attachment> AttachReuseport(const Site& site) {
  auto group = site.Required("group");
  if (!group) return group.failure();
  const std::vector<Fd>& sockets = site.loaded().Sockets(*group);
  if (sockets.empty()) {
    return Failure{Exit::kUsage,
                   fmt::format("`{}` has no socket in `{}`, through which it could be attached",
                               site.program().name, *group),
                   {fmt::format("give one: --socket {}[0]=pid:PID,port:PORT", *group)},
                   site.program().place};
  }
  std::string where = fmt::format("the group of `{}`", *group);
  int program = site.fd();
  if (setsockopt(sockets.front().get(), SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &program,
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
  auto held = std::make_shared<Fd>(fcntl(sockets.front().get(), F_DUPFD_CLOEXEC, 0));
  attachment.undo = Cleanup([held] {
    int none = 0;
    setsockopt(held->get(), SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &none, sizeof none);
  });
  return attachment;
}

}  // namespace netc::runtime
