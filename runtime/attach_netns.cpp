#include <bpf/bpf.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "runtime/attach_site.h"
#include "runtime/libbpf_options.h"

namespace netc::runtime {

std::string NetnsPath(const std::string& name) {
  if (name == "self") return "/proc/self/ns/net";
  return name.find('/') == std::string::npos ? "/run/netns/" + name : name;
}

// `netns` is "self", a name that `ip netns` knows, or a path.
Result<Attachment> AttachNetns(const Site& site) {
  std::string name = site.Attribute("netns").value_or("self");
  std::string path = NetnsPath(name);
  std::string where = fmt::format("network namespace `{}`", name);
  Fd netns(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!netns) return site.Failed(where, fmt::format("`{}`: {}", path, std::strerror(errno)));
  auto options = Options<bpf_link_create_opts>();
  Fd link(bpf_link_create(site.fd(), netns.get(), BPF_SK_LOOKUP, &options));
  if (!link) {
    int error = errno;
    if (error == EINVAL) return site.Failed(where, "this is no network namespace");
    return site.Failed(where, error);
  }
  Attachment attachment = site.Begin();
  attachment.where = "netns " + name;
  attachment.link = std::move(link);
  return attachment;
}

}  // namespace netc::runtime
