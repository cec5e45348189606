#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "runtime/attach_site.h"
#include "runtime/libbpf_log.h"

namespace netc::runtime {

namespace {

// One pass over all sockets: the kernel runs the program while it is read from.
// Which ones is decided by the namespace of the thread that opens the iterator.
Status SweepOnce(int link, int netns, const std::string& name) {
  auto failed = [&] {
    return Failure{Exit::kAttach,
                   fmt::format("the sweep `{}` stopped: {}", name, std::strerror(errno))};
  };
  Fd home(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!home || setns(netns, CLONE_NEWNET) != 0) return failed();
  Fd pass(bpf_iter_create(link));
  int error = pass ? 0 : errno;
  if (setns(home.get(), CLONE_NEWNET) != 0) return failed();
  if (!pass) return errno = error, failed();
  char output[4096];
  ssize_t got = 0;
  do {
    got = read(pass.get(), output, sizeof output);
  } while (got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN)));
  if (got < 0) return failed();
  return std::nullopt;
}

}  // namespace

// Without `every` it runs once.
Result<Attachment> AttachSweep(const Site& site) {
  std::chrono::nanoseconds every{};
  if (site.Attribute("every")) {
    auto duration = site.RequiredDuration("every");
    if (!duration) return duration.failure();
    every = *duration;
  }
  std::string name = site.Attribute("netns").value_or("self");
  std::string path = NetnsPath(name);
  auto netns = std::make_shared<Fd>(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!*netns) {
    return site.Failed(fmt::format("network namespace `{}`", name),
                       fmt::format("`{}`: {}", path, std::strerror(errno)));
  }
  LogCapture log;
  bpf_link* link = bpf_program__attach_iter(site.bpf(), nullptr);
  if (link == nullptr) return site.Failed("the sockets", errno);
  std::shared_ptr<bpf_link> held(link, bpf_link__destroy);
  Attachment attachment = site.Begin();
  attachment.where = fmt::format("TCP sockets of netns {}", name);
  attachment.every = every;
  attachment.sweep = [held, netns, block = site.program().name] {
    return SweepOnce(bpf_link__fd(held.get()), netns->get(), block);
  };
  return attachment;
}

}  // namespace netc::runtime
