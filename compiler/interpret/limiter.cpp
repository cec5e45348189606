#include "compiler/interpret/limiter.h"

#include <algorithm>

#include "compiler/base/wide.h"

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

namespace {

// What so many bytes take, in sixteenths of nanoseconds; `rate` is not 0.
uint64_t CostOf(uint64_t bytes, uint64_t rate) {
  constexpr uint64_t kPrecise = uint64_t{1} << 25, kLongest = uint64_t{1} << 58;
  constexpr uint64_t kBitsOfNs = 8'000'000'000;
  auto up = [&](Wide product) { return static_cast<uint64_t>((product + rate - 1) / rate); };
  if (bytes <= kPrecise) return up(static_cast<Wide>(bytes) * 16 * kBitsOfNs);
  return std::min(up(static_cast<Wide>(bytes) * kBitsOfNs), kLongest) * 16;
}

}  // namespace

std::optional<uint64_t> TakeBytes(uint64_t t, uint64_t now, uint64_t rate, uint64_t burst,
                                  uint64_t amount) {
  constexpr uint64_t kMostBurst = uint64_t{1} << 29;
  burst = std::min(burst, kMostBurst);
  if (rate == 0 || amount > burst) return std::nullopt;
  uint64_t next = std::max(t, 16 * now) + CostOf(amount, rate);
  if (next - 16 * now > CostOf(burst, rate)) return std::nullopt;
  return next;
}

std::optional<Departure> Pace(uint64_t t, uint64_t now, uint64_t rate, uint64_t bytes,
                              uint64_t horizon) {
  uint64_t departs = std::max(t, 16 * now);
  if (rate == 0 || departs - 16 * now > 16 * horizon) return std::nullopt;
  return Departure{(departs + 15) / 16, departs + CostOf(bytes, rate)};
}

}  // namespace netc::interpret
