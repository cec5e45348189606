#include "compiler/interpret/table.h"

#include <algorithm>

#include "compiler/interpret/arithmetic.h"

namespace netc::interpret {

Table::Table(uint32_t key_size, uint32_t value_size, uint64_t capacity, bool lru)
    : key_size_(key_size),
      value_size_(value_size),
      capacity_(capacity),
      lru_(lru),
      buckets_(16, kNone) {}

size_t Table::BucketOf(std::span<const uint8_t> key) const {
  return Hash(key.data(), key.size()) & (buckets_.size() - 1);
}

uint32_t Table::IndexOf(std::span<const uint8_t> key) const {
  for (uint32_t i = buckets_[BucketOf(key)]; i != kNone; i = entries_[i].next) {
    if (std::equal(key.begin(), key.end(), entries_[i].bytes.begin())) return i;
  }
  return kNone;
}

Table::Entry* Table::Find(std::span<const uint8_t> key) {
  uint32_t index = IndexOf(key);
  if (index == kNone) return nullptr;
  Use(index);
  return &entries_[index];
}

const Table::Entry* Table::Peek(std::span<const uint8_t> key) const {
  uint32_t index = IndexOf(key);
  return index == kNone ? nullptr : &entries_[index];
}

Table::Entry* Table::Insert(std::span<const uint8_t> key) {
  if (size_ == capacity_) {
    if (!lru_) return nullptr;
    gave_way_ = true;
    Release(oldest_);
  }
  if (size_ >= buckets_.size()) Grow();
  uint32_t index = static_cast<uint32_t>(entries_.size());
  if (free_.empty()) {
    entries_.emplace_back();
    entries_.back().bytes.resize(key_size_ + value_size_);
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Entry& entry = entries_[index];
  std::copy(key.begin(), key.end(), entry.bytes.begin());
  std::fill(entry.bytes.begin() + key_size_, entry.bytes.end(), uint8_t{0});
  entry.live = true;
  size_t bucket = BucketOf(key);
  entry.next = buckets_[bucket];
  buckets_[bucket] = index;
  entry.older = entry.newer = kNone;
  ++size_;
  Use(index);
  return &entry;
}

bool Table::Remove(std::span<const uint8_t> key) {
  uint32_t index = IndexOf(key);
  if (index == kNone) return false;
  Release(index);
  return true;
}

void Table::Clear() {
  for (uint32_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].live) Release(i);
  }
  gave_way_ = false;
}

void Table::Release(uint32_t index) {
  Entry& entry = entries_[index];
  uint32_t* link = &buckets_[BucketOf(KeyOf(entry))];
  while (*link != index) link = &entries_[*link].next;
  *link = entry.next;
  if (lru_) Unlink(index);
  entry.live = false;
  ++entry.version;
  free_.push_back(index);
  --size_;
}

void Table::Grow() {
  buckets_.assign(buckets_.size() * 2, kNone);
  for (uint32_t i = 0; i < entries_.size(); ++i) {
    if (!entries_[i].live) continue;
    size_t bucket = BucketOf(KeyOf(entries_[i]));
    entries_[i].next = buckets_[bucket];
    buckets_[bucket] = i;
  }
}

void Table::Unlink(uint32_t index) {
  Entry& entry = entries_[index];
  if (entry.older != kNone) entries_[entry.older].newer = entry.newer;
  if (entry.newer != kNone) entries_[entry.newer].older = entry.older;
  if (oldest_ == index) oldest_ = entry.newer;
  if (newest_ == index) newest_ = entry.older;
  entry.older = entry.newer = kNone;
}

void Table::Use(uint32_t index) {
  if (!lru_ || newest_ == index) return;
  Unlink(index);
  entries_[index].older = newest_;
  if (newest_ != kNone) entries_[newest_].newer = index;
  newest_ = index;
  if (oldest_ == kNone) oldest_ = index;
}

}  // namespace netc::interpret
