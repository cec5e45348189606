#include "compiler/interpret/prefixes.h"

#include <algorithm>
#include <cstring>

namespace netc::interpret {

Prefixes::Prefixes(uint32_t address_size, uint32_t value_size, uint64_t capacity)
    : address_size_(address_size), table_(4 + address_size, value_size, capacity, false) {}

Prefixes::Key Prefixes::Masked(std::span<const uint8_t> address, uint32_t length) const {
  Key key{};
  std::memcpy(key.data(), &length, 4);
  std::copy_n(address.begin(), (length + 7) / 8, key.begin() + 4);
  if (length % 8 != 0) key[4 + length / 8] &= static_cast<uint8_t>(0xff00 >> length % 8);
  return key;
}

Prefixes::Key Prefixes::Masked(std::span<const uint8_t> prefix) const {
  uint32_t length = 0;
  std::memcpy(&length, prefix.data(), 4);
  return Masked(prefix.subspan(4), std::min(length, address_size_ * 8));
}

Table::Entry* Prefixes::Longest(std::span<const uint8_t> address) {
  for (uint32_t length = address_size_ * 8 + 1; length-- > 0;) {
    if (lengths_[length] == 0) continue;
    Key key = Masked(address, length);
    if (Table::Entry* entry = table_.Find(Bytes(key))) return entry;
  }
  return nullptr;
}

const Table::Entry* Prefixes::Peek(std::span<const uint8_t> prefix) const {
  return table_.Peek(Bytes(Masked(prefix)));
}

Table::Entry* Prefixes::Find(std::span<const uint8_t> prefix) {
  return table_.Find(Bytes(Masked(prefix)));
}

Table::Entry* Prefixes::Insert(std::span<const uint8_t> prefix) {
  Key key = Masked(prefix);
  Table::Entry* entry = table_.Insert(Bytes(key));
  uint32_t length = 0;
  std::memcpy(&length, key.data(), 4);
  if (entry) ++lengths_[length];
  return entry;
}

bool Prefixes::Remove(std::span<const uint8_t> prefix) {
  Key key = Masked(prefix);
  if (!table_.Remove(Bytes(key))) return false;
  uint32_t length = 0;
  std::memcpy(&length, key.data(), 4);
  --lengths_[length];
  return true;
}

void Prefixes::Clear() {
  table_.Clear();
  lengths_.fill(0);
}

}  // namespace netc::interpret
