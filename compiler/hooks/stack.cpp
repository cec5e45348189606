#include "compiler/hooks/stack.h"

#include <algorithm>

#include "compiler/hooks/hook_sets.h"
#include "compiler/hooks/rows.h"

namespace netc::hooks {
namespace {

using namespace rows;

#define PLACE(...)
#define LAYER(name, what) {name, what},
constexpr Layer kLayers[] = {
#include "compiler/hooks/stack.def"
};
#undef PLACE
#undef LAYER

#define LAYER(...)
#define PLACE(layer, hooks, way) {layer, hooks, Way::way},
constexpr Place kPlaces[] = {
#include "compiler/hooks/stack.def"
};
#undef PLACE
#undef LAYER

constexpr HookSet Placed() {
  HookSet placed;
  for (const Place& place : kPlaces) placed = placed | place.hooks;
  return placed;
}
static_assert(Placed() == kAll, "every hook has its place");

}  // namespace

std::span<const Layer> AllLayers() {
  return kLayers;
}

std::span<const Place> AllPlaces() {
  return kPlaces;
}

const Place& PlaceOf(HookId id) {
  return *std::find_if(std::begin(kPlaces), std::end(kPlaces),
                       [&](const Place& place) { return place.hooks.has(id); });
}

}  // namespace netc::hooks
