#include "compiler/hooks/kernel_struct.h"

#include <algorithm>

#include "compiler/hooks/rows.h"

namespace netc::hooks {

namespace {

using rows::V;

#define STRUCT(...)
#define MEMBER(owner, name, offset, order, type) {#owner, #name, offset, ByteOrder::order, type},
constexpr KernelMember kStructMembers[] = {
#include "compiler/hooks/kernel_structs.def"
};
#undef STRUCT
#undef MEMBER

constexpr std::span<const KernelMember> MembersOfStruct(std::string_view owner) {
  size_t first = 0;
  while (first < std::size(kStructMembers) && kStructMembers[first].owner != owner) ++first;
  size_t last = first;
  while (last < std::size(kStructMembers) && kStructMembers[last].owner == owner) ++last;
  return std::span<const KernelMember>(kStructMembers).subspan(first, last - first);
}

#define MEMBER(...)
#define STRUCT(name, c_struct, bytes, since) \
  {#name, #c_struct, bytes, since, MembersOfStruct(#name)},
constexpr KernelStruct kStructs[] = {
#include "compiler/hooks/kernel_structs.def"
};
#undef STRUCT
#undef MEMBER

struct KernelNumber {
  std::string_view name;
  uint64_t value;
};
#define CONSTANT(name, value) {#name, value},
constexpr KernelNumber kKernelNumbers[] = {
#include "compiler/hooks/constants.def"
};
#undef CONSTANT

}  // namespace

std::span<const KernelStruct> AllKernelStructs() {
  return kStructs;
}

const KernelStruct* FindKernelStruct(std::string_view name) {
  for (const KernelStruct& each : kStructs) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

bool IsKernelStruct(std::string_view c_struct) {
  return std::any_of(std::begin(kStructs), std::end(kStructs),
                     [&](const KernelStruct& each) { return each.c_struct == c_struct; });
}

std::optional<uint64_t> FindConstant(std::string_view name) {
  for (const KernelNumber& each : kKernelNumbers) {
    if (each.name == name) return each.value;
  }
  return std::nullopt;
}

}  // namespace netc::hooks
