// Rings: what their declaration says. Internal to this folder.
#pragma once

#include <vector>

#include "compiler/sema/context.h"

namespace netc::sema {

// Buckets of each table, if the ring doesn't say; the paper's own number.
inline constexpr uint64_t kRingBuckets = 65'537;
inline constexpr uint64_t kMostRingBuckets = 1u << 20;

// Key, member and weight, of the types that are written: a member, or a key and a member.
bool RingTypes(Context& context, State& ring, const std::vector<TypeId>& types, Span span);

// A member's steps reach all buckets only if their number is a prime.
bool IsRingSize(Context& context, Span span, uint64_t buckets);

}  // namespace netc::sema
