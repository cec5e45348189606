// Turns rows that name sets of hooks into one run of values a hook, at compile time.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "compiler/hooks/hook_id.h"

namespace netc::hooks {

// One row of a .def file: for these hooks, this value.
template <typename T>
struct Row {
  HookSet hooks;
  T value;
};

// All values, those of one hook together, in the order of their rows.
template <typename T, size_t kTotal>
struct PerHook {
  std::array<T, kTotal> values{};
  std::array<size_t, kHookCount + 1> first{};

  constexpr std::span<const T> of(HookId id) const {
    const auto hook = static_cast<size_t>(id);
    return std::span<const T>(values).subspan(first[hook], first[hook + 1] - first[hook]);
  }
};

template <typename T, size_t kRows>
constexpr size_t CountPerHook(const Row<T> (&rows)[kRows]) {
  size_t total = 0;
  for (const Row<T>& row : rows) total += row.hooks.size();
  return total;
}

template <size_t kTotal, typename T, size_t kRows>
constexpr PerHook<T, kTotal> SplitByHook(const Row<T> (&rows)[kRows]) {
  PerHook<T, kTotal> split;
  size_t next = 0;
  for (size_t hook = 0; hook < kHookCount; ++hook) {
    split.first[hook] = next;
    for (const Row<T>& row : rows) {
      if (row.hooks.has(static_cast<HookId>(hook))) split.values[next++] = row.value;
    }
  }
  split.first[kHookCount] = next;
  return split;
}

// The value of the one row that has the hook; a value-initialised T if none has.
template <typename T, size_t kRows>
constexpr T OneOf(const Row<T> (&rows)[kRows], HookId id) {
  for (const Row<T>& row : rows) {
    if (row.hooks.has(id)) return row.value;
  }
  return T{};
}

}  // namespace netc::hooks
