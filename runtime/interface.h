// Network interfaces by name.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/attach_site.h"

namespace netc::runtime {

struct Interface {
  std::string name;
  uint32_t index = 0;
};

// The interface of the program's `dev`; if there is none of that name, a failure
// that suggests near names.
Result<Interface> FindInterface(const Site& site);

}  // namespace netc::runtime
