// How much stack a BPF object takes, as the verifier counts it.
#pragma once

#include <llvm/ADT/StringRef.h>
#include <llvm/Support/Error.h>

#include <cstdint>

namespace netc::codegen {

// Bytes of the deepest chain of calls. A function takes what lies between r10 and the lowest
// place that it makes an address of, rounded up to 16 bytes, and at least that
// (kernel/bpf/verifier.c, round_up_stack_depth, 6.18). Linux 6.1 rounds up to 32, so it may
// refuse what fits here.
llvm::Expected<uint32_t> DeepestStack(llvm::StringRef elf);

}  // namespace netc::codegen
