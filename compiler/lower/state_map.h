// The BPF map that a state becomes.
#pragma once

#include "compiler/ir/program.h"
#include "compiler/lower/types.h"
#include "compiler/sema/program.h"

namespace netc::lower {

// Whether its entries expire: then a value is the first member of the map's.
bool IsTimed(const sema::State& state);
bool IsQueue(sema::StateKind kind);
bool IsPrefixMap(sema::StateKind kind);
ir::Map MapOf(const sema::State& state, Types& types, hooks::KernelVersion floor);
// The word that ObjectInfo::State::kind uses.
const char* KindName(sema::StateKind kind);

}  // namespace netc::lower
