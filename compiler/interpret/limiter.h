// The generic cell rate algorithm of section 10. Internal to this folder, but for its
// test.
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

}  // namespace netc::interpret
