// The tables of a ring: which of its buckets belongs to which member.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "compiler/object/object_info.h"
#include "runtime/failure.h"

namespace netc::runtime {

class StateMap;

struct RingMember {
  object::Bytes bytes;
  uint32_t weight = 0;
};

// For each bucket the index of the member that it belongs to, as docs/language.md
// (section 10, Rings) says. Empty if no member has a weight. `members` stand in the
// order of their bytes.
std::vector<uint32_t> FillRing(const std::vector<RingMember>& members, uint32_t buckets);

// Fills anew the tables that are for these keys (empty bytes: that of a ring without a
// key) from what stands in `members`, and exchanges them. `tables`: the map of tables.
Status FillTables(const StateMap& members, int tables, const std::set<object::Bytes>& keys);

// What the table that this entry belongs to is for.
object::Bytes TableOf(const object::State& ring, const object::Bytes& entry_key);

}  // namespace netc::runtime
