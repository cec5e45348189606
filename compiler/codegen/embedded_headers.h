// libbpf's headers for BPF programs, as they were on the machine that built netc.
#pragma once

#include <span>
#include <string_view>

namespace netc::codegen {

struct EmbeddedHeader {
  std::string_view path;  // as it is included, e.g. "bpf/bpf_helpers.h"
  std::string_view text;  // a NUL follows its last byte
};

std::span<const EmbeddedHeader> EmbeddedHeaders();

}  // namespace netc::codegen
