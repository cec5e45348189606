#include "compiler/hooks/names.h"

#include <algorithm>
#include <numeric>

#include "compiler/hooks/hook_sets.h"
#include "compiler/hooks/hooks.h"

namespace netc::hooks {
namespace {

using namespace rows;

struct GroupName {
  std::string_view name;
  HookSet hooks;
};
constexpr GroupName kGroupNames[] = {
#define NAME(name, hooks) {name, hooks},
#include "compiler/hooks/names.def"
#undef NAME
};

constexpr std::string_view kLsmPrefix = "lsm_cgroup.";

// Names in a message that would say the same twice are folded into one.
constexpr GroupName kShownGroups[] = {
    {"cgroup.connect", kConnect4 | kConnect6},
    {"cgroup.bind", kBind},
    {"cgroup.post_bind", kPostBind},
    {"cgroup.sendmsg", kSendmsg4 | kSendmsg6},
    {"cgroup.recvmsg", kRecvmsg4 | kRecvmsg6},
    {"cgroup.getpeername", kGetpeername4 | kGetpeername6},
    {"cgroup.getsockname", kGetsockname4 | kGetsockname6},
    {"cc", kCcAll},
    {"lsm_cgroup", kLsmAll},
};

// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        next[j] = std::min(next[j], before[j - 2] + 1);
      }
    }
    std::swap(before, row);
    std::swap(row, next);
  }
  return row[b.size()];
}

}  // namespace

std::optional<Resolved> ResolveName(std::string_view name) {
  if (name.starts_with(kLsmPrefix)) {
    const LsmHook* lsm = FindLsmHook(name.substr(kLsmPrefix.size()));
    if (lsm == nullptr) return std::nullopt;
    return Resolved{lsm->hook, lsm};
  }
  for (const GroupName& group : kGroupNames) {
    if (group.name == name) return Resolved{group.hooks};
  }
  const Hook* hook = FindHook(name);
  if (hook == nullptr || kLsmAll.has(hook->id)) return std::nullopt;
  return Resolved{hook->id};
}

std::vector<std::string> AllNames() {
  std::vector<std::string> names;
  for (const Hook& hook : AllHooks()) {
    for (const GroupName& group : kGroupNames) {
      if (*group.hooks.begin() == hook.id) names.emplace_back(group.name);
    }
    if (!kLsmAll.has(hook.id)) names.emplace_back(hook.name);
  }
  for (const LsmHook& lsm : AllLsmHooks()) {
    names.push_back(std::string(kLsmPrefix) + std::string(lsm.name));
  }
  return names;
}

std::vector<std::string> Nearest(std::string_view word, const std::vector<std::string>& words) {
  const size_t far = std::max<size_t>(2, word.size() / 3);
  std::vector<std::pair<size_t, const std::string*>> close;
  for (const std::string& candidate : words) {
    const size_t longer = std::max(candidate.size(), word.size());
    if (longer - std::min(candidate.size(), word.size()) > far) continue;
    const size_t distance = Distance(word, candidate);
    if (distance <= far) close.emplace_back(distance, &candidate);
  }
  std::stable_sort(close.begin(), close.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> nearest;
  for (size_t i = 0; i < close.size() && i < 3; ++i) nearest.push_back(*close[i].second);
  return nearest;
}

std::vector<std::string> NamesOf(HookSet hooks) {
  std::vector<std::string> names;
  HookSet left = hooks;
  for (HookId id : hooks) {
    if (!left.has(id)) continue;
    std::string_view name = Get(id).name;
    HookSet covered = id;
    for (const GroupName& group : kShownGroups) {
      if (group.hooks.has(id) && (group.hooks & left) == group.hooks) {
        name = group.name;
        covered = group.hooks;
      }
    }
    if (covered == HookSet(HookId::kLsmCgroupSockopt)) name = "lsm_cgroup";
    names.emplace_back(name);
    left = left - covered;
  }
  return names;
}

}  // namespace netc::hooks
