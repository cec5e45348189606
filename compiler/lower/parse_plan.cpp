#include "compiler/lower/parse_plan.h"

#include <algorithm>
#include <cassert>
#include <map>

#include "compiler/sema/reach.h"

namespace netc::lower {

using sema::HeaderRef;
using sema::Scope;

namespace {

const sema::Header& Get(const sema::Program& program, HeaderRef ref) {
  return program.headers[static_cast<size_t>(ref.header)];
}

// The header whose walk finds an option; any other header itself.
HeaderRef Owner(const sema::Program& program, HeaderRef ref) {
  auto owner = Get(program, ref).option_of;
  return owner ? HeaderRef{*owner, ref.scope} : ref;
}

// The selector that names what stands at the packet's start where that is not
// the frame. The names are those of the standard library.
std::optional<sema::SelectorId> StartSelector(const sema::Program& program,
                                              hooks::PacketStart start) {
  const char* name = start == hooks::PacketStart::kNetwork     ? "ethertype"
                     : start == hooks::PacketStart::kTransport ? "ip_protocol"
                                                               : "";
  for (size_t i = 0; i < program.selectors.size(); ++i) {
    if (program.selectors[i].name == name) return static_cast<sema::SelectorId>(i);
  }
  return std::nullopt;
}

class Planner {
 public:
  Planner(const sema::Program& program, hooks::PacketStart start) : program_(program) {
    bool frame = start == hooks::PacketStart::kFrame;
    if (auto selector = StartSelector(program, start); selector && !frame) {
      plan_.start = Point{*selector, Scope::kOuter};
    }
    FindReachable(frame);
  }

  ParsePlan Run(const std::set<HeaderRef>& used) {
    // A function that serves other hooks too may name what packets of this one never have.
    for (HeaderRef header : used) {
      if (Reachable(Owner(program_, header))) plan_.named.insert(header);
    }
    for (HeaderRef header : plan_.named) Need(Owner(program_, header));
    std::set<Point> open = points_;
    if (plan_.first) {
      for (const sema::NextHeader& next : Get(program_, *plan_.first).next) {
        if (auto target = plan_.Target(program_, *plan_.first, next)) alive_.insert(*target);
      }
    } else if (plan_.start) {
      alive_.insert(*plan_.start);
    }
    while (!open.empty()) {
      Point next = NextPoint(open);
      open.erase(next);
      AddPoint(next);
    }
    AddSlots();
    return std::move(plan_);
  }

 private:
  // A header is needed, and so is every way that leads to it.
  void Need(HeaderRef header) {
    if (!plan_.parsed.insert(header).second) return;
    NeedBases(header);
    for (const sema::HeaderPlace& place : Get(program_, header).places) {
      if (place.at_start) {
        if (!plan_.start && header.scope == Scope::kOuter && !place.inner) plan_.first = header;
        continue;
      }
      if (place.inner && header.scope != Scope::kInner) continue;
      Scope scope = place.inner ? Scope::kOuter : header.scope;
      NeedPoint({place.selector, scope});
    }
  }

  // Of several `next`s one is taken if a header stands behind it, so what that header
  // must be within is looked for as well.
  void NeedBases(HeaderRef header) {
    const auto& nexts = Get(program_, header).next;
    for (size_t i = 0; i + 1 < nexts.size(); ++i) {
      for (const sema::Header& other : program_.headers) {
        bool behind = std::any_of(other.places.begin(), other.places.end(),
                                  [&](const sema::HeaderPlace& place) {
                                    return !place.at_start && place.selector == nexts[i].selector;
                                  });
        if (!behind || !other.within) continue;
        HeaderRef base{*other.within, nexts[i].inner ? Scope::kInner : header.scope};
        if (!Reachable(base)) continue;
        bases_.insert(base);
        Need(base);
      }
    }
  }

  void NeedPoint(Point point) {
    if (!points_.insert(point).second) return;
    for (size_t i = 0; i < program_.headers.size(); ++i) {
      for (const sema::NextHeader& next : program_.headers[i].next) {
        if (next.selector != point.selector) continue;
        // A plain `next` keeps the scope; `next inner` leads from outer to inner.
        if (next.inner && point.scope != Scope::kInner) continue;
        Scope scope = next.inner ? Scope::kOuter : point.scope;
        HeaderRef feeder{static_cast<sema::HeaderId>(i), scope};
        if (Reachable(feeder)) Need(feeder);
      }
    }
  }

  bool Reachable(HeaderRef header) const { return reachable_.contains(header); }

