// Whom a ring's buckets belong to (section 10, Rings). Internal to this folder.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "compiler/interpret/table.h"
#include "compiler/sema/program.h"

namespace netc::interpret {

class Ring {
 public:
  Ring(const sema::Program& program, const sema::State& state);

  // The member that the hash leads to; empty if none has a weight.
  std::span<const uint8_t> Pick(const Table& weights, std::span<const uint8_t> key, uint32_t hash);
  // Members or weights are others than before.
  void Forget() { buckets_.clear(); }

 private:
  using Bytes = std::vector<uint8_t>;
  std::vector<Bytes> Fill(const Table& weights, std::span<const uint8_t> key) const;

  uint32_t count_ = 0;                                           // of buckets
  uint32_t key_size_ = 0, member_offset_ = 0, member_size_ = 0;  // in an entry's key
  std::map<Bytes, std::vector<Bytes>> buckets_;                  // by key, the member of each
};

}  // namespace netc::interpret
