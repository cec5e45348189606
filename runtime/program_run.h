// One run of a loaded program by BPF_PROG_TEST_RUN, with all that the kernel takes and gives.
#pragma once

#include <cstdint>
#include <span>

#include "runtime/load.h"

namespace netc::runtime {

struct ProgramRun {
  int error = 0;                    // errno: the kernel did not take the packet or the context
  int32_t code = 0;                 // what the program returned
  std::span<const uint8_t> packet;  // after the run
};

// Runs programs of a pipeline, again and again, without allocating.
class ProgramRunner {
 public:
  explicit ProgramRunner(const Loaded& loaded) : loaded_(loaded) {}

  // `context` is the C struct of the hook's context, or empty. What the result points to lives
  // until the next run. `repeat` runs see what those before them made of the packet.
  ProgramRun Run(const object::Program& program, std::span<const uint8_t> packet,
                 std::span<const uint8_t> context, int repeat = 1);

 private:
  const Loaded& loaded_;
  object::Bytes out_, context_out_;
};

}  // namespace netc::runtime
