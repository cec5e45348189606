#include "runtime/clsact.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "runtime/libbpf_log.h"
#include "runtime/libbpf_options.h"
#include "runtime/tc_filters.h"

namespace netc::runtime {

namespace {

bpf_tc_hook Hook(uint32_t ifindex, int point) {
  auto hook = Options<bpf_tc_hook>();
  hook.ifindex = static_cast<int>(ifindex);
  hook.attach_point = static_cast<bpf_tc_attach_point>(point);
  return hook;
}

void Remove(uint32_t ifindex, bpf_tc_attach_point point, uint32_t handle, uint32_t priority,
            bool made_qdisc) {
  LogCapture quiet;
  bpf_tc_hook hook = Hook(ifindex, point);
  auto filter = Options<bpf_tc_opts>();
  filter.handle = handle;
  filter.priority = priority;
  bpf_tc_detach(&hook, &filter);
  if (!made_qdisc || HasTcFilters(ifindex)) return;
  bpf_tc_hook both = Hook(ifindex, BPF_TC_INGRESS | BPF_TC_EGRESS);
  bpf_tc_hook_destroy(&both);
}

}  // namespace

Result<Attachment> AttachClsact(const Site& site, const Interface& interface,
                                bpf_tc_attach_point point) {
  LogCapture log;
  std::string where = fmt::format("`{}`", interface.name);
  auto filter = Options<bpf_tc_opts>();
  filter.prog_fd = site.fd();
  // Filters of lower numbers run first; the kernel takes 16 bits (tcm_info).
  std::string priority = site.Attribute("priority").value_or("1");
  if (std::from_chars(priority.data(), priority.data() + priority.size(), filter.priority).ec !=
          std::errc() ||
      filter.priority == 0 || filter.priority > 0xffff) {
    return Failure{Exit::kUsage,
                   fmt::format("`{}` is no priority from 1 to 65535", priority),
                   {},
                   site.program().place};
  }
  bpf_tc_hook hook = Hook(interface.index, point);
  int made = bpf_tc_hook_create(&hook);
  if (made != 0 && made != -EEXIST) return site.Failed(where, -made);
  if (int error = bpf_tc_attach(&hook, &filter); error != 0) {
    if (made == 0 && !HasTcFilters(interface.index)) {
      bpf_tc_hook both = Hook(interface.index, BPF_TC_INGRESS | BPF_TC_EGRESS);
      bpf_tc_hook_destroy(&both);
    }
    return site.Failed(where, -error);
  }
  Attachment attachment = site.Begin();
  attachment.where = interface.name;
  attachment.ifindex = interface.index;
  attachment.mode = "clsact";
  attachment.notes.push_back(
      "this kernel has no tcx: if netc is killed, the filter stays; `tc "
      "filter del` removes it");
  attachment.undo =
      Cleanup([ifindex = interface.index, point, handle = filter.handle, priority = filter.priority,
               qdisc = made == 0] { Remove(ifindex, point, handle, priority, qdisc); });
  return attachment;
}

}  // namespace netc::runtime
