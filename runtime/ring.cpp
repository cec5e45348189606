#include "runtime/ring.h"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include "compiler/object/host_order.h"
#include "runtime/fd.h"
#include "runtime/libbpf_options.h"
#include "runtime/state_map.h"

namespace netc::runtime {

using object::Bytes;
using object::Entry;

namespace {

// The language's hash() of the bytes and one more (section 6).
uint32_t Hash(const Bytes& bytes, uint8_t last) {
  uint32_t hash = 2166136261U;
  auto take = [&hash](uint8_t byte) { hash = (hash ^ byte) * 16777619U; };
  for (uint8_t byte : bytes) take(byte);
  take(last);
  hash = (hash ^ hash >> 16) * 0x85ebca6bU;
  hash = (hash ^ hash >> 13) * 0xc2b2ae35U;
  return hash ^ hash >> 16;
}

// A member on its way through the buckets, of which it prefers each to the next.
struct Walker {
  uint32_t index;
  uint32_t weight;
  uint32_t next, skip;
  uint64_t credit = 0;
};

}  // namespace

std::vector<uint32_t> FillRing(const std::vector<RingMember>& members, uint32_t buckets) {
  constexpr uint32_t kFree = ~0U;
  std::vector<Walker> walkers;
  uint32_t heaviest = 0;
  for (uint32_t i = 0; i < members.size(); ++i) {
    const RingMember& member = members[i];
    if (member.weight == 0) continue;
    walkers.push_back({i, member.weight, Hash(member.bytes, 0) % buckets,
                       Hash(member.bytes, 1) % (buckets - 1) + 1});
    heaviest = std::max(heaviest, member.weight);
  }
  if (walkers.empty()) return {};
  std::vector<uint32_t> table(buckets, kFree);
  uint32_t left = buckets;
  while (true) {
    for (Walker& walker : walkers) {
      walker.credit += walker.weight;
      if (walker.credit < heaviest) continue;
      walker.credit -= heaviest;
      while (table[walker.next] != kFree) {
        walker.next = static_cast<uint32_t>((uint64_t{walker.next} + walker.skip) % buckets);
      }
      table[walker.next] = walker.index;
      if (--left == 0) return table;
    }
  }
}

Bytes TableOf(const object::State& ring, const Bytes& entry_key) {
  if (!ring.by_key) return {};
  const object::TypeInfo::Field& key = ring.key->fields[0];
  auto begin = entry_key.begin() + key.offset;
  return Bytes(begin, begin + key.type.size);
}

namespace {

Bytes MemberOf(const object::State& ring, const Bytes& entry_key) {
  if (!ring.by_key) return entry_key;
  const object::TypeInfo::Field& member = ring.key->fields[1];
  auto begin = entry_key.begin() + member.offset;
  return Bytes(begin, begin + member.type.size);
}

using Members = std::vector<RingMember>;

bool Equal(const Members& a, const Members& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.bytes == y.bytes && x.weight == y.weight;
  });
}

// Of every key, in the order in which tables are filled.
Result<std::map<Bytes, Members>> MembersByKey(const StateMap& map) {
  auto entries = map.List();
  if (!entries) return entries.failure();
  std::map<Bytes, Members> members;
  for (const Entry& entry : *entries) {
    members[TableOf(map.state(), entry.key)].push_back(
        {MemberOf(map.state(), entry.key), object::LoadAs<uint32_t>(entry.value.data())});
  }
  for (auto& [key, of_key] : members) {
    std::sort(of_key.begin(), of_key.end(),
              [](const auto& a, const auto& b) { return a.bytes < b.bytes; });
  }
  return members;
}

Failure Failed(const object::State& ring, const char* what) {
  return {Exit::kUsage, fmt::format("the table of ring `{}` cannot be {}: {}", ring.name, what,
                                    std::strerror(errno))};
}

// The key as the map of tables takes it: a ring without one has the table of index 0.
Bytes KernelKey(const Bytes& key) {
  return key.empty() ? Bytes(sizeof(uint32_t)) : key;
}

Status Exchange(const object::State& ring, int tables, const Bytes& key, const Members& members) {
  std::vector<uint32_t> owners = FillRing(members, ring.buckets);
  Bytes at = KernelKey(key);
  if (owners.empty()) {
    if (bpf_map_delete_elem(tables, at.data()) == 0 || errno == ENOENT) return std::nullopt;
    return Failed(ring, "taken away");
  }
  // Written as memory: by calls, a table takes a tenth of a second.
  size_t size = members[0].bytes.size(), stride = (size + 7) / 8 * 8;
  auto options = Options<bpf_map_create_opts>();
  options.map_flags = BPF_F_MMAPABLE;
  Fd table(bpf_map_create(BPF_MAP_TYPE_ARRAY, "netc_ring", sizeof(uint32_t),
                          static_cast<uint32_t>(size), ring.buckets, &options));
  if (!table) return Failed(ring, "made");
  size_t length = stride * ring.buckets;
  void* memory = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, table.get(), 0);
  if (memory == MAP_FAILED) return Failed(ring, "filled");
  for (uint32_t i = 0; i < ring.buckets; ++i) {
    std::memcpy(static_cast<uint8_t*>(memory) + i * stride, members[owners[i]].bytes.data(), size);
  }
  munmap(memory, length);
  int fd = table.get();
  if (bpf_map_update_elem(tables, at.data(), &fd, BPF_ANY) != 0) return Failed(ring, "exchanged");
  return std::nullopt;
}

}  // namespace

// Another process may change members meanwhile: whose table is there last must have
// been filled from what is there last.
Status FillTables(const StateMap& members, int tables, const std::set<Bytes>& keys) {
  constexpr int kMostRounds = 100;
  auto now = MembersByKey(members);
  if (!now) return now.failure();
  std::set<Bytes> open = keys;
  for (int round = 0; round < kMostRounds && !open.empty(); ++round) {
    for (const Bytes& key : open) {
      if (auto failure = Exchange(members.state(), tables, key, (*now)[key])) return failure;
    }
    auto then = MembersByKey(members);
    if (!then) return then.failure();
    std::erase_if(open, [&](const Bytes& key) { return Equal((*now)[key], (*then)[key]); });
    now = std::move(then);
  }
  return std::nullopt;
}

}  // namespace netc::runtime
