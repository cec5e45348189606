// Where hooks sit between the application and the device.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "compiler/hooks/hook_id.h"

namespace netc::hooks {

enum class Way : uint8_t {
  kUp,    // on the way of what was received
  kDown,  // on the way of what is sent
  kAside  // beside it: calls, events, sweeps
};

struct Layer {
  std::string_view name;
  std::string_view what;
};

struct Place {
  std::string_view layer;
  HookSet hooks;
  Way way{};
};

std::span<const Layer> AllLayers();  // from the application down
std::span<const Place> AllPlaces();
const Place& PlaceOf(HookId id);

}  // namespace netc::hooks
