// How much stack a BPF object takes, as the verifier counts it.
#pragma once

#include <llvm/ADT/StringRef.h>
#include <llvm/Support/Error.h>

#include <cstdint>

namespace netc::codegen {

// Bytes of the deepest chain of calls. A function takes what lies between r10 and the lowest
// place that it makes an address of, rounded up to 32 bytes, and at least that
// (kernel/bpf/verifier.c, check_max_stack_depth, 6.1). Newer kernels round up to 16 where they
// compile programs, so nothing that fits here is refused there.
llvm::Expected<uint32_t> DeepestStack(llvm::StringRef elf);

}  // namespace netc::codegen
