#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "runtime/attach_site.h"
#include "runtime/libbpf_options.h"

namespace netc::runtime {

namespace {

// Where cgroup v2 is mounted: not always at /sys/fs/cgroup.
std::string CgroupRoot() {
  std::ifstream mounts("/proc/self/mounts");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::string device, path, type;
    if (fields >> device >> path >> type && type == "cgroup2") return path;
  }
  return {};
}

bool IsCgroup2(int fd) {
  struct statfs info = {};
  return fstatfs(fd, &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC;
}

Failure NoCgroup(const Site& site, const std::string& where, const std::string& why) {
  Failure failure = site.Failed(where, why);
  std::string root = CgroupRoot();
  failure.details = {root.empty() ? "no cgroup v2 is mounted: mount -t cgroup2 none /sys/fs/cgroup"
                                  : fmt::format("cgroup v2 is mounted at {}", root)};
  return failure;
}

}  // namespace

// `cgroup` is a path; one that does not begin with `/` is below the cgroup root.
Result<Attachment> AttachCgroup(const Site& site) {
  auto name = site.Required("cgroup");
  if (!name) return name.failure();
  std::string path = name->starts_with('/') ? *name : CgroupRoot() + "/" + *name;
  std::string where = fmt::format("cgroup `{}`", path);
  Fd cgroup(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!cgroup) return NoCgroup(site, where, std::strerror(errno));
  if (!IsCgroup2(cgroup.get())) return NoCgroup(site, where, "this is no cgroup of version 2");
  auto options = Options<bpf_link_create_opts>();
  bpf_attach_type type = bpf_program__expected_attach_type(site.bpf());
  Fd link(bpf_link_create(site.fd(), cgroup.get(), type, &options));
  if (!link) {
    int error = errno;
    Failure failure = site.Failed(where, error);
    // A program attached without BPF_F_ALLOW_MULTI above or here shuts others out.
    if (error == EPERM) {
      failure.details.push_back("a program attached here or above may allow no other beside it");
    }
    return failure;
  }
  Attachment attachment = site.Begin();
  attachment.where = path;
  attachment.link = std::move(link);
  return attachment;
}

}  // namespace netc::runtime
