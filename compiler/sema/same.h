// Whether two expressions are the same, so that they have the same value where nothing
// changes between them. Internal to this folder.
#pragma once

#include "compiler/sema/program.h"

namespace netc::sema {

// False for all that needn't yield the same twice: calls, time, lookups, entries of a state.
bool Same(const Expr& a, const Expr& b);

// Whether a function is called in it, which may change the packet.
bool HasCall(const Expr& expr);

}  // namespace netc::sema
