// Passes over the IR, in the order in which RunPasses runs them. Each takes a
// program that means the same before and after.
#pragma once

#include "compiler/ir/program.h"

namespace netc::ir {

// Moves byte swaps from values to constants, and drops pairs of them:
// ntohs(x) == 53 becomes x == htons(53).
void FoldSwaps(Program& program);

// Drops variables that nothing reads, and what was computed for them alone.
void DropUnused(Program& program);

// Writes out where each object that is held is given back.
void ReleaseHeld(Program& program);
// Moves pieces of hooks into functions of their own until none weighs more than
// `limit`, counted in nodes of the IR. Runs behind all other passes.
void Split(Program& program, uint32_t limit);

inline void RunPasses(Program& program) {
  ReleaseHeld(program);
  FoldSwaps(program);
  DropUnused(program);
}

}  // namespace netc::ir
