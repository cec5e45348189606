// A pipeline on all processors at once: what must be exact, is.
#pragma once

#include <string>

namespace netc::differential {

// Runs the first block many times on each processor, and compares the counters with what the
// interpreter counts in as many runs. Empty, or what differs.
std::string RunRace(const std::string& source);

}  // namespace netc::differential
