#include "compiler/interpret/arena.h"

#include <algorithm>
#include <cstring>

namespace netc::interpret {

uint8_t* Arena::Take(size_t size) {
  constexpr size_t kChunk = 64 * 1024;
  size = (size + 7) / 8 * 8;
  while (chunk_ < chunks_.size() && used_ + size > chunks_[chunk_].size) ++chunk_, used_ = 0;
  if (chunk_ == chunks_.size()) {
    size_t bytes = std::max(kChunk, size);
    chunks_.push_back({std::make_unique<uint8_t[]>(bytes), bytes});
    used_ = 0;
  }
  uint8_t* taken = chunks_[chunk_].bytes.get() + used_;
  used_ += size;
  std::memset(taken, 0, size);
  return taken;
}

}  // namespace netc::interpret