  // What packets of the hook can hold, wherever it stands. What must be within a header
  // that they can't have is left out, and so is what stands behind that alone.
  void FindReachable(bool frame) {
    std::set<HeaderRef> never;
    for (size_t before = ~size_t{0}; before != never.size();) {
      before = never.size();
      reachable_ = ReachedBut(never, frame);
      for (HeaderRef header : reachable_) {
        auto within = Get(program_, header).within;
        if (within && !reachable_.contains({*within, header.scope})) never.insert(header);
      }
    }
  }

  std::set<HeaderRef> ReachedBut(const std::set<HeaderRef>& never, bool frame) const {
    std::set<HeaderRef> reached;
    std::vector<HeaderRef> work;
    auto add = [&](HeaderRef header) {
      if (!never.contains(header) && reached.insert(header).second) work.push_back(header);
    };
    for (uint32_t i = 0; i < program_.headers.size(); ++i) {
      for (const sema::HeaderPlace& place : program_.headers[i].places) {
        bool first = place.at_start ? frame && !place.inner
                                    : plan_.start && place.selector == plan_.start->selector;
        if (first) add({sema::HeaderId{i}, place.inner ? Scope::kInner : Scope::kOuter});
      }
    }
    while (!work.empty()) {
      HeaderRef current = work.back();
      work.pop_back();
      for (HeaderRef behind : sema::Behind(program_, current)) add(behind);
    }
    return reached;
  }

  // Of the open points, one that no other open point leads to.
  Point NextPoint(const std::set<Point>& open) const {
    for (const Point& candidate : open) {
      bool free = std::none_of(open.begin(), open.end(), [&](const Point& other) {
        return other != candidate && Leads(other, candidate);
      });
      if (free) return candidate;
    }
    return *open.begin();  // a cycle of selectors: the way back is not parsed
  }

  bool Leads(const Point& from, const Point& to) const {
    std::set<Point> seen{from};
    std::vector<Point> work{from};
    while (!work.empty()) {
      Point point = work.back();
      work.pop_back();
      for (const Branch& branch : BranchesOf(point)) {
        for (const sema::NextHeader& next : Get(program_, branch.header).next) {
          auto target = plan_.Target(program_, branch.header, next);
          if (!target || !points_.contains(*target)) continue;
          if (*target == to) return true;
          if (seen.insert(*target).second) work.push_back(*target);
        }
      }
    }
    return false;
  }

  std::vector<Branch> BranchesOf(const Point& point) const {
    std::vector<Branch> branches;
    for (HeaderRef header : plan_.parsed) {
      for (const sema::HeaderPlace& place : Get(program_, header).places) {
        if (place.at_start || place.selector != point.selector) continue;
        bool fits = place.inner ? header.scope == Scope::kInner && point.scope == Scope::kOuter
                                : header.scope == point.scope;
        if (fits) branches.push_back({header, place.values});
      }
    }
    return branches;
  }

  bool IsThrough(const Branch& branch, const Point& point) const {
    if (branch.header.scope != point.scope) return false;
    const auto& next = Get(program_, branch.header).next;
    return std::any_of(next.begin(), next.end(), [&](const sema::NextHeader& n) {
      return n.selector == point.selector && !n.inner;
    });
  }

  void AddPoint(const Point& point) {
    PlannedPoint planned;
    planned.point = point;
    planned.certain = alive_ == std::set<Point>{point};
    alive_.erase(point);
    for (Branch& branch : BranchesOf(point)) {
      bool through = IsThrough(branch, point);
      (through ? planned.through : planned.branches).push_back(std::move(branch));
    }
    for (const Branch& branch : planned.branches) {
      for (const sema::NextHeader& next : Get(program_, branch.header).next) {
        auto target = plan_.Target(program_, branch.header, next);
        if (target && points_.contains(*target)) alive_.insert(*target);
      }
    }
    plan_.points.push_back(std::move(planned));
  }

  // Presence is kept of what the hook names, of what `within` asks for, and of what
  // options stand in.
  void AddSlots() {
    std::set<HeaderRef> kept = plan_.named;
    for (HeaderRef header : plan_.named) kept.insert(Owner(program_, header));
    kept.insert(bases_.begin(), bases_.end());
    for (HeaderRef header : plan_.parsed) {
      if (auto within = Get(program_, header).within) {
        HeaderRef base{*within, header.scope};
        if (plan_.parsed.contains(base)) kept.insert(base);
      }
    }
    plan_.slots.assign(kept.begin(), kept.end());
  }

