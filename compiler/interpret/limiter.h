// The generic cell rate algorithm of section 10, and the lines of pacers. Internal to this folder,
// but for its test.
#pragma once

#include <cstdint>
#include <optional>

namespace netc::interpret {

// The key's next word `t`, if `amount` is taken at `now`; nothing if it is refused.
// `rate` is in events in 1,000,000 seconds.
std::optional<uint64_t> Take(uint64_t t, uint64_t now, uint64_t rate, uint64_t burst,
                             uint64_t amount);

// The same with a rate in bits a second, a burst and an amount in bytes; `t` counts
// sixteenths of nanoseconds.
std::optional<uint64_t> TakeBytes(uint64_t t, uint64_t now, uint64_t rate, uint64_t burst,
                                  uint64_t amount);

// A packet of so many bytes on a line of a pacer that is free at `t`, in sixteenths of
// nanoseconds: when it departs, in nanoseconds, and when the line is free again. Nothing if
// it would depart beyond the horizon.
struct Departure {
  uint64_t at = 0;
  uint64_t free = 0;
};
std::optional<Departure> Pace(uint64_t t, uint64_t now, uint64_t rate, uint64_t bytes,
                              uint64_t horizon);

}  // namespace netc::interpret
