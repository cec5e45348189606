// Packets that BPF_PROG_TEST_RUN doesn't take, over a veth pair: shorter than their headers, longer
// than a page, with a VLAN tag beside the bytes.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "compiler/sema/program.h"
#include "runtime/scratch_net.h"
#include "runtime/test_device.h"

namespace netc::differential {

// Whether programs for it can stand at a device of the scratch namespace.
bool StandsAtDevice(const hooks::Hook& hook);

// A test for each block at a device, for the end of the pipeline: with it the programs tell what
// they decide.
std::string WireTests(const sema::Program& program);

class Wire {
 public:
  explicit Wire(const runtime::Loaded& loaded) : loaded_(loaded) {}

  // Makes the namespace and attaches the program when it is first asked for. Nothing if no device
  // sends the packet, or the stack drops it before the program.
  runtime::Result<std::optional<runtime::TestDevice::Outcome>> Send(uint32_t block,
                                                                    const object::Bytes& packet);

 private:
  const runtime::Loaded& loaded_;
  std::optional<runtime::ScratchNet> net_;
  // One program at a time: two would see each other's packets.
  std::optional<runtime::TestDevice> device_;
  uint32_t block_ = 0;
};

}  // namespace netc::differential
