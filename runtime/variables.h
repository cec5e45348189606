// Global variables of a BPF object that is open or loaded.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

struct bpf_object;

namespace netc::runtime {

// The bytes of a variable in `section` (".rodata", ".data.params", …), empty if
// there is none. Before loading they are its initial value; afterwards, outside
// .rodata, the memory that the programs see. Valid as long as `object`.
std::span<uint8_t> FindVariable(bpf_object* object, std::string_view section,
                                std::string_view name);

}  // namespace netc::runtime
