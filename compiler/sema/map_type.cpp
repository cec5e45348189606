// Which map a state is kept in.
#include "compiler/sema/kernel_call.h"

namespace netc::sema {

namespace {
// Numbers of enum bpf_map_type (include/uapi/linux/bpf.h).
enum MapType : uint32_t {
  kHash = 1,
  kArray = 2,
  kPercpuHash = 5,
  kPercpuArray = 6,
  kLruHash = 9,
  kLruPercpuHash = 10,
  kLpmTrie = 11,
  kArrayOfMaps = 12,
  kHashOfMaps = 13,
  kDevmap = 14,
  kSockmap = 15,
  kCpumap = 16,
  kXskmap = 17,
  kCgroupStorage = 19,
  kReuseportSockarray = 20,
  kQueue = 22,
  kStack = 23,
  kSkStorage = 24,
  kDevmapHash = 25,
  kTaskStorage = 29,
  kCgrpStorage = 32,
};
}  // namespace

uint32_t MapTypeNumber(const State& state, hooks::KernelVersion floor) {
  if (state.scope == StateScope::kSocket) return kSkStorage;
  if (state.scope == StateScope::kTask) return kTaskStorage;
  if (state.scope == StateScope::kCgroup) {
    return floor < hooks::kCgroupLocalStorage ? kCgroupStorage : kCgrpStorage;
  }
  bool per_cpu = state.scope == StateScope::kCpu;
  switch (state.kind) {
    case StateKind::kArray:
    case StateKind::kValue:
      return per_cpu ? kPercpuArray : kArray;
    case StateKind::kPrefixes:
    case StateKind::kPrefixSet:
      return kLpmTrie;
    case StateKind::kQueue:
      return kQueue;
    case StateKind::kStack:
      return kStack;
    case StateKind::kSockets:
      return kSockmap;
    case StateKind::kReuseportSockets:
      return kReuseportSockarray;
    case StateKind::kDevices:
      return kDevmap;
    case StateKind::kInterfaces:
      return kDevmapHash;
    case StateKind::kCpus:
      return kCpumap;
    case StateKind::kXdpSockets:
      return kXskmap;
    default:
      break;
  }
  if (!state.key) return per_cpu ? kPercpuArray : kArray;
  bool lru = state.lru || state.kind == StateKind::kLru;
  if (per_cpu) return lru ? kLruPercpuHash : kPercpuHash;
  return lru ? kLruHash : kHash;
}

std::vector<uint32_t> MapTypeNumbers(const State& state, hooks::KernelVersion floor) {
  std::vector<uint32_t> numbers = {MapTypeNumber(state, floor)};
  if (state.swappable) numbers.push_back(kArrayOfMaps);
  if (state.kind == StateKind::kRing) {
    numbers.push_back(state.ring_key ? kHashOfMaps : kArrayOfMaps);
  }
  return numbers;
}

}  // namespace netc::sema
