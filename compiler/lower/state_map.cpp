#include "compiler/lower/state_map.h"

#include <algorithm>

#include "compiler/hooks/maps.h"
#include "compiler/sema/kernel_call.h"

namespace netc::lower {

using sema::StateKind;
using sema::StateScope;

bool IsTimed(const sema::State& state) {
  return state.expires_ns || state.idle_ns;
}

bool IsQueue(StateKind kind) {
  return kind == StateKind::kQueue || kind == StateKind::kStack;
}

bool IsPrefixMap(StateKind kind) {
  return kind == StateKind::kPrefixes || kind == StateKind::kPrefixSet;
}

const char* KindName(StateKind kind) {
  switch (kind) {
    case StateKind::kHash:
      return "hash";
    case StateKind::kLru:
      return "lru";
    case StateKind::kArray:
      return "array";
    case StateKind::kPrefixes:
      return "prefixes";
    case StateKind::kPrefixSet:
      return "prefix_set";
    case StateKind::kSet:
      return "set";
    case StateKind::kCounter:
      return "counter";
    case StateKind::kHistogram:
      return "histogram";
    case StateKind::kLimiter:
      return "limiter";
    case StateKind::kPacer:
      return "pacer";
    case StateKind::kQueue:
      return "queue";
    case StateKind::kSockets:
      return "sockets";
    case StateKind::kReuseportSockets:
      return "reuseport_sockets";
    case StateKind::kDevices:
      return "devices";
    case StateKind::kInterfaces:
      return "interfaces";
    case StateKind::kCpus:
      return "cpus";
    case StateKind::kXdpSockets:
      return "xdp_sockets";
    case StateKind::kValue:
      return "value";
    case StateKind::kStack:
      return "stack";
    case StateKind::kRing:
      return "ring";
  }
  return "";
}

namespace {

// Numbers of enum bpf_map_type (include/uapi/linux/bpf.h).
constexpr uint32_t kArray = 2, kPercpuArray = 6, kCgroupStorage = 19;

ir::Type ValueOf(const sema::State& state, Types& types) {
  switch (state.kind) {
    case StateKind::kSet:
    case StateKind::kPrefixSet:
      return ir::Unsigned(8);
    case StateKind::kCounter:
    case StateKind::kSockets:
    case StateKind::kReuseportSockets:
    case StateKind::kLimiter:
    case StateKind::kPacer:
      return ir::Unsigned(64);
    case StateKind::kDevices:
    case StateKind::kInterfaces:
    case StateKind::kCpus:
      // Number or queue, and a program: struct bpf_devmap_val, bpf_cpumap_val.
      return ir::Unsigned(64);
    case StateKind::kXdpSockets:
      return ir::Unsigned(32);
    default:
      return state.value ? types.Of(*state.value) : ir::Unsigned(8);
  }
}

}  // namespace

namespace {
// The value, and behind it when it will be gone: see object::State.
ir::Type TimedOf(const sema::State& state, ir::Type value, Types& types) {
  ir::Struct timed{"netc_timed_" + CName(state.name), "", {{value, "value"}}};
  if (state.expires_ns) timed.members.push_back({ir::Unsigned(64), "expires_at"});
  if (state.idle_ns) timed.members.push_back({ir::Unsigned(64), "idle_at"});
  return ir::StructType(types.AddStruct(std::move(timed)));
}
}  // namespace

ir::Map MapOf(const sema::State& state, Types& types, hooks::KernelVersion floor) {
  bool storage = sema::IsStorage(state.scope);
  const hooks::MapType& type = *hooks::FindMapType(sema::MapTypeNumber(state, floor));
  ir::Map map;
  map.name = CName(state.name);
  map.comment = state.documentation;
  map.type = hooks::CNameOf(type);
  map.type_number = type.number;
  bool indexed = type.number == kArray || type.number == kPercpuArray || sema::IsSlots(state.kind);
  if (IsPrefixMap(state.kind)) {
    sema::TypeId key = *state.key;
    bool prefix = types.table()[key].kind == sema::TypeKind::kPrefix;
    map.key = types.PrefixOf(prefix ? types.table()[key].element : key);
    map.flags = 1;  // BPF_F_NO_PREALLOC: the kernel asks for it
  } else if (indexed) {
    map.key = ir::Unsigned(32);
  } else if (state.key) {
    map.key = types.Of(*state.key);
  }
  map.value = ValueOf(state, types);
  if (IsTimed(state)) map.value = TimedOf(state, *map.value, types);
  map.swappable = state.swappable;
  map.entries = std::max<uint64_t>(state.capacity, 1);
  if (storage) {
    // The kernel's own key: a file descriptor, of the old kind the number of a cgroup.
    bool old = type.number == kCgroupStorage;
    map.key = old ? ir::Unsigned(64) : ir::Signed(32);
    map.entries = 0;
    map.flags = old ? 0 : 1;
  }
  return map;
}

}  // namespace netc::lower
