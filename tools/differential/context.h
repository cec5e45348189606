// What a hook's words are in a test run: given by the tool where the kernel takes them, worked out
// from the packet where the kernel fills them in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/hooks/hooks.h"
#include "compiler/object/object_info.h"
#include "tools/differential/choices.h"

namespace netc::differential {

using Words = std::vector<std::pair<std::string, uint64_t>>;

class ContextMaker {
 public:
  // `source`: words that it doesn't have are left out.
  ContextMaker(const hooks::Hook& hook, std::string_view source);

  // Whether a test run shows a word that this knows: generators write no others.
  static bool Knows(const hooks::Hook& hook, const hooks::Field& field);

  void Make(const object::Bytes& packet, Choices& choices);
  // The C struct, as the kernel is given it; may be empty.
  const object::Bytes& bytes() const { return bytes_; }
  const Words& words() const { return words_; }

 private:
  std::vector<std::pair<const hooks::Field*, uint32_t>> used_;  // with its row
  object::Bytes bytes_;
  Words words_;
};

}  // namespace netc::differential
