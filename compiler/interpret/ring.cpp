#include "compiler/interpret/ring.h"

#include <algorithm>
#include <cstring>

#include "compiler/interpret/arithmetic.h"

namespace netc::interpret {

Ring::Ring(const sema::Program& program, const sema::State& state)
    : count_(state.buckets), member_size_(program.types.SizeOf(state.member)) {
  if (!state.ring_key) return;
  key_size_ = program.types.SizeOf(*state.ring_key);
  member_offset_ = program.types.struct_of(*state.key).fields[1].offset;
}

std::span<const uint8_t> Ring::Pick(const Table& weights, std::span<const uint8_t> key,
                                    uint32_t hash) {
  Bytes wanted(key.begin(), key.end());
  auto found = buckets_.find(wanted);
  if (found == buckets_.end()) found = buckets_.emplace(wanted, Fill(weights, key)).first;
  const std::vector<Bytes>& buckets = found->second;
  return buckets.empty() ? std::span<const uint8_t>() : buckets[hash % count_];
}

std::vector<Ring::Bytes> Ring::Fill(const Table& weights, std::span<const uint8_t> key) const {
  // In the order of their bytes, as a map has them.
  struct Turn {
    uint64_t weight = 0, credit = 0, offset = 0, skip = 0, tried = 0;
  };
  std::map<Bytes, Turn> members;
  uint64_t largest = 0;
  weights.ForEach([&](const Table::Entry& entry) {
    std::span<const uint8_t> whole = weights.KeyOf(entry);
    if (!std::ranges::equal(whole.first(key_size_), key)) return;
    uint32_t weight = 0;
    std::memcpy(&weight, weights.ValueOf(entry).data(), sizeof weight);
    if (weight == 0) return;
    std::span<const uint8_t> bytes = whole.subspan(member_offset_, member_size_);
    Bytes member(bytes.begin(), bytes.end());
    Turn turn{.weight = weight};
    Bytes hashed = member;
    hashed.push_back(0);
    turn.offset = Hash(hashed.data(), hashed.size()) % count_;
    hashed.back() = 1;
    turn.skip = Hash(hashed.data(), hashed.size()) % (count_ - 1) + 1;
    members[member] = turn;
    largest = std::max<uint64_t>(largest, weight);
  });
  if (members.empty()) return {};
  // An empty one is free: no member has no bytes.
  std::vector<Bytes> buckets(count_);
  uint32_t taken = 0;
  while (taken < count_) {
    for (auto& [member, turn] : members) {
      turn.credit += turn.weight;
      if (turn.credit < largest || taken == count_) continue;
      turn.credit -= largest;
      uint64_t bucket = 0;
      do {
        bucket = (turn.offset + turn.skip * turn.tried++) % count_;
      } while (!buckets[bucket].empty());
      buckets[bucket] = member;
      ++taken;
    }
  }
  return buckets;
}

}  // namespace netc::interpret
