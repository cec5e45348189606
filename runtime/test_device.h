// Runs a tc program on a device of the scratch namespace, for packets that
// BPF_PROG_TEST_RUN doesn't take.
#pragma once

#include <functional>
#include <optional>

#include "runtime/load.h"
#include "runtime/scratch_net.h"

namespace netc::runtime {

class TestDevice {
 public:
  // What the program decided, and the packet that left, if it is one that leaves
  // the machine and it did.
  struct Outcome {
    int64_t code = 0;
    std::optional<object::Bytes> packet;
  };

  // Attaches the program to the end that its hook is for. The thread must be in the
  // scratch namespace.
  static Result<TestDevice> Attach(const Loaded& loaded, const object::Program& program);

  // Waits so many milliseconds for what must come: to the program, or out of the device.
  Result<Outcome> Send(const object::Bytes& packet, int patience = 1000);

 private:
  const Loaded* loaded_ = nullptr;
  bool outward_ = false;  // at egress, where what comes out can be seen
  Fd link_;
  Fd sender_, receiver_;
};

}  // namespace netc::runtime
