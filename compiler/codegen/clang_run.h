// One run of Clang over one source in memory.
#pragma once

#include <llvm/ADT/SmallVector.h>

#include "compiler/codegen/plugin_abi.h"

namespace netc::codegen {

struct ClangProduct {
  llvm::SmallVector<char, 0> object;  // ELF with DWARF; empty after an error
  bool ok = false;
  // Text of the first error that says that the program is beyond the backend's
  // limits, though Clang understood it.
  std::string limit;
  bool stack_exceeded = false;  // likewise, of the stack
};

// Does what `clang-19 -O2 -g -target bpf -mcpu=CPU -c` does. Messages go to the
// sink as they come.
void RunClang(const abi::Request& request, const abi::Sink& sink, ClangProduct& product);

}  // namespace netc::codegen
