// What one machine's kernel was found to support (`netc doctor --json`), as a target.
#pragma once

#include <map>
#include <set>
#include <string>

#include "compiler/hooks/hooks.h"

namespace netc::sema {

struct Profile {
  std::string release;  // "6.1.0-39-amd64"
  hooks::KernelVersion kernel{};
  hooks::HookSet hooks;  // that programs were loaded and attached to
  std::map<std::string, std::set<std::string>, std::less<>> helpers;  // by hook: those it has
  std::set<std::string, std::less<>> missing_maps;                    // by their names in maps.def

  // Whether the hook has the helper there; true where nothing is known.
  bool Has(std::string_view hook, std::string_view helper) const {
    auto found = helpers.find(hook);
    return found == helpers.end() || found->second.empty() ||
           found->second.contains(std::string(helper));
  }
};

}  // namespace netc::sema
