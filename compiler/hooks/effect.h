// Effects: what a hook can do to a packet or a socket besides its verdict.
#pragma once

#include <cstdint>
#include <string_view>

#include "compiler/hooks/hook_id.h"

namespace netc::hooks {

// What an effect does to what was known before it.
enum class Changes : uint8_t {
  kNothing,  // pointers and headers stay as they are
  kBytes,    // packet pointers die; headers keep their places
  kEnds,     // the packet's ends move: pointers die, what was narrowed ends
};

struct Effect {
  HookSet hooks;
  std::string_view word;    // as written, e.g. "encap"
  std::string_view kind;    // what it makes or takes, e.g. "ipip"; may be empty
  std::string_view helper;  // kernel function it is made of
  KernelVersion since{};
  bool can_fail = false;  // takes an `else`; without one the hook's abort verdict follows
  Changes changes{};
  std::string_view meaning;
};

}  // namespace netc::hooks
