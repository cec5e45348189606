// Entries by key, at most so many: what hashes, sets, counters and limiters are made
// of. An entry stays where it is for as long as it lives. Internal to this folder, but
// for its test.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace netc::interpret {

class Table {
 public:
  struct Entry {
    std::vector<uint8_t> bytes;  // key, then value
    uint32_t version = 0;        // grows whenever it stops being what it was
    uint32_t next = 0;           // in its bucket
    uint32_t older = 0, newer = 0;
    bool live = false;
  };

  // `lru`: where it is full, the entry that was used longest ago gives way.
  Table(uint32_t key_size, uint32_t value_size, uint64_t capacity, bool lru);

  // Null where there is none. Counts as a use.
  Entry* Find(std::span<const uint8_t> key);
  const Entry* Peek(std::span<const uint8_t> key) const;
  // A new entry with a value of zeros; null where there is no room. The key is not there.
  Entry* Insert(std::span<const uint8_t> key);
  bool Remove(std::span<const uint8_t> key);
  void Clear();

  uint8_t* ValueOf(Entry& entry) const { return entry.bytes.data() + key_size_; }
  std::span<const uint8_t> KeyOf(const Entry& entry) const {
    return {entry.bytes.data(), key_size_};
  }
  std::span<const uint8_t> ValueOf(const Entry& entry) const {
    return {entry.bytes.data() + key_size_, value_size_};
  }
  uint64_t size() const { return size_; }
  bool gave_way() const { return gave_way_; }

  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const Entry& entry : entries_) {
      if (entry.live) visit(entry);
    }
  }

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};

  size_t BucketOf(std::span<const uint8_t> key) const;
  uint32_t IndexOf(std::span<const uint8_t> key) const;
  void Grow();
  void Use(uint32_t index);
  void Unlink(uint32_t index);
  void Release(uint32_t index);

  uint32_t key_size_, value_size_;
  uint64_t capacity_;
  bool lru_;
  bool gave_way_ = false;
  uint64_t size_ = 0;
  std::deque<Entry> entries_;
  std::vector<uint32_t> free_;
  std::vector<uint32_t> buckets_;
  uint32_t oldest_ = kNone, newest_ = kNone;  // lru only
};

}  // namespace netc::interpret
