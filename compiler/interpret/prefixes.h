// Entries by prefix, found by the longest that covers an address. Internal to this
// folder, but for its test.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "compiler/interpret/table.h"

namespace netc::interpret {

// Keys are prefixes as section 3 lays them out: four bytes of length, then the address.
class Prefixes {
 public:
  Prefixes(uint32_t address_size, uint32_t value_size, uint64_t capacity);

  // The entry of the longest prefix that covers the address; null if none does.
  Table::Entry* Longest(std::span<const uint8_t> address);

  // Of just this prefix; bits behind its length don't count.
  const Table::Entry* Peek(std::span<const uint8_t> prefix) const;
  Table::Entry* Find(std::span<const uint8_t> prefix);
  Table::Entry* Insert(std::span<const uint8_t> prefix);
  bool Remove(std::span<const uint8_t> prefix);
  void Clear();

  Table& table() { return table_; }
  const Table& table() const { return table_; }

 private:
  using Key = std::array<uint8_t, 20>;
  Key Masked(std::span<const uint8_t> address, uint32_t length) const;
  Key Masked(std::span<const uint8_t> prefix) const;
  std::span<const uint8_t> Bytes(const Key& key) const { return {key.data(), 4 + address_size_}; }

  uint32_t address_size_;
  Table table_;
  std::array<uint64_t, 129> lengths_{};  // how many prefixes have this length
};

}  // namespace netc::interpret
