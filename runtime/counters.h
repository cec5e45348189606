// What the emitted program counts, read at one moment.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "runtime/load.h"

namespace netc::runtime {

struct Counters {
  // By rule index, fault index, event id; sums over the CPUs. Empty where the
  // object counts nothing of the kind.
  std::vector<uint64_t> rules;
  std::vector<uint64_t> faults;
  std::vector<uint64_t> lost;
  // States of kind counter that have no key: name and sum.
  std::vector<std::pair<std::string, uint64_t>> totals;
  std::vector<std::pair<std::string, object::Bytes>> histograms;  // those without a key

  // States of kind counter with a key: what each key that was counted stands at.
  struct Keyed {
    const object::State* state = nullptr;
    std::vector<std::pair<object::Bytes, uint64_t>> counts;  // the largest first
    uint64_t total = 0;
  };
  std::vector<Keyed> keyed;

  // Of any event.
  uint64_t all_lost() const;
};

Counters ReadCounters(const Loaded& loaded);

}  // namespace netc::runtime
