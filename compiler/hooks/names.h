// Names of hooks as users write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/hooks/hook_id.h"
#include "compiler/hooks/lsm.h"

namespace netc::hooks {

// What a name behind `on` stands for: `cgroup.connect` for IPv4 and IPv6,
// `lsm_cgroup.socket_bind` for one LSM hook, `cc` for all members, else one hook.
struct Resolved {
  HookSet hooks;
  const LsmHook* lsm = nullptr;  // set for lsm_cgroup.NAME
};

// Nothing if there is no such hook. `lsm_cgroup` alone is none.
std::optional<Resolved> ResolveName(std::string_view name);

// Every name that ResolveName takes, in the order of the tables.
std::vector<std::string> AllNames();

// The words closest to `word`, best first: at most three, none that is far off.
std::vector<std::string> Nearest(std::string_view word, const std::vector<std::string>& words);

// Names of a set for a message: groups first, as in "tc.ingress, tc.egress, cgroup.connect".
std::vector<std::string> NamesOf(HookSet hooks);

}  // namespace netc::hooks
