// What the verifier said, led back to the source.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/object/object_info.h"

namespace netc::runtime {

struct Rejection {
  std::string program;  // name of the BPF program that libbpf was loading
  std::string message;  // the verifier's own words
  std::string c_text;   // line of the emitted C, as the log shows it
  uint32_t c_line = 0;  // 1-based; 0 if the log does not say (before 6.9)
  std::string log;      // the verifier's log alone
};

// Finds a rejection in what libbpf logged; nothing if there is no verifier log.
std::optional<Rejection> FindRejection(std::string_view libbpf_log);

// Place of the source that a line of the emitted C stands for.
std::optional<object::Place> SourceOf(const std::vector<object::LineMapping>& lines,
                                      uint32_t c_line);

}  // namespace netc::runtime
