// The functions that find a hook's headers in a packet.
#pragma once

#include "compiler/lower/hook_context.h"

namespace netc::lower {

// Writes Packet::parse and Packet::walks for the context's plan.
void WriteParser(HookContext& context);

// A parser of the context's plan alone, which may be a part of the hook's; its
// walks are added to Packet::walks.
ir::Function ParserOf(HookContext& context);

}  // namespace netc::lower
