// Structs and numbers of the kernel's user interface, as calls by a kernel name take them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "compiler/hooks/field.h"

namespace netc::hooks {

// Cgroup-local storage: before it, only the cgroup that a program is attached to has any.
inline constexpr KernelVersion kCgroupLocalStorage{6, 2};

struct KernelMember {
  std::string_view owner;  // KernelStruct::name
  std::string_view name;
  uint16_t offset = 0;    // bytes
  ByteOrder order{};      // kHost or kBig
  std::string_view type;  // netc's, e.g. "ipv4_addr"
};

struct KernelStruct {
  std::string_view name;      // as written in a pipeline
  std::string_view c_struct;  // behind `struct`, as prototypes name it
  uint16_t bytes = 0;
  KernelVersion since{};
  std::span<const KernelMember> members;
};

std::span<const KernelStruct> AllKernelStructs();
const KernelStruct* FindKernelStruct(std::string_view name);  // or null
// Whether a pointer to this C struct leads to memory that the program has.
bool IsKernelStruct(std::string_view c_struct);

// A number of the kernel's user interface by its C name.
std::optional<uint64_t> FindConstant(std::string_view name);

}  // namespace netc::hooks
