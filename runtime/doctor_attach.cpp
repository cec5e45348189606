#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>

#include "runtime/doctor_probe.h"
#include "runtime/libbpf_log.h"
#include "runtime/libbpf_options.h"

#ifndef SO_ATTACH_REUSEPORT_EBPF
#define SO_ATTACH_REUSEPORT_EBPF 52
#endif

namespace netc::runtime {

namespace {

// The loopback interface, the only one of a new network namespace.
constexpr int kLoopback = 1;
// Registers a congestion control through a link (include/uapi/linux/bpf.h, 6.4).
constexpr uint32_t kMapLink = 1u << 13;

ProbeAnswer Said(bool works) {
  return {true, works ? 0 : errno, {}};
}

ProbeAnswer NotTried(std::string why) {
  return {false, 0, std::move(why)};
}

ProbeAnswer TryLink(int program, int target, int type, uint32_t flags = 0) {
  auto options = Options<bpf_link_create_opts>();
  options.flags = flags;
  const Fd link(bpf_link_create(program, target, static_cast<bpf_attach_type>(type), &options));
  return Said(static_cast<bool>(link));
}

ProbeAnswer TryClsact(const hooks::Hook& hook, int program) {
  // One discipline serves both directions, and is removed with all its filters.
  static std::mutex one;
  const std::lock_guard<std::mutex> lock(one);
  auto place = Options<bpf_tc_hook>();
  place.ifindex = kLoopback;
  place.attach_point =
      hook.attach_type == hooks::AttachType::kTcxEgress ? BPF_TC_EGRESS : BPF_TC_INGRESS;
  const int made = bpf_tc_hook_create(&place);
  if (made != 0 && made != -EEXIST) return {true, -made, "no clsact queueing discipline"};
  auto filter = Options<bpf_tc_opts>();
  filter.prog_fd = program;
  const int attached = bpf_tc_attach(&place, &filter);
  place.attach_point = static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS);
  bpf_tc_hook_destroy(&place);
  return {true, -attached, {}};
}

ProbeAnswer TryNetlink(int program) {
  const int attached = bpf_xdp_attach(kLoopback, program, XDP_FLAGS_SKB_MODE, nullptr);
  if (attached == 0) bpf_xdp_detach(kLoopback, XDP_FLAGS_SKB_MODE, nullptr);
  return {true, -attached, {}};
}

ProbeAnswer TryProgAttach(const hooks::Hook& hook, int program, int cgroup) {
  const auto type = static_cast<bpf_attach_type>(hook.attach_type);
  ProbeAnswer answer = Said(bpf_prog_attach(program, cgroup, type, 0) == 0);
  if (answer.works()) bpf_prog_detach2(program, cgroup, type);
  return answer;
}

ProbeAnswer TryGroup(int program) {
  const Fd socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  sockaddr_in any{};
  any.sin_family = AF_INET;
  setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
  bind(socket_.get(), reinterpret_cast<sockaddr*>(&any), sizeof any);
  return Said(setsockopt(socket_.get(), SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &program,
                         sizeof program) == 0);
}

// Entries of both kinds of map hold a number, then a program (struct bpf_devmap_val,
// struct bpf_cpumap_val).
ProbeAnswer TryMap(const hooks::Hook& hook, int program) {
  const bool device = hook.attach_type == hooks::AttachType::kXdpDevmap;
  const Fd map(bpf_map_create(device ? BPF_MAP_TYPE_DEVMAP : BPF_MAP_TYPE_CPUMAP, "netc_doctor", 4,
                              8, 1, nullptr));
  if (!map) return {true, errno, "the map can't be made"};
  const int key = 0;
  const int value[2] = {device ? kLoopback : 64, program};
  return Said(bpf_map_update_elem(map.get(), &key, value, 0) == 0);
}

// The kernel wants the types of the program's own source beside its own; which, it
// doesn't look at (6.18 kernel/bpf/syscall.c, map_create).
KernelTypes SomeTypes() {
  KernelTypes types(btf__new_empty());
  btf__add_int(types.get(), "int", 4, BTF_INT_SIGNED);
  btf__load_into_kernel(types.get());
  return types;
}

// Registering needs a whole algorithm; that its map can be made tells the way.
ProbeAnswer TryStructOps(const btf* types, uint32_t flags) {
  const int id =
      types == nullptr
          ? -ENOENT
          : btf__find_by_name_kind(types, "bpf_struct_ops_tcp_congestion_ops", BTF_KIND_STRUCT);
  if (id < 0) return {true, ENOENT, "this kernel has no struct_ops for congestion controls"};
  auto options = Options<bpf_map_create_opts>();
  options.btf_vmlinux_value_type_id = static_cast<uint32_t>(id);
  options.map_flags = flags;
  const KernelTypes own = SomeTypes();
  options.btf_fd = static_cast<uint32_t>(btf__fd(own.get()));
  const auto size = static_cast<uint32_t>(btf__resolve_size(types, static_cast<uint32_t>(id)));
  const Fd map(bpf_map_create(BPF_MAP_TYPE_STRUCT_OPS, "netc_doctor", 4, size, 1, &options));
  return Said(static_cast<bool>(map));
}

ProbeAnswer TryLinkOf(const hooks::Hook& hook, int program, const btf* types,
                      const ScratchPlaces& places) {
  const auto type = static_cast<int>(hook.attach_type);
  switch (hook.attach.scope) {
    case hooks::AttachScope::kDevice:
      if (!places.own_netns()) return NotTried("no network namespace can be made");
      return TryLink(program, kLoopback, type,
                     hook.prog_type == hooks::ProgType::kXdp ? XDP_FLAGS_SKB_MODE : 0);
    case hooks::AttachScope::kNetns:
      if (!places.own_netns()) return NotTried("no network namespace can be made");
      return TryLink(program, places.netns(), type);
    case hooks::AttachScope::kCgroup:
      if (places.cgroup() < 0) return NotTried("no cgroup can be made");
      return TryLink(program, places.cgroup(), type);
    case hooks::AttachScope::kReader:
      return TryLink(program, 0, type);
    case hooks::AttachScope::kGlobal:
      return TryStructOps(types, kMapLink);
    case hooks::AttachScope::kGroup:
    case hooks::AttachScope::kMap:
      break;
  }
  return NotTried("");
}

ProbeAnswer TryLegacyOf(const hooks::Hook& hook, int program, const btf* types,
                        const ScratchPlaces& places) {
  switch (hook.attach.legacy) {
    case hooks::Legacy::kNone:
      return NotTried("");
    case hooks::Legacy::kNetlinkXdp:
      return places.own_netns() ? TryNetlink(program)
                                : NotTried("no network namespace can be made");
    case hooks::Legacy::kClsact:
      return places.own_netns() ? TryClsact(hook, program)
                                : NotTried("no network namespace can be made");
    case hooks::Legacy::kProgAttach:
      return places.cgroup() < 0 ? NotTried("no cgroup can be made")
                                 : TryProgAttach(hook, program, places.cgroup());
    case hooks::Legacy::kSockopt:
      return TryGroup(program);
    case hooks::Legacy::kMapUpdate:
      return hook.attach.scope == hooks::AttachScope::kMap ? TryMap(hook, program)
                                                           : TryStructOps(types, 0);
  }
  return NotTried("");
}

}  // namespace

ScratchPlaces::ScratchPlaces(const std::string& cgroup2) {
  own_netns_ = unshare(CLONE_NEWNET) == 0;
  netns_ = Fd(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (cgroup2.empty()) return;
  path_ = fmt::format("{}/netc-doctor-{}", cgroup2, getpid());
  if (mkdir(path_.c_str(), 0755) != 0) {
    path_.clear();
    return;
  }
  cgroup_ = Fd(open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

ScratchPlaces::~ScratchPlaces() {
  cgroup_.Close();
  if (!path_.empty()) rmdir(path_.c_str());
}

void ProbeAttach(const hooks::Hook& hook, int program, const btf* types,
                 const ScratchPlaces& places, HookHealth& health) {
  const LogCapture quiet;  // libbpf tells of netlink's answers on its own
  health.link = TryLinkOf(hook, program, types, places);
  health.legacy = TryLegacyOf(hook, program, types, places);
}

}  // namespace netc::runtime
