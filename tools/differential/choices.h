// Where all randomness of a generated case comes from: a tape of numbers. The same
// tape makes the same case, and a shorter or smaller tape a simpler one, which is what
// shrinking works on. So 0 is always the plainest choice, and a tape that has come to its
// end goes on with zeros.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <utility>
#include <vector>

namespace netc::differential {

class Choices {
 public:
  // Draws anew, and notes what was drawn.
  explicit Choices(uint64_t seed) : state_(seed), fresh_(true) {}
  // The same, with what is drawn first.
  Choices(uint64_t seed, uint32_t first) : tape_{first}, state_(seed), fresh_(true) {}
  // Repeats.
  explicit Choices(std::vector<uint32_t> tape) : tape_(std::move(tape)) {}

  const std::vector<uint32_t>& tape() const { return tape_; }

  uint32_t Draw();
  // 0 … n-1; n must not be 0.
  uint32_t Below(uint32_t n) { return n <= 1 ? 0 : Draw() % n; }
  uint32_t Between(uint32_t least, uint32_t most) { return least + Below(most - least + 1); }
  // True in `percent` of a hundred cases; false on a tape of zeros.
  bool Chance(uint32_t percent) { return Below(100) >= 100 - percent; }
  // An index, as often as its weight says; the first is the plainest.
  uint32_t Weighted(const std::vector<uint32_t>& weights);
  // A number of so many bits: small, a power of two, all ones, their neighbours, or any.
  uint64_t Number(uint32_t bits);

  template <typename Container>
  const auto& Of(const Container& container) {
    return container[Below(static_cast<uint32_t>(std::size(container)))];
  }
  template <typename T>
  T OneOf(std::initializer_list<T> list) {
    return list.begin()[Below(static_cast<uint32_t>(list.size()))];
  }

 private:
  std::vector<uint32_t> tape_;
  size_t at_ = 0;
  uint64_t state_ = 0;
  bool fresh_ = false;
};

// Seeds that lie apart for numbers that lie together.
uint64_t Mix(uint64_t a, uint64_t b);

}  // namespace netc::differential
