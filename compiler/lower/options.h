// Options of a header, found by a function that the verifier checks alone. A walk in
// place would multiply the ways through the program by those through the options.
#pragma once

#include <map>
#include <set>
#include <string>

#include "compiler/lower/hook_context.h"

namespace netc::lower {

// The offset of an option that can't be read: farther than any packet is long.
inline constexpr uint32_t kUnreadableOption = ~0u;

struct OptionsFunction {
  // Members of the struct that goes in and comes out: offsets in the packet, and 1
  // until the walk has ended where the options do.
  enum : uint32_t { kAt, kEnd, kLimit, kLost };

  std::string name;
  uint32_t layout = 0;                        // struct of ir::Program::structs
  std::map<sema::HeaderRef, uint32_t> found;  // member: offset of the first one, 0: none
};

// Adds the function to the hook.
OptionsFunction WriteOptionsWalk(HookContext& context, sema::HeaderRef header,
                                 const std::set<sema::HeaderRef>& options);

// Whether a header's size depends on what surrounds it.
bool TakesExtent(const sema::Expr& size);

}  // namespace netc::lower
