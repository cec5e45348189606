// Which parts of the language a checked program has.
#pragma once

#include "compiler/sema/program.h"
#include "tools/differential/differ.h"

namespace netc::differential {

Coverage CoverageOf(const sema::Program& program);

}  // namespace netc::differential
