// Sets of the values that a number or address can have. Internal to this folder.
#pragma once

#include <vector>

#include "compiler/base/wide.h"
#include "compiler/sema/program.h"

namespace netc::sema {

// Both ends are included. Signed numbers are moved so that they keep their order, and
// addresses are numbers.
struct Interval {
  Wide first = 0;
  Wide last = 0;
  friend bool operator==(const Interval&, const Interval&) = default;
};

inline bool Overlap(const Interval& a, const Interval& b) {
  return a.first <= b.last && b.first <= a.last;
}
// Whether `outer` holds all of `inner`.
inline bool Covers(const Interval& outer, const Interval& inner) {
  return outer.first <= inner.first && inner.last <= outer.last;
}

// A constant's place in the order of its type, if the type has one here: numbers,
// enums, flags, booleans, addresses.
bool HasOrder(const TypeTable& types, TypeId type);
Wide OrderOf(const TypeTable& types, TypeId type, const Constant& constant);
Interval IntervalOf(const TypeTable& types, TypeId type, const Contains::Element& element);
// All values of the type.
Interval WholeOf(const TypeTable& types, TypeId type);

// Disjoint and in order.
using Intervals = std::vector<Interval>;
Intervals Union(Intervals all);
Intervals Intersection(const Intervals& a, const Intervals& b);
Intervals Complement(const Intervals& of, const Interval& whole);
bool Covers(const Intervals& outer, const Intervals& inner);

}  // namespace netc::sema
