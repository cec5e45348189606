#include "compiler/hooks/verdict_notes.h"

#include "compiler/hooks/hook_sets.h"

namespace netc::hooks {
namespace {

using namespace rows;

struct SetRow {
  HookSet hooks;
  std::string_view word;
  VerdictSet set;
};
#define LACKS(...)
#define WAY(...)
#define SETS(hooks, word, member, value) {hooks, word, {member, value}},
constexpr SetRow kSets[] = {
#include "compiler/hooks/verdict_notes.def"
};
#undef SETS
#define SETS(...)
#undef WAY
#define WAY(hooks, verdict, word, helper, takes_hop, meaning) \
  {hooks, verdict, word, helper, takes_hop, meaning},
constexpr TargetWay kWays[] = {
#include "compiler/hooks/verdict_notes.def"
};
#undef WAY
#undef SETS
#undef LACKS

struct LackRow {
  HookSet hooks;
  std::string_view word, why;
};
#define SETS(...)
#define WAY(...)
#define LACKS(hooks, word, why) {hooks, word, why},
constexpr LackRow kLacks[] = {
#include "compiler/hooks/verdict_notes.def"
};
#undef SETS
#undef WAY
#undef LACKS

struct ErrorRow {
  std::string_view name;
  int32_t number;
};
#define ERRNO(name, number) {name, number},
constexpr ErrorRow kErrors[] = {
#include "compiler/hooks/errno.def"
};
#undef ERRNO

#define OPTION_NAME(name, level, number) {name, level, number},
constexpr OptionName kOptionNames[] = {
#include "compiler/hooks/option_names.def"
};
#undef OPTION_NAME

}  // namespace

const VerdictSet* FindVerdictSet(HookId id, std::string_view word) {
  for (const SetRow& row : kSets) {
    if (row.hooks.has(id) && row.word == word) return &row.set;
  }
  return nullptr;
}

std::span<const TargetWay> AllTargetWays() {
  return kWays;
}

const TargetWay* FindTargetWay(HookId id, std::string_view verdict, std::string_view word) {
  for (const TargetWay& way : kWays) {
    if (way.hooks.has(id) && way.verdict == verdict && way.word == word) return &way;
  }
  return nullptr;
}

std::string_view WhyLacking(HookId id, std::string_view word) {
  for (const LackRow& row : kLacks) {
    if (row.hooks.has(id) && row.word == word) return row.why;
  }
  return {};
}

std::optional<int32_t> ErrorNumber(std::string_view name) {
  for (const ErrorRow& row : kErrors) {
    if (row.name == name) return row.number;
  }
  return std::nullopt;
}

std::vector<std::string> AllErrorNames() {
  std::vector<std::string> names;
  for (const ErrorRow& row : kErrors) names.emplace_back(row.name);
  return names;
}

std::vector<OptionName> AllOptionNames() {
  return {std::begin(kOptionNames), std::end(kOptionNames)};
}

}  // namespace netc::hooks
