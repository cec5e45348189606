#include "tools/differential/choices.h"

namespace netc::differential {
namespace {

// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
uint64_t Next(uint64_t& state) {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

}  // namespace

uint64_t Mix(uint64_t a, uint64_t b) {
  uint64_t state = a ^ (b * 0xd6e8feb86659fd93);
  Next(state);
  return Next(state);
}

uint32_t Choices::Draw() {
  if (at_ < tape_.size()) return tape_[at_++];
  uint32_t drawn = fresh_ ? static_cast<uint32_t>(Next(state_) >> 32) : 0;
  if (fresh_) {
    tape_.push_back(drawn);
    ++at_;
  }
  return drawn;
}

uint32_t Choices::Weighted(const std::vector<uint32_t>& weights) {
  uint32_t sum = 0;
  for (uint32_t weight : weights) sum += weight;
  uint32_t drawn = Below(sum);
  for (uint32_t i = 0; i < weights.size(); ++i) {
    if (drawn < weights[i]) return i;
    drawn -= weights[i];
  }
  return 0;
}

uint64_t Choices::Number(uint32_t bits) {
  uint64_t most = bits >= 64 ? ~0ull : (1ull << bits) - 1;
  uint64_t any = 0;
  switch (Weighted({4, 3, 2, 2, 2})) {
    case 0:
      any = Below(10);
      break;
    case 1:
      any = Draw() % 256;
      break;
    case 2:
      any = (1ull << Below(bits)) - Below(2);
      break;
    case 3:
      any = most - Below(3);
      break;
    default:
      any = static_cast<uint64_t>(Draw()) << 32 | Draw();
      break;
  }
  return any & most;
}

}  // namespace netc::differential
