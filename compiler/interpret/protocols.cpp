#include "compiler/interpret/protocols.h"

#include <algorithm>

namespace netc::interpret {

using sema::HeaderId;
using sema::HeaderPlace;
using sema::NextHeader;
using sema::SelectorId;

Protocols::Protocols(const sema::Program& program)
    : program_(program), stands_(program.selectors.size()) {
  for (uint32_t i = 0; i < program.headers.size(); ++i) {
    const sema::Header& header = program.headers[i];
    for (const HeaderPlace& place : header.places) {
      if (place.at_start) {
        if (!at_start_) at_start_ = HeaderId{i};
        continue;
      }
      auto leads = [&](const NextHeader& next) {
        return next.selector == place.selector && !next.inner;
      };
      auto again = std::find_if(header.next.begin(), header.next.end(), leads);
      const NextHeader* passes = !place.inner && again != header.next.end() ? &*again : nullptr;
      for (uint64_t value : place.values) {
        stands_[static_cast<size_t>(place.selector)].push_back(
            {value, HeaderId{i}, place.inner, passes});
      }
    }
  }
}

std::optional<SelectorId> Protocols::Selector(std::string_view name) const {
  for (uint32_t i = 0; i < program_.selectors.size(); ++i) {
    if (program_.selectors[i].name == name) return SelectorId{i};
  }
  return std::nullopt;
}

}  // namespace netc::interpret
