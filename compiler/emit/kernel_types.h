// Prototypes of the kernel's functions, and the types that these name.
#pragma once

#include <string>

#include "compiler/ir/program.h"

namespace netc::emit {

std::string KernelCalls(const ir::Program& program);

// As a C string literal.
std::string Quoted(const std::string& text);

}  // namespace netc::emit
