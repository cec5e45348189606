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
  // Statements of a hook's block between two barriers at which the verifier
  // forgets values (language.md, rule 12); 0: none. Measured with 1,000 rules of
  // prefix, port range and protocol: one a rule takes 102,064 verified
  // instructions on 6.1, 6.12 and 6.18; without any, 60 rules are refused.
  uint32_t barrier_every = 1;
  // Shorter chains need no barrier; the C reads better without.
  uint32_t barrier_from = 8;
};

ir::Program Lower(const SourceSet& sources, const sema::Program& program, const Plan& plan);

// What the object tells the runtime. `lines` is filled by Emit.
object::ObjectInfo Describe(const SourceSet& sources, const sema::Program& program,
                            const ir::Program& lowered);

}  // namespace netc
