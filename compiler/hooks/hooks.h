// What every networking hook of the kernel allows, as data.
//
// The rows stand in the .def files of this folder; tests/hooks proves them
// against the running kernel. Everything here is static: nothing is allocated,
// nothing runs at start-up, every pointer and view stays valid for ever.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "compiler/hooks/effect.h"
#include "compiler/hooks/helper.h"
#include "compiler/hooks/hook.h"

namespace netc::hooks {

std::span<const Hook> AllHooks();
const Hook& Get(HookId id);
// By the exact name of a row, e.g. "cgroup.connect4"; or null.
const Hook* FindHook(std::string_view name);

// Fields behind socket pointers, e.g. behind what bpf_tcp_sock returns.
std::span<const PointeeField> AllPointeeFields();

std::span<const Helper> AllHelpers();
std::span<const Kfunc> AllKfuncs();
// By the kernel's name, e.g. "bpf_sk_cgroup_id"; or null.
const Helper* FindHelper(std::string_view name);
const Kfunc* FindKfunc(std::string_view name);

std::span<const Effect> AllEffects();
// The effect with this word and kind in this hook; or null.
const Effect* FindEffect(HookId id, std::string_view word, std::string_view kind);

}  // namespace netc::hooks
