#include "compiler/hooks/maps.h"

#include <algorithm>
#include <cctype>

#include "compiler/hooks/hook_sets.h"
#include "compiler/hooks/rows.h"

namespace netc::hooks {
namespace {

using namespace rows;

struct NamedUse {
  std::string_view map;
  MapUse use;
};
#define MAP(...)
#define USE(map, helper, hooks, since) {#map, {helper, hooks, since}},
constexpr NamedUse kUseRows[] = {
#include "compiler/hooks/maps.def"
};
#undef MAP
#undef USE

constexpr auto kUses = [] {
  std::array<MapUse, std::size(kUseRows)> uses{};
  for (size_t i = 0; i < uses.size(); ++i) uses[i] = kUseRows[i].use;
  return uses;
}();

constexpr std::span<const MapUse> UsesOf(std::string_view map) {
  size_t first = 0;
  while (first < kUses.size() && kUseRows[first].map != map) ++first;
  size_t last = first;
  while (last < kUses.size() && kUseRows[last].map == map) ++last;
  return std::span<const MapUse>(kUses).subspan(first, last - first);
}

#define USE(...)
#define MAP(name, number, since, owner, most, why_not) \
  {#name, number, since, MapOwner::owner, most, why_not, UsesOf(#name)},
constexpr MapType kMaps[] = {
#include "compiler/hooks/maps.def"
};
#undef MAP
#undef USE

}  // namespace

std::string CNameOf(const MapType& type) {
  std::string text = "BPF_MAP_TYPE";
  for (char c : type.name) {
    if (std::isupper(static_cast<unsigned char>(c)) != 0) text += '_';
    text += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return text;
}

std::span<const MapType> AllMapTypes() {
  return kMaps;
}

const MapType* FindMapType(uint32_t number) {
  for (const MapType& map : kMaps) {
    if (map.number == number) return &map;
  }
  return nullptr;
}

Access AccessMap(HookId id, const MapType& map, std::string_view helper, KernelVersion floor) {
  const Helper* function = FindHelper(helper);
  const auto use = std::find_if(map.uses.begin(), map.uses.end(),
                                [&](const MapUse& row) { return row.helper == helper; });
  Access access;
  if (function == nullptr || use == map.uses.end()) {
    access.refusal = Refusal::kNotHere;
    return access;
  }
  access = AccessHelper(id, *function, floor);
  HookSet available;
  for (HookId hook : access.available & use->hooks) {
    if (std::max(use->since, map.since) <= floor) available = available | hook;
  }
  access.available = available;
  if (access.refusal == Refusal::kNotHere) return access;
  if (!use->hooks.has(id)) {
    access.refusal = Refusal::kNotHere;
    access.since = {};
    return access;
  }
  access.since = std::max({access.since, use->since, map.since});
  if (access.allowed() && floor < access.since) access.refusal = Refusal::kTooNew;
  return access;
}

bool CanShare(const MapType& map, HookId a, HookId b, bool a_frags, bool b_frags) {
  if (map.owner == MapOwner::kNobody) return true;
  const Hook& first = Get(a);
  const Hook& second = Get(b);
  if (first.prog_type != second.prog_type || a_frags != b_frags) return false;
  // These are also told apart by the kernel function or member they stand for.
  if (first.prog_type == ProgType::kStructOps || first.prog_type == ProgType::kLsm) return a == b;
  return map.owner == MapOwner::kType || first.attach_type == second.attach_type;
}

}  // namespace netc::hooks
