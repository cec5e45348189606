#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "runtime/attach_site.h"
#include "runtime/interface.h"
#include "runtime/libbpf_options.h"

namespace netc::runtime {

namespace {

struct ModeRow {
  std::string_view name;
  uint32_t flag;     // of the system call
  uint8_t attached;  // as the kernel reports it
};

constexpr ModeRow kModes[] = {{"native", XDP_FLAGS_DRV_MODE, XDP_ATTACHED_DRV},
                              {"generic", XDP_FLAGS_SKB_MODE, XDP_ATTACHED_SKB},
                              {"offload", XDP_FLAGS_HW_MODE, XDP_ATTACHED_HW}};

const ModeRow* FindMode(std::string_view name) {
  for (const ModeRow& row : kModes) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

int MtuOf(const std::string& name) {
  Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request = {};
  name.copy(request.ifr_name, sizeof request.ifr_name - 1);
  return ioctl(socket.get(), SIOCGIFMTU, &request) == 0 ? request.ifr_mtu : 0;
}

// The name of the interface's driver, as ethtool has it.
std::string DriverOf(const std::string& name) {
  Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ethtool_drvinfo info = {};
  info.cmd = ETHTOOL_GDRVINFO;
  ifreq request = {};
  name.copy(request.ifr_name, sizeof request.ifr_name - 1);
  request.ifr_data = reinterpret_cast<char*>(&info);
  return ioctl(socket.get(), SIOCETHTOOL, &request) == 0 ? info.driver : "";
}

// A packet that a local sender left for the device to sum has a checksum over its pseudo
// header alone. These hand such packets to XDP, which can't tell.
void NotePartialSums(const Site& site, Attachment& attachment) {
  if (!site.program().changes_sums) return;
  std::string driver = DriverOf(attachment.where);
  bool generic = attachment.mode == "generic";
  if (!generic && driver != "veth" && driver != "tun") return;
  attachment.notes.push_back(
      fmt::format("{} changes checksums on {}, where packets of local senders may come with "
                  "unfinished ones ({}): these will be wrong; rewrite in tc, or turn the senders' "
                  "transmit checksums off",
                  site.program().name, attachment.where,
                  generic           ? "generic mode"
                  : driver == "tun" ? "a tap or tun device"
                                    : "veth"));
}

// The mode that the kernel says the program runs in, which need not be the one
// that was asked for.
std::string ObtainedMode(uint32_t ifindex) {
  auto query = Options<bpf_xdp_query_opts>();
  if (bpf_xdp_query(static_cast<int>(ifindex), 0, &query) != 0) return "mode unknown";
  for (const ModeRow& row : kModes) {
    if (row.attached == query.attach_mode) return std::string(row.name);
  }
  return query.attach_mode == XDP_ATTACHED_MULTI ? "several modes" : "detached";
}

std::string DescribeProgram(uint32_t id) {
  Fd program(bpf_prog_get_fd_by_id(id));
  bpf_prog_info info = {};
  uint32_t size = sizeof info;
  if (!program || bpf_prog_get_info_by_fd(program.get(), &info, &size) != 0) {
    return fmt::format("program {}", id);
  }
  return fmt::format("`{}` (program {})", info.name, id);
}

Failure Busy(const Site& site, const Interface& interface) {
  auto query = Options<bpf_xdp_query_opts>();
  std::string holder = "another XDP program";
  if (bpf_xdp_query(static_cast<int>(interface.index), 0, &query) == 0 && query.prog_id != 0) {
    holder = DescribeProgram(query.prog_id);
  }
  Failure failure =
      site.Failed(fmt::format("`{}`", interface.name), fmt::format("{} is there already", holder));
  failure.details = {
      "an interface runs one XDP program in a mode; netc replaces none that it did not attach",
      fmt::format("see `bpftool net show dev {0}`; `ip link set {0} xdp off` removes one that has "
                  "no link",
                  interface.name)};
  return failure;
}

Failure Explain(const Site& site, const Interface& interface, const ModeRow& mode, int error) {
  if (error == EBUSY || error == EEXIST) return Busy(site, interface);
  std::string where = fmt::format("`{}`, {}", interface.name, mode.name);
  Failure failure = site.Failed(where, error);
  if (error == EOPNOTSUPP || (error == EINVAL && mode.flag == XDP_FLAGS_HW_MODE)) {
    failure.message = site.Failed(where, "its driver cannot").message;
  }
  bool frags = site.Attribute("frags").value_or("no") == "yes";
  if (error == ERANGE && !frags) {
    failure.message =
        site.Failed(where, fmt::format("its MTU of {} is more than a frame in one piece may have",
                                       MtuOf(interface.name)))
            .message;
    failure.details.push_back(
        fmt::format("here: `on xdp {} (…, frags: yes)`, so that it takes frames in several pieces",
                    site.program().name));
  } else if (error == ERANGE || error == EINVAL) {
    failure.details.push_back(
        "the driver may refuse the interface's MTU, its queues or its offloads");
  }
  if (error != EPERM && mode.flag != XDP_FLAGS_SKB_MODE) {
    failure.details.push_back(
        "generic mode works on any interface but is slower: --mode generic, "
        "or --mode any to take it where native fails");
  }
  return failure;
}

// The link, or the errno that refused it.
std::pair<Fd, int> TryMode(const Site& site, const Interface& interface, const ModeRow& mode) {
  auto options = Options<bpf_link_create_opts>();
  options.flags = mode.flag;
  int link = bpf_link_create(site.fd(), static_cast<int>(interface.index), BPF_XDP, &options);
  return link >= 0 ? std::pair(Fd(link), 0) : std::pair(Fd(), errno);
}

Attachment Finish(const Site& site, const Interface& interface, Fd link) {
  Attachment attachment = site.Begin();
  attachment.where = interface.name;
  attachment.ifindex = interface.index;
  attachment.mode = ObtainedMode(interface.index);
  attachment.link = std::move(link);
  NotePartialSums(site, attachment);
  return attachment;
}

Result<Attachment> AttachAnyMode(const Site& site, const Interface& interface) {
  const ModeRow& native = *FindMode("native");
  const ModeRow& generic = *FindMode("generic");
  auto [link, error] = TryMode(site, interface, native);
  if (link) return Finish(site, interface, std::move(link));
  if (error == EBUSY || error == EEXIST || error == EPERM)
    return Explain(site, interface, native, error);
  auto [fallback, second_error] = TryMode(site, interface, generic);
  if (!fallback) return Explain(site, interface, generic, second_error);
  Attachment attachment = Finish(site, interface, std::move(fallback));
  attachment.notes.push_back(
      fmt::format("native mode failed on {} ({}): running in generic mode, which is slower",
                  interface.name, std::strerror(error)));
  return attachment;
}

}  // namespace

Result<Attachment> AttachXdp(const Site& site) {
  auto interface = FindInterface(site);
  if (!interface) return interface.failure();
  std::string wanted = site.Attribute("mode").value_or("native");
  if (wanted == "any") return AttachAnyMode(site, *interface);
  const ModeRow* mode = FindMode(wanted);
  if (mode == nullptr) {
    return Failure{Exit::kUsage,
                   fmt::format("`{}` is no XDP mode", wanted),
                   {"there is: native, generic, offload, any"},
                   site.program().place};
  }
  auto [link, error] = TryMode(site, *interface, *mode);
  if (!link) return Explain(site, *interface, *mode, error);
  return Finish(site, *interface, std::move(link));
}

}  // namespace netc::runtime
