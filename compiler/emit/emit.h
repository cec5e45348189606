// IR to C: what a BPF maintainer would read. Total.
#pragma once

#include <string>
#include <vector>

#include "compiler/ir/program.h"
#include "compiler/object/object_info.h"

namespace netc {

struct CSource {
  std::string text;
  std::vector<object::LineMapping> lines;
};

// The same program gives the same bytes. `clang-19 -O2 -g -Wall -Werror -target
// bpf -mcpu=v3 -c` compiles them with nothing but libbpf's headers.
CSource Emit(const ir::Program& program);

// Names that Emit gives to what it adds to each object: rings, counters, flags.
// Fills the matching members of the info, and its lines.
void DescribeEmitted(const ir::Program& program, const CSource& source, object::ObjectInfo& info);

}  // namespace netc
