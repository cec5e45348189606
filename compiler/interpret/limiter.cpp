#include "compiler/interpret/limiter.h"

#include <algorithm>

namespace netc::interpret {

std::optional<uint64_t> Take(uint64_t t, uint64_t now, uint64_t rate, uint64_t burst,
                             uint64_t amount) {
  constexpr uint64_t kScale = 1'000'000'000'000'000;
  constexpr uint64_t kLongest = uint64_t{1} << 62;
  if (rate == 0 || amount > burst) return std::nullopt;
  uint64_t interval = std::max<uint64_t>(1, kScale / rate);
  if (amount > kLongest / interval) return std::nullopt;
  uint64_t window = std::min(burst, kLongest / interval) * interval;
  uint64_t next = std::max(t, now) + amount * interval;
  if (next - now > window) return std::nullopt;
  return next;
}

}  // namespace netc::interpret
