#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cerrno>

#include "runtime/attach_site.h"
#include "runtime/clsact.h"
#include "runtime/interface.h"
#include "runtime/libbpf_options.h"

namespace netc::runtime {

namespace {

Result<Attachment> Attach(const Site& site, bpf_attach_type type, bpf_tc_attach_point point) {
  auto interface = FindInterface(site);
  if (!interface) return interface.failure();
  auto options = Options<bpf_link_create_opts>();
  Fd link(bpf_link_create(site.fd(), static_cast<int>(interface->index), type, &options));
  int error = link ? 0 : errno;
  // Only the system call knows whether this kernel has tcx: backports make the
  // version number useless. EINVAL is what kernels without it answer.
  if (!link && error == EINVAL) return AttachClsact(site, *interface, point);
  if (!link) return site.Failed(fmt::format("`{}`", interface->name), error);
  Attachment attachment = site.Begin();
  attachment.where = interface->name;
  attachment.ifindex = interface->index;
  attachment.mode = "tcx";
  attachment.link = std::move(link);
  return attachment;
}

}  // namespace

Result<Attachment> AttachTcIngress(const Site& site) {
  return Attach(site, BPF_TCX_INGRESS, BPF_TC_INGRESS);
}

Result<Attachment> AttachTcEgress(const Site& site) {
  return Attach(site, BPF_TCX_EGRESS, BPF_TC_EGRESS);
}

}  // namespace netc::runtime
