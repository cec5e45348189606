// The bytes of a packet, with room to move its ends. Internal to this folder.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace netc::interpret {

class Packet {
 public:
  // `hidden`: bytes at its begin that the program doesn't see.
  void Set(std::span<const uint8_t> bytes, uint32_t hidden);

  uint8_t* data() { return buffer_.data() + begin_; }
  const uint8_t* data() const { return buffer_.data() + begin_; }
  uint32_t size() const { return end_ - begin_; }
  std::span<const uint8_t> whole() const {
    return {buffer_.data() + begin_ - hidden_, size() + hidden_};
  }

  // Bytes that were put before it since it was set; below zero: taken.
  int64_t moved() const { return static_cast<int64_t>(kRoom) - begin_; }
  // From where its begin was to its end.
  uint32_t reach() const { return end_ < kRoom ? 0 : end_ - kRoom; }

  // Moves an end; bytes that are new are zero. Whoever calls has asked for the room,
  // which is never more than kRoom.
  void PushFront(uint32_t bytes);
  void PopFront(uint32_t bytes) { begin_ += bytes; }
  void PushBack(uint32_t bytes);
  void PopBack(uint32_t bytes) { end_ -= bytes; }
  // Takes bytes out of the middle, or puts zeros there.
  void Insert(uint32_t at, uint32_t bytes);
  void Erase(uint32_t at, uint32_t bytes);

  static constexpr uint32_t kRoom = 16'384;  // before it

 private:
  std::vector<uint8_t> buffer_;
  uint32_t begin_ = kRoom, end_ = kRoom, hidden_ = 0;
};

// Bits from the begin of `bytes`, the first the most significant, at most 64.
uint64_t ReadBits(const uint8_t* bytes, uint32_t offset, uint32_t bits);
void WriteBits(uint8_t* bytes, uint32_t offset, uint32_t bits, uint64_t value);

}  // namespace netc::interpret
