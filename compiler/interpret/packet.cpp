#include "compiler/interpret/packet.h"

#include <algorithm>
#include <cstring>

namespace netc::interpret {

void Packet::Set(std::span<const uint8_t> bytes, uint32_t hidden) {
  hidden_ = std::min<uint32_t>(hidden, static_cast<uint32_t>(bytes.size()));
  begin_ = kRoom;
  end_ = kRoom + static_cast<uint32_t>(bytes.size()) - hidden_;
  if (buffer_.size() < end_) buffer_.resize(end_);
  std::copy(bytes.begin(), bytes.end(), buffer_.begin() + kRoom - hidden_);
}

void Packet::PushFront(uint32_t bytes) {
  begin_ -= bytes;
  std::memset(data(), 0, bytes);
}

void Packet::PushBack(uint32_t bytes) {
  if (buffer_.size() < end_ + bytes) buffer_.resize(end_ + bytes);
  std::memset(buffer_.data() + end_, 0, bytes);
  end_ += bytes;
}

void Packet::Insert(uint32_t at, uint32_t bytes) {
  PushFront(bytes);
  std::memmove(data(), data() + bytes, at);
  std::memset(data() + at, 0, bytes);
}

void Packet::Erase(uint32_t at, uint32_t bytes) {
  std::memmove(data() + bytes, data(), at);
  PopFront(bytes);
}

uint64_t ReadBits(const uint8_t* bytes, uint32_t offset, uint32_t bits) {
  uint64_t value = 0;
  bytes += offset / 8;
  offset %= 8;
  uint32_t left = bits;
  while (left > 0) {
    uint32_t here = std::min(left, 8 - offset);
    uint32_t part = *bytes >> (8 - offset - here) & ((1u << here) - 1);
    value = value << here | part;
    left -= here;
    offset = 0;
    ++bytes;
  }
  return value;
}

void WriteBits(uint8_t* bytes, uint32_t offset, uint32_t bits, uint64_t value) {
  bytes += offset / 8;
  offset %= 8;
  uint32_t left = bits;
  while (left > 0) {
    uint32_t here = std::min(left, 8 - offset);
    uint32_t shift = 8 - offset - here;
    uint32_t mask = ((1u << here) - 1) << shift;
    uint32_t part = static_cast<uint32_t>(value >> (left - here)) << shift;
    *bytes = static_cast<uint8_t>((*bytes & ~mask) | (part & mask));
    left -= here;
    offset = 0;
    ++bytes;
  }
}

}  // namespace netc::interpret
