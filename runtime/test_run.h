// Tests of a pipeline, run by the kernel: BPF_PROG_TEST_RUN on a freshly loaded
// object for each.
#pragma once

#include "compiler/object/test_plan.h"
#include "compiler/object/test_report.h"
#include "runtime/load.h"

namespace netc::runtime {

// A failure says that the test could not begin: the object was refused, BPF is not
// permitted. A test whose hook the kernel cannot test-run is skipped.
// Where the kernel has taken the whole object before, only the plan's program is loaded.
Result<object::TestOutcome> RunTest(const ObjectFile& file, const object::TestPlan& plan,
                                    bool taken_before = false);

}  // namespace netc::runtime
