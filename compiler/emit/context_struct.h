// The hook's context as the emitted C sees it.
#pragma once

#include <string>

#include "compiler/ir/program.h"

namespace netc::emit {

// Structs of all contexts, each up to the last member that is used, at the
// kernel's offsets.
std::string ContextStructs(const ir::Program& program);
// "struct xdp_md", "unsigned long long".
std::string ContextType(const ir::Hook& hook);
// A member that holds a pointer, cast where the kernel's struct has a number.
std::string PointerField(const ir::Hook& hook, const std::string& name);
std::string SectionName(const ir::Hook& hook);
// Whether the verdict refuses what the hook asks about.
bool Denies(const hooks::Verdict& verdict);

}  // namespace netc::emit
