// Memory of one run: locals, and structs on their way. Given back all at once, so that
// a packet costs no allocation. Internal to this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace netc::interpret {

class Arena {
 public:
  struct Mark {
    size_t chunk = 0, used = 0;
  };

  // Zeroed, aligned to 8, and in its place until it is released.
  uint8_t* Take(size_t size);
  Mark mark() const { return {chunk_, used_}; }
  // What was taken since then is free.
  void Release(Mark mark) { chunk_ = mark.chunk, used_ = mark.used; }

 private:
  struct Chunk {
    std::unique_ptr<uint8_t[]> bytes;
    size_t size = 0;
  };
  std::vector<Chunk> chunks_;
  size_t chunk_ = 0, used_ = 0;
};

}  // namespace netc::interpret
