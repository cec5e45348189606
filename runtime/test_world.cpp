#include "runtime/test_world.h"

#include <bpf/bpf.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "runtime/fd.h"
#include "runtime/read_file.h"

namespace netc::runtime {

std::string NoBpf() {
  static const std::string why = [] {
    int map = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "netc_probe", 4, 8, 1, nullptr);
    if (map < 0) return std::string("BPF is not available here: ") + std::strerror(errno);
    close(map);
    return std::string();
  }();
  return why;
}

std::string FixturePath(const std::string& name) {
  return std::string(NETC_FIXTURES) + "/" + name + ".bpf.o";
}

ObjectFile Fixture(const std::string& name) {
  auto text = ReadFile(FixturePath(name));
  if (!text) throw std::runtime_error(text.failure().message);
  auto object = ReadObject(object::Bytes(text->begin(), text->end()));
  if (!object) throw std::runtime_error(object.failure().message);
  return std::move(*object);
}

std::string EnterScratchNetns() {
  if (unshare(CLONE_NEWNET) != 0)
    return std::string("no network namespaces: ") + std::strerror(errno);
  const char* commands =
      "ip link set lo up && ip link add va type veth peer name vb && "
      "ip addr add 10.77.0.1/24 dev va && ip addr add 10.77.0.2/24 dev vb && "
      "ip link set va up && ip link set vb up";
  return std::system(commands) == 0 ? "" : "`ip` cannot make a veth pair here";
}

object::Bytes Frame(uint8_t source, uint8_t protocol, uint16_t sport, uint16_t dport) {
  auto high = [](uint16_t value) { return static_cast<uint8_t>(value >> 8); };
  auto low = [](uint16_t value) { return static_cast<uint8_t>(value); };
  object::Bytes frame = {
      0xff, 0xff, 0xff, 0xff,     0xff,        0xff,       2,           0,         0, 0,
      0,    1,    0x08, 0x00,     0x45,        0,          0,           40,        0, 0,
      0,    0,    64,   protocol, 0,           0,          10,          0,         0, source,
      10,   77,   0,    2,        high(sport), low(sport), high(dport), low(dport)};
  frame.resize(54);
  return frame;
}

void SendFrame(const char* interface, const object::Bytes& frame) {
  Fd out(socket(AF_PACKET, SOCK_RAW, 0));
  sockaddr_ll address = {};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = static_cast<int>(if_nametoindex(interface));
  sendto(out.get(), frame.data(), frame.size(), 0, reinterpret_cast<sockaddr*>(&address),
         sizeof address);
}

}  // namespace netc::runtime
