// What the declarations of headers say of what can stand where, gathered once for all
// packets. Internal to this folder.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "compiler/sema/program.h"

namespace netc::interpret {

// A header that stands on a selector with one value.
struct Stand {
  uint64_t value = 0;
  sema::HeaderId header{};
  bool inner = false;
  // Set where the header has itself a `next` to the selector: it is passed over.
  const sema::NextHeader* again = nullptr;
};

class Protocols {
 public:
  explicit Protocols(const sema::Program& program);

  // The header that begins a frame, if one does.
  std::optional<sema::HeaderId> at_start() const { return at_start_; }
  std::optional<sema::SelectorId> Selector(std::string_view name) const;
  // In the order in which the headers are declared.
  const std::vector<Stand>& StandsOn(sema::SelectorId selector) const {
    return stands_[static_cast<size_t>(selector)];
  }

 private:
  const sema::Program& program_;
  std::optional<sema::HeaderId> at_start_;
  std::vector<std::vector<Stand>> stands_;  // by selector
};

}  // namespace netc::interpret
