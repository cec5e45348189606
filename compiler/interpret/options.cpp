// The walk over a header's options: section 12, Options.
#include <algorithm>

#include "compiler/interpret/interpreter.h"

namespace netc::interpret {

using sema::Header;
using sema::HeaderRef;

// Where the option stands, if its header is present and the walk meets one.
Occurrence Interpreter::FindOption(HeaderRef ref) {
  const Header& option = HeaderOf(ref.header);
  Occurrence parent = At({*option.option_of, ref.scope});
  if (parent.presence != Presence::kPresent) return {parent.presence, 0, 0, 0};
  const Header& declared = HeaderOf(*option.option_of);
  const sema::OptionWalk& walk = *declared.options;
  uint32_t common = HeaderOf(walk.base).fixed_size;
  uint64_t end = uint64_t{parent.at} + parent.size;
  Occurrence unreadable{Presence::kUnreadable, 0, 0, 0};
  uint64_t p = uint64_t{parent.at} + declared.fixed_size;
  while (p < end) {
    if (p >= parent.limit) return unreadable;
    auto at = static_cast<uint32_t>(p);
    Self self{walk.base, ref.scope, {Presence::kPresent, at, common, parent.limit}};
    if (walk.end && Holds(self, *walk.end)) return {};
    if (walk.single && Holds(self, *walk.single)) {
      ++p;
      continue;
    }
    if (p + common > end || p + common > parent.limit) return unreadable;
    uint64_t size = Number(self, *walk.size);
    if (size < common || p + size > end) return unreadable;
    const sema::HeaderField& kind = option.fields.front();
    uint64_t value = ReadBits(packet_.data() + p, kind.bit_offset, kind.bits);
    const auto& kinds = option.option_kinds;
    if (std::find(kinds.begin(), kinds.end(), value) != kinds.end()) {
      uint64_t own = option.fixed_size;
      if (own > size || p + own > parent.limit) return unreadable;
      return {Presence::kPresent, at, static_cast<uint32_t>(size), parent.limit};
    }
    p += size;
  }
  return {};
}

}  // namespace netc::interpret
