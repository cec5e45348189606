// What calls by a kernel name need to know of types and maps.
#pragma once

#include <string>
#include <string_view>

#include "compiler/sema/program.h"

namespace netc::sema {

// The type of a number as a prototype has it, e.g. "__u32".
TypeId TypeOfKernel(TypeTable& types, std::string_view c_type);

// "6.4"
std::string VersionText(hooks::KernelVersion version);

// "xdp, tc.* (since 5.1)": the hooks that may make a call, by the kernel since which.
std::string AvailableIn(const hooks::Helper& helper);
std::string AvailableIn(const hooks::Kfunc& kfunc);

// The number of the map type (enum bpf_map_type) that a state is kept in.
uint32_t MapTypeNumber(const State& state, hooks::KernelVersion floor);
// That, and those of the maps that hold it, or that it is read through.
std::vector<uint32_t> MapTypeNumbers(const State& state, hooks::KernelVersion floor);

}  // namespace netc::sema
