// What a hook's words are in a test run: given by the tool where the kernel takes them, worked out
// from the packet where the kernel fills them in.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/hooks/hooks.h"
#include "compiler/hooks/words.h"
#include "compiler/object/object_info.h"
#include "tools/differential/choices.h"

namespace netc::differential {

using Words = std::vector<std::pair<std::string, uint64_t>>;
using Address = std::array<uint8_t, 16>;

class ContextMaker {
 public:
  // `source`: words that it doesn't have are left out.
  ContextMaker(const hooks::Hook& hook, std::string_view source);

  // Whether a test run shows a word that this knows: generators write no others.
  static bool Knows(const hooks::Hook& hook, const hooks::Field& field);

  // Words of the hook that are no field of its context, and that this knows.
  static std::vector<std::string_view> OtherWords(const hooks::Hook& hook);

  void Make(const object::Bytes& packet, Choices& choices);
  // The C struct, as the kernel is given it; may be empty.
  const object::Bytes& bytes() const { return bytes_; }
  const Words& words() const { return words_; }
  const std::vector<std::pair<std::string, Address>>& addresses() const { return addresses_; }
  // What socket the hook has here, if it knows of any.
  std::optional<hooks::Needs> socket() const { return socket_; }

 private:
  Address LookupAddress(const hooks::Field& four, const hooks::Field* six, Choices& choices);
  void MakeOthers(const object::Bytes& packet);

  std::vector<std::pair<const hooks::Field*, uint32_t>> used_;  // with its row
  std::vector<uint32_t> others_;                                // rows of other words
  std::optional<hooks::Needs> socket_;
  const hooks::Field* remote6_ = nullptr;
  const hooks::Field* local6_ = nullptr;
  uint64_t family_ = 0;
  Address remote_{}, local_{};
  object::Bytes bytes_;
  Words words_;
  std::vector<std::pair<std::string, Address>> addresses_;
};

}  // namespace netc::differential
