#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "runtime/attach_site.h"
#include "runtime/libbpf_log.h"

namespace netc::runtime {

namespace {

// One pass over all sockets: the kernel runs the program while it is read from.
Status SweepOnce(int link, const std::string& name) {
  auto failed = [&] {
    return Failure{Exit::kAttach,
                   fmt::format("the sweep `{}` stopped: {}", name, std::strerror(errno))};
  };
  Fd pass(bpf_iter_create(link));
  if (!pass) return failed();
  char output[4096];
  ssize_t got = 0;
  do {
    got = read(pass.get(), output, sizeof output);
  } while (got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN)));
  if (got < 0) return failed();
  return std::nullopt;
}

}  // namespace

Result<Attachment> AttachSweep(const Site& site) {
  auto every = site.RequiredDuration("every");
  if (!every) return every.failure();
  LogCapture log;
  bpf_link* link = bpf_program__attach_iter(site.bpf(), nullptr);
  if (link == nullptr) return site.Failed("the sockets", errno);
  std::shared_ptr<bpf_link> held(link, bpf_link__destroy);
  Attachment attachment = site.Begin();
  attachment.where = "all TCP sockets";
  attachment.every = *every;
  attachment.sweep = [held, name = site.program().name] {
    return SweepOnce(bpf_link__fd(held.get()), name);
  };
  return attachment;
}

}  // namespace netc::runtime
