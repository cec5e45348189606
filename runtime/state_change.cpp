#include "runtime/state_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "compiler/object/value.h"
#include "runtime/slots.h"

namespace netc::runtime {

using object::Bytes;
using object::Entry;

namespace {

// What stood at each key; absent: nothing.
using Before = std::map<Bytes, std::optional<Bytes>>;

// In a trie a lookup finds what covers the key, so its entries are listed.
bool FindsCovering(const object::State& state) {
  return state.kind == "prefixes" || state.kind == "prefix_set";
}

Result<Before> Look(const StateMap& map, const std::vector<Bytes>& keys) {
  Before before;
  for (const Bytes& key : keys) before[key];
  if (FindsCovering(map.state())) {
    auto all = map.List();
    if (!all) return all.failure();
    for (Entry& entry : *all) {
      if (auto found = before.find(entry.key); found != before.end()) {
        found->second = std::move(entry.value);
      }
    }
    return before;
  }
  for (auto& [key, value] : before) {
    auto found = map.Get(key);
    if (!found) return found.failure();
    value = std::move(*found);
  }
  return before;
}

// As it was before; false where the kernel didn't take that.
bool Restore(const StateMap& map, const Before& before) {
  bool restored = true;
  for (const auto& [key, value] : before) {
    if (value) {
      restored &= !map.Put({{key, *value}}).has_value();
    } else {
      restored &= static_cast<bool>(map.Remove(key));
    }
  }
  return restored;
}

std::string Shown(const object::State& state, const Bytes& key) {
  return state.key ? object::FormatValue(*state.key, key.data()) : "it";
}

// Slots of sockets don't tell what they hold, so they can't be filled with it again.
bool CanRestore(const object::State& state) {
  return !IsSlots(state.kind) || !state.kind.ends_with("sockets");
}

Failure Undone(Failure failure, const std::vector<StateMap>& maps,
               const std::vector<Before>& before, const std::vector<Entry>& entries) {
  const object::State& state = maps.front().state();
  if (entries.size() == 1 && maps.size() == 1 && state.table.empty()) return failure;
  bool restored = CanRestore(state);
  for (size_t i = 0; restored && i < before.size(); ++i) restored = Restore(maps[i], before[i]);
  if (restored) {
    failure.details.push_back("nothing was changed: what had been put before it was taken back");
    return failure;
  }
  for (const Entry& entry : entries) {
    auto found = maps.front().Get(entry.key);
    bool there = found && *found;
    failure.details.push_back(
        fmt::format("`{}`: {}", Shown(state, entry.key), there ? "is there" : "is not there"));
  }
  return failure;
}

}  // namespace

Status AddEntries(const std::vector<StateMap>& maps, const std::vector<Entry>& entries) {
  const object::State& state = maps.front().state();
  if (state.kind == "queue" || state.kind == "stack") return maps.front().Put(entries);
  std::vector<Bytes> keys;
  for (const Entry& entry : entries) keys.push_back(entry.key);
  std::vector<Before> before;
  for (const StateMap& map : maps) {
    auto looked = Look(map, keys);
    if (!looked) return looked.failure();
    before.push_back(std::move(*looked));
  }
  for (const StateMap& map : maps) {
    Status failure = map.Put(entries);
    if (failure) return Undone(std::move(*failure), maps, before, entries);
  }
  return std::nullopt;
}

Status RemoveEntries(const std::vector<StateMap>& maps, const std::vector<Bytes>& keys) {
  const object::State& state = maps.front().state();
  std::vector<Before> before;
  for (const StateMap& map : maps) {
    auto looked = Look(map, keys);
    if (!looked) return looked.failure();
    before.push_back(std::move(*looked));
  }
  std::vector<std::string> missing;
  for (const auto& [key, value] : before.front()) {
    if (!value) missing.push_back(Shown(state, key));
  }
  if (!missing.empty()) {
    Failure failure{Exit::kUsage,
                    fmt::format("state `{}` has no entry `{}`", state.name, missing.front())};
    for (size_t i = 1; i < missing.size() && i < 10; ++i) {
      failure.details.push_back(fmt::format("nor `{}`", missing[i]));
    }
    if (before.front().size() > 1) failure.details.push_back("nothing was removed");
    return failure;
  }
  for (const StateMap& map : maps) {
    for (const auto& [key, value] : before.front()) {
      auto removed = map.Remove(key);
      if (removed) continue;
      Failure failure = removed.failure();
      bool restored = CanRestore(state);
      for (size_t i = 0; restored && i < maps.size(); ++i) restored = Restore(maps[i], before[i]);
      if (restored) failure.details.push_back("nothing was removed");
      return failure;
    }
  }
  return std::nullopt;
}

}  // namespace netc::runtime
