// Tests of a pipeline, run by the interpreter: no kernel is asked for anything.
#pragma once

#include "compiler/base/source.h"
#include "compiler/object/test_report.h"
#include "compiler/sema/program.h"

namespace netc::interpret {

// Skipped, with the reason, where a test needs what only a kernel has.
object::TestOutcome RunTest(const SourceSet& sources, const sema::Program& program,
                            const object::TestPlan& plan);

}  // namespace netc::interpret
