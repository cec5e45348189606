// What of a packet a hook must parse: need-driven, from the headers it uses.
//
// A header stands at the packet's start or behind a selector (`ethertype`), to
// which other headers lead. A Point is a selector in one scope, outer or inner;
// a plan walks the points in order. At each, first the headers that both stand on
// it and lead on to it are passed over (VLAN tags, extension headers), then it
// branches to the headers that are needed. A packet takes one way through the
// plan: of several `next` of a header, the first whose condition holds and behind which
// some header of the unit stands with its value.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "compiler/hooks/hooks.h"
#include "compiler/sema/program.h"

namespace netc::lower {

struct Point {
  sema::SelectorId selector{};
  sema::Scope scope{};
  friend auto operator<=>(const Point&, const Point&) = default;
};

struct Branch {
  sema::HeaderRef header;
  std::vector<uint64_t> values;
};

struct PlannedPoint {
  Point point;
  std::vector<Branch> through;   // passed over, up to the selector's depth
  std::vector<Branch> branches;  // needed headers behind it
  bool certain = false;          // every way that is still open has come here
};

struct ParsePlan {
  std::optional<sema::HeaderRef> first;  // at the packet's start
  std::optional<Point> start;            // the packet begins behind this selector
  std::vector<PlannedPoint> points;      // in the order in which they are walked
  std::vector<sema::HeaderRef> slots;    // headers whose presence is kept
  std::set<sema::HeaderRef> named;       // those that the hook itself uses, options too
  std::set<sema::HeaderRef> parsed;      // all that are read on the way

  bool empty() const { return slots.empty(); }
  // Needed points that this `next` of a header leads to; none: nothing is behind.
  std::optional<Point> Target(const sema::Program& program, sema::HeaderRef from,
                              const sema::NextHeader& next) const;
  // Whether any of its `next`s leads to such a point.
  bool LeadsOn(const sema::Program& program, sema::HeaderRef header) const;
  // Options of this header that the hook uses.
  std::set<sema::HeaderRef> OptionsOf(const sema::Program& program, sema::HeaderRef header) const;
  // Headers with a slot that a packet may still show behind this one, and itself.
  std::set<sema::HeaderRef> Behind(const sema::Program& program, sema::HeaderRef header) const;
  std::set<sema::HeaderRef> Behind(const sema::Program& program, const Point& point) const;
};

// Whether what stands at this place can stand behind that `next` of the header.
bool StandsBehind(const sema::HeaderPlace& place, sema::HeaderRef from,
                  const sema::NextHeader& next);
// Whether any header of the unit stands behind this `next`, needed here or not.
bool LeadsAnywhere(const sema::Program& program, sema::HeaderRef from,
                   const sema::NextHeader& next);
// Whether what is passed over here takes no walk: a few headers of fixed size.
bool IsShort(const sema::Program& program, const PlannedPoint& planned);

// `start` says where the packet's bytes begin.
ParsePlan MakeParsePlan(const sema::Program& program, hooks::PacketStart start,
                        const std::set<sema::HeaderRef>& used);

}  // namespace netc::lower
