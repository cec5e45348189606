// The functions that find a hook's headers in a packet.
#pragma once

#include "compiler/lower/hook_context.h"

namespace netc::lower {

// Writes Packet::parse and Packet::walks for the context's plan.
void WriteParser(HookContext& context);

}  // namespace netc::lower
