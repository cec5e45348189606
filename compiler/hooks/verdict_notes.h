// What a verdict does besides its code, other ways to its target, why a hook lacks one, and
// errors by name.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/hooks/hook_id.h"

namespace netc::hooks {

// Stored in a member of the context before the program ends.
struct VerdictSet {
  std::string_view member;
  int32_t value = 0;
};
const VerdictSet* FindVerdictSet(HookId id, std::string_view word);  // or null

// Another way to the interface that a verdict with a target names: `redirect peer("eth1")`.
struct TargetWay {
  HookSet hooks;
  std::string_view verdict;  // "redirect"
  std::string_view word;     // "peer"
  std::string_view helper;
  bool takes_hop = false;  // also the next hop's address
  std::string_view meaning;
};
std::span<const TargetWay> AllTargetWays();
const TargetWay* FindTargetWay(HookId id, std::string_view verdict,
                               std::string_view word);  // or null

// Why the hook has no such verdict, and what to write; empty if no row says.
std::string_view WhyLacking(HookId id, std::string_view word);

// Of "EPERM"; nothing if there is no such error.
std::optional<int32_t> ErrorNumber(std::string_view name);
std::vector<std::string> AllErrorNames();

// A socket option by its name in C.
struct OptionName {
  std::string_view name;
  int32_t level = 0;
  int32_t number = 0;
};
std::vector<OptionName> AllOptionNames();

}  // namespace netc::hooks
