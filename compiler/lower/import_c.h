// The user's C.
#pragma once

#include "compiler/lower/hook_context.h"

namespace netc::lower {

// Puts the headers that the program imports into Program::includes.
void AddIncludes(ProgramContext& context);

}  // namespace netc::lower
