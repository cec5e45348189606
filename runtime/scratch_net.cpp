#include "runtime/scratch_net.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "runtime/netlink.h"
#include "runtime/route_message.h"

namespace netc::runtime {

using object::Bytes;

namespace {

// Room for the largest packet.
constexpr uint32_t kMtu = 65'535;

Failure Broken(const std::string& what, int error) {
  return {Exit::kAttach,
          fmt::format("a test's namespace cannot be built: {}: {}", what, std::strerror(error))};
}

uint8_t FamilyOf(const Bytes& address) {
  return address.size() == 4 ? AF_INET : AF_INET6;
}

std::string Shown(const Bytes& address) {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(FamilyOf(address), address.data(), text, sizeof text);
  return text;
}

bool Tell(const Fd& socket, RouteMessage& message) {
  return Ask(socket, message.Finish(), [](const nlmsghdr&) {});
}

bool MakePair(const Fd& socket, const char* name, const char* other) {
  ifinfomsg head = {};
  RouteMessage message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, head);
  message.Put(IFLA_IFNAME, std::string(name)).Put(IFLA_MTU, kMtu);
  size_t info = message.Open(IFLA_LINKINFO);
  message.Put(IFLA_INFO_KIND, std::string("veth"));
  size_t data = message.Open(IFLA_INFO_DATA);
  size_t peer = message.Open(VETH_INFO_PEER, head);
  message.Put(IFLA_IFNAME, std::string(other)).Put(IFLA_MTU, kMtu);
  message.Close(peer);
  message.Close(data);
  message.Close(info);
  return Tell(socket, message);
}

bool SetUp(const Fd& socket, const char* name) {
  ifinfomsg head = {};
  head.ifi_index = static_cast<int>(if_nametoindex(name));
  head.ifi_flags = head.ifi_change = IFF_UP;
  RouteMessage message(RTM_NEWLINK, 0, head);
  return Tell(socket, message);
}

// Of the namespace of the thread that opens it (net/sysctl_net.c).
bool Write(const char* path, const char* text) {
  Fd file(open(path, O_WRONLY | O_CLOEXEC));
  return file && write(file.get(), text, std::strlen(text)) > 0;
}

}  // namespace

Result<ScratchNet> ScratchNet::Enter() {
  Fd home(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!home) return Broken("its own namespace", errno);
  if (unshare(CLONE_NEWNET) != 0) return Broken("a network namespace", errno);
  ScratchNet net(std::move(home));
  if (auto failure = net.Build()) return *failure;
  return net;
}

ScratchNet::~ScratchNet() {
  if (home_) setns(home_.get(), CLONE_NEWNET);
}

Status ScratchNet::Build() {
  route_socket_ = OpenRouteSocket(0);
  if (!route_socket_) return Broken("netlink", errno);
  if (!SetUp(route_socket_, "lo")) return Broken("`lo`", errno);
  if (!MakePair(route_socket_, kDevice, "netc1") || !MakePair(route_socket_, kWireIn, kWireOut)) {
    return Broken("a veth pair", errno);
  }
  for (const char* name : {kWireIn, kWireOut}) {
    // Nothing is on the wire but what the test sends. A kernel may lack IPv6.
    Write(("/proc/sys/net/ipv6/conf/" + std::string(name) + "/disable_ipv6").c_str(), "1");
  }
  // The end that comes up last sends at once; the other waits for linkwatch to see
  // its carrier, and drops until then (drivers/net/veth.c, veth_open).
  for (const char* name : {kDevice, "netc1", kWireOut, kWireIn}) {
    if (!SetUp(route_socket_, name)) return Broken(name, errno);
  }
  device_ = if_nametoindex(kDevice);
  // bpf_fib_lookup finds nothing where the device that a packet came from does not
  // forward (net/core/filter.c, bpf_ipv4_fib_lookup).
  if (!Write("/proc/sys/net/ipv4/conf/all/forwarding", "1"))
    return Broken("forwarding of IPv4", errno);
  Write("/proc/sys/net/ipv6/conf/all/forwarding", "1");  // a kernel may lack IPv6
  // Cookies for all SYNs, not only when a listener has too many (2: Documentation/networking/
  // ip-sysctl.rst): bpf_tcp_gen_syncookie makes none else. A kernel may lack them.
  Write("/proc/sys/net/ipv4/tcp_syncookies", "2");
  return std::nullopt;
}

Status ScratchNet::Add(const object::AddRoute& route) {
  rtmsg head = {};
  head.rtm_family = FamilyOf(route.address);
  head.rtm_dst_len = static_cast<uint8_t>(route.length);
  head.rtm_table = RT_TABLE_MAIN;
  head.rtm_protocol = RTPROT_STATIC;
  head.rtm_scope = route.via.empty() ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  head.rtm_type = RTN_UNICAST;
  if (!route.via.empty()) head.rtm_flags = RTNH_F_ONLINK;
  RouteMessage message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, head);
  message.Put(RTA_DST, route.address.data(), route.address.size());
  message.Put(RTA_OIF, device_);
  if (!route.via.empty()) message.Put(RTA_GATEWAY, route.via.data(), route.via.size());
  std::string shown = fmt::format("{}/{}", Shown(route.address), route.length);
  if (!Tell(route_socket_, message)) {
    return Failure{Exit::kAttach, fmt::format("the kernel does not take the route to {}", shown)};
  }
  if (route.mac.empty()) return std::nullopt;
  ndmsg neighbour = {};
  neighbour.ndm_family = FamilyOf(route.via);
  neighbour.ndm_ifindex = static_cast<int>(device_);
  neighbour.ndm_state = NUD_PERMANENT;
  RouteMessage next(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, neighbour);
  next.Put(NDA_DST, route.via.data(), route.via.size());
  next.Put(NDA_LLADDR, route.mac.data(), route.mac.size());
  if (Tell(route_socket_, next)) return std::nullopt;
  return Failure{Exit::kAttach,
                 fmt::format("the kernel does not take the next hop of the route to {}", shown)};
}

Status ScratchNet::Add(const object::AddListener& listener) {
  uint8_t family = FamilyOf(listener.address);
  Fd socket(::socket(family, (listener.tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0));
  std::string shown = fmt::format("{} port {} of {}", listener.tcp ? "tcp" : "udp", listener.port,
                                  Shown(listener.address));
  auto broken = [&] {
    return Failure{Exit::kAttach,
                   fmt::format("no listener at {}: {}", shown, std::strerror(errno))};
  };
  if (!socket) return broken();
  int on = 1;
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // The address need not be one of the namespace's.
  if (family == AF_INET) setsockopt(socket.get(), IPPROTO_IP, IP_FREEBIND, &on, sizeof on);
  if (family == AF_INET6) setsockopt(socket.get(), IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof on);
  int bound;
  if (family == AF_INET) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(listener.port);
    std::memcpy(&address.sin_addr, listener.address.data(), 4);
    bound = bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  } else {
    sockaddr_in6 address = {};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(listener.port);
    std::memcpy(&address.sin6_addr, listener.address.data(), 16);
    bound = bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  if (bound != 0) return broken();
  if (listener.tcp && listen(socket.get(), 8) != 0) return broken();
  sockets_.push_back(std::move(socket));
  return std::nullopt;
}

}  // namespace netc::runtime
