// Where and how a hook is attached, and what BPF_PROG_TEST_RUN does for it.
#pragma once

#include <cstdint>
#include <string_view>

#include "compiler/hooks/hook_id.h"

namespace netc::hooks {

enum class AttachScope : uint8_t {
  kDevice,  // a network interface
  kNetns,   // a network namespace
  kCgroup,  // a cgroup v2 directory
  kGroup,   // a reuseport group, through any of its sockets
  kMap,     // an entry of a device or CPU map
  kGlobal,  // the whole machine: a congestion control
  kReader,  // run by whoever reads the iterator
};

// How a program was attached before there were links, or where links don't reach.
enum class Legacy : uint8_t {
  kNone,
  kNetlinkXdp,  // IFLA_XDP
  kClsact,      // a clsact queueing discipline and a direct-action filter
  kProgAttach,  // BPF_PROG_ATTACH
  kSockopt,     // SO_ATTACH_REUSEPORT_EBPF
  kMapUpdate,   // written into the map; for a congestion control: the struct_ops map
};

struct AttachModel {
  AttachScope scope{};
  KernelVersion link_since{};  // BPF_LINK_CREATE; {0, 0}: there is no link
  Legacy legacy{};
  KernelVersion legacy_since{};
  bool several = false;           // several programs can be on one place, run in order
  KernelVersion replace_since{};  // BPF_LINK_UPDATE swaps the program at once; {0, 0}: never
  std::string_view order;         // how several programs combine
};

enum class AttributeType : uint8_t {
  kInterface,
  kMode,
  kNetns,
  kCgroup,
  kNumber,
  kFlag,
  kDevices,
  kCpus,
  kSockets,  // a state of that kind
};

struct AttachAttribute {
  std::string_view name;  // "dev"
  AttributeType type{};
  bool required = false;
  std::string_view initial;  // value without it; empty if required
  std::string_view meaning;
};

// BPF_PROG_TEST_RUN.
struct TestRun {
  bool supported = false;
  uint16_t least_bytes = 0;  // of the packet; 0: it takes no packet
  uint16_t most_bytes = 0;
  std::string_view context;  // what of the context can be given
  std::string_view lacks;    // what it can't show
};

}  // namespace netc::hooks
