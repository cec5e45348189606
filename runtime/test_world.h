// What the runtime's tests need of the machine: BPF, namespaces, fixtures.
#pragma once

#include <sys/types.h>

#include <string>

#include "runtime/load.h"

namespace netc::runtime {

// Why BPF cannot be used here, or an empty string.
std::string NoBpf();

// NAME.bpf.o of testdata/, or a file of that folder's build.
std::string FixturePath(const std::string& name);
ObjectFile Fixture(const std::string& name);

// Moves this process into a network namespace of its own, with `lo` up and a veth
// pair va–vb, both up with 10.77.0.1 and 10.77.0.2; it goes with the process. The
// error, or an empty string.
std::string EnterScratchNetns();

// An Ethernet frame with an IPv4 header and two ports, 54 bytes; `source` is
// 10.0.0.x by its last byte.
object::Bytes Frame(uint8_t source, uint8_t protocol, uint16_t sport, uint16_t dport);
void SendFrame(const char* interface, const object::Bytes& frame);

}  // namespace netc::runtime

#define NETC_NEEDS_BPF() \
  if (std::string why = netc::runtime::NoBpf(); !why.empty()) GTEST_SKIP() << why
