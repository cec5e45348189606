// How a test of the source came out, and what a failed expectation says: the same
// whether the kernel ran it or the reference interpreter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/object/test_plan.h"

namespace netc::object {

struct Problem {
  Place place;
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

// "`drop`", or "code 7, which is no verdict of xdp".
std::string VerdictWord(const Program& program, int64_t code);

// "SynFlood src=10.0.0.1 dport=443"
std::string DescribeEvent(const Event& event, const uint8_t* record);

// "edge.np:7:5 decided: drop when udp"
std::string Decided(const Place& place, const std::string& rule);
// What no rule says where the pipeline has rules.
std::string NoRuleDecided();

// Why an expectation does not hold; nothing if it does.
struct Mismatch {
  std::string message;
  std::vector<std::string> details;
};
// Which fields, or bytes, of `got` are not as expected.
std::optional<Mismatch> Compare(const ExpectPacket& expected, const Bytes& got);
// `found`: the key's value, if it is there.
std::optional<Mismatch> Compare(const ExpectState& expected, const State& state,
                                const std::optional<Bytes>& found);
// `next`: what the queue or stack gives.
std::optional<Mismatch> Compare(const ExpectQueue& expected, const State& state,
                                const std::optional<Bytes>& next);
// `event` is what is expected; `got` and `record` what came, null if nothing did.
std::optional<Mismatch> Compare(const ExpectEvent& expected, const Event& event, const Event* got,
                                const uint8_t* record);
std::optional<Mismatch> Compare(const ExpectNoEvent& expected, const Event* got,
                                const uint8_t* record);
// `counts` holds all faults that the pipeline can count, with their counts.
std::optional<Mismatch> Compare(const ExpectFault& expected,
                                const std::vector<std::pair<std::string, uint64_t>>& counts);

// The same by lines: which fields, or bytes, differ; empty if none do.
std::vector<std::string> ComparePackets(const ExpectPacket& expected, const Bytes& got);

}  // namespace netc::object
