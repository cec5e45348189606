// Checked programs to IR. Total: what was checked can be lowered.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/base/source.h"
#include "compiler/ir/program.h"
#include "compiler/object/object_info.h"
#include "compiler/sema/program.h"

namespace netc {

// How a program is cut so that the verifier and Clang can take it. The driver
// measures the object and lowers again with a tighter plan.
struct Plan {
  // Statements of a block, arms of a `match` or conditions of an `else if` chain from which on
  // a barrier stands between two of them, at which the verifier forgets values (language.md,
  // rule 12; decision 0008). Shorter chains need none; the C reads better without.
  uint32_t barrier_from = 8;
  // Heaviest piece of a hook that stays in one function, in nodes of the IR; 0: any.
  uint32_t part_weight = 0;
};

ir::Program Lower(const SourceSet& sources, const sema::Program& program, const Plan& plan);

// What the object tells the runtime. `lines` is filled by Emit.
object::ObjectInfo Describe(const SourceSet& sources, const sema::Program& program,
                            const ir::Program& lowered);

}  // namespace netc
