// What a failed expectation says.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/object/test_plan.h"

namespace netc::runtime {

// "`drop`", or "code 7, which is no verdict of xdp".
std::string VerdictWord(const object::Program& program, int64_t code);

// Which fields, or bytes, of `got` are not as expected; empty if all are.
std::vector<std::string> ComparePackets(const object::ExpectPacket& expected,
                                        const object::Bytes& got);

// "SynFlood src=10.0.0.1 dport=443"
std::string DescribeEvent(const object::Event& event, const uint8_t* record);

}  // namespace netc::runtime
