// Runs a batch of generated pipelines in a process of its own: what Clang or the kernel do to it
// ends with it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tools/differential/catalog.h"
#include "tools/differential/differ.h"

namespace netc::differential {

struct Plan {
  uint64_t seed = 0;
  uint64_t pipelines = 1000;
  uint32_t packets = 1000;
  double seconds = 0;  // 0: until all pipelines have run
  uint32_t jobs = 1;
  uint32_t problems = 5;  // after so many it gives up
  double shrink_seconds = 60;
  std::string keep;  // folder for what failed; may be empty
};

struct Totals {
  uint64_t pipelines = 0, packets = 0, not_taken = 0, by_wire = 0;
  uint64_t by_result[8] = {};
  uint64_t microseconds[4] = {};
  Coverage coverage;
  std::vector<std::string> problems;
  double seconds = 0;

  uint64_t of(Result result) const { return by_result[static_cast<size_t>(result)]; }
};

// The pipeline with this number of a run.
std::string PipelineOf(const Catalog& catalog, uint64_t seed, uint64_t number);

Totals RunAll(const Catalog& catalog, const Plan& plan);

}  // namespace netc::differential