  const sema::Program& program_;
  ParsePlan plan_;
  std::set<HeaderRef> reachable_;
  std::set<Point> points_;
  std::set<Point> alive_;
  std::set<HeaderRef> bases_;  // what a choice between several `next`s rests on
};

}  // namespace

std::optional<Point> ParsePlan::Target(const sema::Program& program, HeaderRef from,
                                       const sema::NextHeader& next) const {
  if (next.inner && from.scope == Scope::kInner) return std::nullopt;
  Point target{next.selector, next.inner ? Scope::kInner : from.scope};
  // Planned if some header that is parsed stands there.
  for (HeaderRef header : parsed) {
    for (const sema::HeaderPlace& place : Get(program, header).places) {
      if (place.at_start || place.selector != target.selector) continue;
      bool fits = place.inner ? header.scope == Scope::kInner && target.scope == Scope::kOuter
                              : header.scope == target.scope;
      if (fits) return target;
    }
  }
  return std::nullopt;
}

bool ParsePlan::LeadsOn(const sema::Program& program, sema::HeaderRef header) const {
  const auto& next = program.headers[static_cast<size_t>(header.header)].next;
  return std::any_of(next.begin(), next.end(), [&](const sema::NextHeader& n) {
    return Target(program, header, n).has_value();
  });
}

std::set<HeaderRef> ParsePlan::OptionsOf(const sema::Program& program, HeaderRef header) const {
  std::set<HeaderRef> options;
  for (HeaderRef ref : slots) {
    if (ref != header && Owner(program, ref) == header) options.insert(ref);
  }
  return options;
}

std::set<HeaderRef> ParsePlan::Behind(const sema::Program& program, HeaderRef header) const {
  std::set<HeaderRef> result = OptionsOf(program, header);
  if (std::find(slots.begin(), slots.end(), header) != slots.end()) result.insert(header);
  for (const sema::NextHeader& next : Get(program, header).next) {
    auto target = Target(program, header, next);
    if (!target) continue;
    for (HeaderRef behind : Behind(program, *target)) {
      auto within = Get(program, Owner(program, behind)).within;
      // An IPv4 packet has no IPv6 extension headers.
      const auto& places = Get(program, header).places;
      bool base = std::any_of(places.begin(), places.end(), [&](const sema::HeaderPlace& place) {
        return !place.at_start && !place.inner && place.selector != target->selector;
      });
      if (within && base && behind.scope == header.scope && *within != header.header) continue;
      result.insert(behind);
    }
  }
  return result;
}

std::set<HeaderRef> ParsePlan::Behind(const sema::Program& program, const Point& point) const {
  std::set<HeaderRef> result;
  auto planned = std::find_if(points.begin(), points.end(),
                              [&](const PlannedPoint& p) { return p.point == point; });
  if (planned == points.end()) return result;
  for (const Branch& branch : planned->through) {
    if (std::find(slots.begin(), slots.end(), branch.header) != slots.end()) {
      result.insert(branch.header);
    }
    result.merge(OptionsOf(program, branch.header));
  }
  for (const Branch& branch : planned->branches) result.merge(Behind(program, branch.header));
  return result;
}

ParsePlan MakeParsePlan(const sema::Program& program, hooks::PacketStart start,
                        const std::set<HeaderRef>& used) {
  return Planner(program, start).Run(used);
}

bool StandsBehind(const sema::HeaderPlace& place, sema::HeaderRef from,
                  const sema::NextHeader& next) {
  if (place.at_start || place.selector != next.selector) return false;
  return !place.inner || (from.scope != sema::Scope::kInner && !next.inner);
}

bool LeadsAnywhere(const sema::Program& program, sema::HeaderRef from,
                   const sema::NextHeader& next) {
  if (next.inner && from.scope == sema::Scope::kInner) return true;  // ends the walk
  auto stands = [&](const sema::HeaderPlace& place) { return StandsBehind(place, from, next); };
  return std::any_of(program.headers.begin(), program.headers.end(),
                     [&](const sema::Header& other) {
                       return std::any_of(other.places.begin(), other.places.end(), stands);
                     });
}

bool IsShort(const sema::Program& program, const PlannedPoint& planned) {
  const sema::Selector& selector = program.selectors[static_cast<size_t>(planned.point.selector)];
  return selector.depth <= 2 && planned.through.size() <= 2 &&
         std::all_of(planned.through.begin(), planned.through.end(), [&](const Branch& branch) {
           return !program.headers[static_cast<size_t>(branch.header.header)].size;
         });
}

}  // namespace netc::lower
