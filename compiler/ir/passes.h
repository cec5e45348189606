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

// Keeps the outcome of three and more comparisons in a register, in a loop and where they only
// choose to leave a block. Clang makes a switch of them, can't lead its edges past the end of the
// scopes that a `goto` leaves, and decides the switch once more there; the verifier, which learns
// nothing of `!=`, follows the pairs that can't be.
void HideChoices(Program& program);

// Keeps Clang from making one test of two, `(pointer | number) != 0`, where a condition asks
// for the entry of a state and something else.
void HideLookups(Program& program);

// Ends the life of variables of which an address is taken with the statement that they were made
// for, where a function has many of them, so that they share the stack. Clang gives up on where a
// life ends in a block that a `goto` crosses (clang/lib/CodeGen/VarBypassDetector.cpp), which
// the hook's own block always is.
void Scope(Program& program);

// Writes out where each object that is held is given back.
void ReleaseHeld(Program& program);
// Moves pieces of hooks into functions of their own until none weighs more than
// `limit`, counted in nodes of the IR. Runs behind all other passes.
void Split(Program& program, uint32_t limit);

inline void RunPasses(Program& program) {
  ReleaseHeld(program);
  FoldSwaps(program);
  DropUnused(program);
  HideChoices(program);
  HideLookups(program);
  Scope(program);
}

}  // namespace netc::ir
