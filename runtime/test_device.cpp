#include "runtime/test_device.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "runtime/libbpf_log.h"
#include "runtime/libbpf_options.h"

namespace netc::runtime {

using object::Bytes;

namespace {

constexpr const char* kWorldSection = ".data.test";

// netc_world as programs have it that tell their verdict: compiler/emit.
struct World {
  uint64_t now, random, cpu;
  int64_t verdict;
  uint64_t runs;
};

Failure Broken(const std::string& what) {
  return {Exit::kAttach, fmt::format("a test's device: {}: {}", what, std::strerror(errno))};
}

Fd PacketSocket(const char* device, uint16_t protocol) {
  Fd raw(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(protocol)));
  sockaddr_ll address = {};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(protocol);
  address.sll_ifindex = static_cast<int>(if_nametoindex(device));
  if (!raw || bind(raw.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return Fd();
  }
  return raw;
}

// A frame as it was on the wire: the kernel takes its outer VLAN tag out of the bytes.
std::optional<Bytes> Receive(const Fd& socket) {
  constexpr size_t kAddresses = 12;  // the tag stands behind them
  Bytes frame(1 << 16);
  iovec part{frame.data(), frame.size()};
  alignas(cmsghdr) uint8_t control[CMSG_SPACE(sizeof(tpacket_auxdata))];
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t size = recvmsg(socket.get(), &message, 0);
  if (size < 0) return std::nullopt;
  frame.resize(static_cast<size_t>(size));
  for (cmsghdr* each = CMSG_FIRSTHDR(&message); each; each = CMSG_NXTHDR(&message, each)) {
    if (each->cmsg_level != SOL_PACKET || each->cmsg_type != PACKET_AUXDATA) continue;
    tpacket_auxdata data;
    std::memcpy(&data, CMSG_DATA(each), sizeof data);
    if (!(data.tp_status & TP_STATUS_VLAN_VALID) || frame.size() < kAddresses) continue;
    for (uint16_t half : {data.tp_vlan_tci, data.tp_vlan_tpid}) {
      const uint8_t bytes[] = {static_cast<uint8_t>(half >> 8), static_cast<uint8_t>(half)};
      frame.insert(frame.begin() + kAddresses, bytes, bytes + sizeof bytes);
    }
  }
  return frame;
}

// Before tcx (6.6). The qdisc goes with the namespace.
bool AttachFilter(int program, int device, bpf_tc_attach_point point) {
  LogCapture quiet;
  auto hook = Options<bpf_tc_hook>();
  hook.ifindex = device;
  hook.attach_point = point;
  auto filter = Options<bpf_tc_opts>();
  filter.prog_fd = program;
  int made = bpf_tc_hook_create(&hook);
  return (made == 0 || made == -EEXIST) && bpf_tc_attach(&hook, &filter) == 0;
}

}  // namespace

Result<TestDevice> TestDevice::Attach(const Loaded& loaded, const object::Program& program) {
  TestDevice device;
  device.loaded_ = &loaded;
  device.outward_ = program.hook.ends_with("egress");
  const char* name = device.outward_ ? ScratchNet::kWireIn : ScratchNet::kWireOut;
  auto index = static_cast<int>(if_nametoindex(name));
  int fd = bpf_program__fd(loaded.FindProgram(program));
  auto options = Options<bpf_link_create_opts>();
  device.link_ =
      Fd(bpf_link_create(fd, index, device.outward_ ? BPF_TCX_EGRESS : BPF_TCX_INGRESS, &options));
  if (!device.link_ && !AttachFilter(fd, index, device.outward_ ? BPF_TC_EGRESS : BPF_TC_INGRESS)) {
    return Broken("attaching");
  }
  device.sender_ = PacketSocket(ScratchNet::kWireIn, 0);
  device.receiver_ = PacketSocket(ScratchNet::kWireOut, ETH_P_ALL);
  int yes = 1;
  if (!device.sender_ || !device.receiver_ ||
      setsockopt(device.receiver_.get(), SOL_PACKET, PACKET_AUXDATA, &yes, sizeof yes) != 0) {
    return Broken("a packet socket");
  }
  return device;
}

Result<TestDevice::Outcome> TestDevice::Send(const Bytes& packet, int patience) {
  auto memory = loaded_->Variable(kWorldSection, loaded_->info().test_world);
  if (memory.size() < sizeof(World)) {
    return Failure{
        Exit::kPipeline, "the program does not tell what it decides", {"this is a bug in netc"}};
  }
  auto& world = *reinterpret_cast<volatile World*>(memory.data());
  uint64_t before = world.runs;
  for (uint8_t none[1]; recv(receiver_.get(), none, sizeof none, MSG_DONTWAIT) >= 0;) {
  }
  // ENOBUFS also where the program at egress dropped it (net/core/dev.c, 6.18: net_xmit_errno).
  bool sent = send(sender_.get(), packet.data(), packet.size(), 0) >= 0;
  if (!sent && world.runs == before) {
    return Failure{Exit::kAttach, fmt::format("no device sends this packet of {} bytes: {}",
                                              packet.size(), std::strerror(errno))};
  }
  for (int waited = 0; world.runs == before && waited < patience; ++waited) usleep(1000);
  if (world.runs == before) {
    return Failure{
        Exit::kAttach,
        fmt::format("this packet of {} bytes does not come to the program", packet.size())};
  }
  Outcome outcome{world.verdict, std::nullopt};
  // `pass` and `accept` let it out; a packet that was dropped is waited for in vain.
  bool leaves = outward_ && outcome.code <= 0;
  pollfd ready{receiver_.get(), POLLIN, 0};
  if (leaves && poll(&ready, 1, patience) > 0) outcome.packet = Receive(receiver_);
  return outcome;
}

}  // namespace netc::runtime
