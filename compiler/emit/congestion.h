// What congestion controls take of the kernel, and what they hand to it.
#pragma once

#include <string>

#include "compiler/ir/program.h"

namespace netc::emit {

// struct tcp_sock and the samples, with just the members that are used: libbpf finds
// where the running kernel has them (CO-RE). Prototypes of kernel functions.
std::string KernelTypes(const ir::Program& program);

// The structs of functions that the kernel registers.
std::string Controls(const ir::Program& program);

// "u32" as this file's C has it.
std::string CType(const std::string& kernel);

}  // namespace netc::emit
