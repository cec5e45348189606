#include "runtime/counters.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "compiler/object/host_order.h"

namespace netc::runtime {

namespace {

// Sums of the first `slots` of a per-CPU array of __u64.
std::vector<uint64_t> ReadSlots(int map, uint32_t slots) {
  if (map < 0) return {};
  std::vector<uint64_t> cpus(static_cast<size_t>(std::max(1, libbpf_num_possible_cpus())));
  std::vector<uint64_t> sums;
  for (uint32_t slot = 0; slot < slots; ++slot) {
    if (bpf_map_lookup_elem(map, &slot, cpus.data()) != 0) break;
    sums.push_back(std::accumulate(cpus.begin(), cpus.end(), uint64_t{0}));
  }
  return sums;
}

uint32_t RuleSlots(const object::ObjectInfo& info) {
  uint32_t slots = 0;
  for (const object::Program& program : info.programs) {
    for (const object::Rule& rule : program.rules) slots = std::max(slots, rule.index + 1);
  }
  return slots;
}

uint32_t EventSlots(const object::ObjectInfo& info) {
  uint32_t slots = 0;
  for (const object::Event& event : info.events) slots = std::max(slots, event.id + 1);
  return slots;
}

Counters::Keyed ReadKeyed(const object::State& state, const StateMap& map) {
  Counters::Keyed keyed{&state, {}, 0};
  auto entries = map.List();
  if (!entries) return keyed;
  for (object::Entry& entry : *entries) {
    uint64_t count = object::LoadUnsigned(entry.value.data(), state.value->size);
    keyed.total += count;
    keyed.counts.emplace_back(std::move(entry.key), count);
  }
  std::stable_sort(keyed.counts.begin(), keyed.counts.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return keyed;
}

}  // namespace

uint64_t Counters::all_lost() const {
  return std::accumulate(lost.begin(), lost.end(), uint64_t{0});
}

Counters ReadCounters(const Loaded& loaded) {
  const object::ObjectInfo& info = loaded.info();
  Counters counters;
  counters.rules = ReadSlots(loaded.MapFd(info.rule_counters), RuleSlots(info));
  counters.faults =
      ReadSlots(loaded.MapFd(info.fault_counters), static_cast<uint32_t>(info.faults.size()));
  counters.lost = ReadSlots(loaded.MapFd(info.lost_events), EventSlots(info));
  for (const object::State& state : info.states) {
    bool histogram = state.kind == "histogram";
    if ((!histogram && state.kind != "counter") || (histogram && state.key) || !state.value)
      continue;
    auto map = loaded.OpenState(state);
    if (!map) continue;
    if (state.key) {
      counters.keyed.push_back(ReadKeyed(state, *map));
      continue;
    }
    auto value = map->Get({});
    if (!value || !*value) continue;
    if (histogram) {
      counters.histograms.emplace_back(state.name, std::move(**value));
      continue;
    }
    counters.totals.emplace_back(state.name,
                                 object::LoadUnsigned((*value)->data(), state.value->size));
  }
  return counters;
}

}  // namespace netc::runtime
