// The LSM hooks that a program can be attached to in a cgroup.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "compiler/hooks/hook_id.h"

namespace netc::hooks {

struct LsmHook {
  std::string_view name;        // "socket_bind"; the kernel's function is bpf_lsm_<name>
  bool can_refuse = true;       // false: the hook returns nothing, so a program can only pass
  std::string_view parameters;  // C, separated by commas; the context holds one __u64 each
  HookId hook{};                // the row that says what it may do
};

std::span<const LsmHook> AllLsmHooks();
const LsmHook* FindLsmHook(std::string_view name);  // or null

}  // namespace netc::hooks
