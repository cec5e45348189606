// A chain of headers that are passed over, e.g. IPv6 extension headers, walked by
// a function of its own.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "compiler/lower/hook_context.h"

namespace netc::lower {

// Offsets beyond this lead nowhere; the verifier wants packet offsets under
// 65,536 (MAX_PACKET_OFF, kernel/bpf/verifier.c).
inline constexpr uint32_t kFarthest = 0x7fff;

struct WalkFunction {
  // Members of the struct that goes in and comes out.
  enum : uint32_t { kAt, kValue, kLimit };
  // Results.
  enum : int { kArrived = 0, kNothing = 1, kLost = 2 };
  // Stands beside an offset that was found; none has the bit.
  static constexpr uint32_t kFound = kFarthest + 1;

  std::string name;
  uint32_t layout = 0;                        // struct of ir::Program::structs
  std::map<sema::HeaderRef, uint32_t> bases;  // member: is this header around the chain
  std::map<sema::HeaderRef, uint32_t> named;  // member: offset of the first one and kFound, 0: none
  std::map<sema::HeaderRef, uint32_t> ends;   // member: where what the first one carries ends
  std::optional<uint32_t> tagged;             // member: a tag beside the packet came before
  bool bounds = false;                        // an extent on the way may set the limit
};

// Adds the function to the hook.
WalkFunction WriteWalk(HookContext& context, const PlannedPoint& planned);

std::string PointName(const ProgramContext& program, const Point& point);
// Selectors of 16 and 32 bits are kept in network order, so that comparing them
// with constants needs no swap.
ir::Type SelectorValueType(const ProgramContext& program, const Point& point);
ir::ExprPtr SelectorValue(ir::ExprPtr value, ir::Type type);

}  // namespace netc::lower
