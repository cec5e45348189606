// One pipeline through both: compiled, loaded and run by the kernel, and interpreted. Whatever
// differs is told.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "tools/differential/coverage.h"

namespace netc::differential {

enum class Result : uint8_t {
  kSame,
  kTooLarge,      // beyond what BPF holds, as netc said itself
  kUndetermined,  // what happened is not determined by the language: not compared further
  kRefused,       // the checker takes it for wrong
  kNotCompiled,   // Clang refuses the C
  kRejected,      // the verifier refuses the program
  kDifferent,
  kFailed,  // this machine can't run it
};
inline bool IsProblem(Result result) {
  return result >= Result::kRefused;
}
const char* NameOf(Result result);

struct CaseOptions {
  uint32_t packets = 1000;
  uint64_t seed = 1;  // of packets, words and times
};

struct CaseReport {
  Result result = Result::kSame;
  std::string details;
  uint64_t packets = 0;
  uint64_t not_taken = 0;                  // by BPF_PROG_TEST_RUN
  uint64_t by_wire = 0;                    // of `packets`, those over a veth pair
  std::array<uint64_t, 4> microseconds{};  // check, compile, load, run
  Coverage coverage;
};

CaseReport RunCase(const std::string& source, const CaseOptions& options);

}  // namespace netc::differential
