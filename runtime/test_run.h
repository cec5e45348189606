// Tests of a pipeline, run by the kernel: BPF_PROG_TEST_RUN on a freshly loaded
// object for each.
#pragma once

#include <string>
#include <vector>

#include "compiler/object/test_plan.h"
#include "runtime/load.h"

namespace netc::runtime {

struct Problem {
  object::Place place;
  std::string step;                  // as written
  std::string message;               // "expected `drop`, got `pass`"
  std::vector<std::string> details;  // which rule decided, which bytes differ
};

enum class TestResult { kPassed, kFailed, kSkipped };

struct TestOutcome {
  TestResult result = TestResult::kPassed;
  std::vector<Problem> problems;  // of a failed test: every expectation that did not hold
  std::string reason;             // of a skipped test
};

// A failure says that the test could not begin: the object was refused, BPF is not
// permitted. A test whose hook the kernel cannot test-run is skipped.
Result<TestOutcome> RunTest(const ObjectFile& file, const object::TestPlan& plan);

}  // namespace netc::runtime
