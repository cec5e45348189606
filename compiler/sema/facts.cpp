#include "compiler/sema/facts.h"

#include <algorithm>

namespace netc::sema {
namespace {

const Header& HeaderOf(const Context& context, HeaderId id) {
  return context.program.headers[static_cast<uint32_t>(id)];
}

bool StandsOn(const Header& header, SelectorId selector) {
  return std::any_of(header.places.begin(), header.places.end(), [&](const HeaderPlace& place) {
    return !place.at_start && !place.inner && place.selector == selector;
  });
}

bool LeadsTo(const Header& header, SelectorId selector) {
  return std::any_of(header.next.begin(), header.next.end(), [&](const NextHeader& next) {
    return !next.inner && next.selector == selector;
  });
}

// Whether an encapsulated packet can begin with a header on this selector.
bool BeginsInner(const Context& context, SelectorId selector) {
  const auto& headers = context.program.headers;
  return std::any_of(headers.begin(), headers.end(), [&](const Header& header) {
    return std::any_of(header.next.begin(), header.next.end(), [&](const NextHeader& next) {
      return next.inner && next.selector == selector;
    });
  });
}

// The selector that the hook's packets begin with, where that isn't the frame.
bool BeginsPackets(const Context& context, SelectorId selector) {
  const std::string& name = context.program.selectors[static_cast<uint32_t>(selector)].name;
  return (context.start == hooks::PacketStart::kNetwork && name == "ethertype") ||
         (context.start == hooks::PacketStart::kTransport && name == "ip_protocol");
}

// The headers one of which is directly below `header`, but for those that are
// passed over on the way (VLAN tags, extension headers). Empty: it may also stand
// at the packet's start.
std::vector<HeaderId> Carriers(const Context& context, HeaderId id, Scope scope) {
  std::vector<HeaderId> carriers;
  for (const HeaderPlace& place : HeaderOf(context, id).places) {
    bool inside = scope == Scope::kInner;
    if (place.at_start && !inside) return {};
    if (inside && (place.inner || BeginsInner(context, place.selector))) return {};
    if (place.inner || place.at_start) continue;
    if (!inside && BeginsPackets(context, place.selector)) return {};
    for (uint32_t i = 0; i < context.program.headers.size(); ++i) {
      const Header& below = context.program.headers[i];
      bool passed_over = StandsOn(below, place.selector);
      if (LeadsTo(below, place.selector) && !passed_over) carriers.push_back(HeaderId{i});
    }
  }
  return carriers;
}

// Whether every packet with `present` has one of `wanted`; `depth` bounds cycles
// that a faulty module could declare.
bool Always(const Context& context, HeaderId present, Scope scope,
            const std::vector<HeaderId>& wanted, int depth) {
  if (std::find(wanted.begin(), wanted.end(), present) != wanted.end()) return true;
  if (depth == 0) return false;
  const Header& header = HeaderOf(context, present);
  if (header.option_of && Always(context, *header.option_of, scope, wanted, depth - 1)) return true;
  if (header.within && Always(context, *header.within, scope, wanted, depth - 1)) return true;
  std::vector<HeaderId> carriers = Carriers(context, present, scope);
  return !carriers.empty() && std::all_of(carriers.begin(), carriers.end(), [&](HeaderId carrier) {
    return Always(context, carrier, scope, wanted, depth - 1);
  });
}

constexpr int kDeepestStack = 8;

}  // namespace

bool Implies(const Context& context, HeaderRef present, HeaderRef wanted) {
  if (present == wanted) return true;
  return present.scope == wanted.scope &&
         Always(context, present.header, present.scope, {wanted.header}, kDeepestStack);
}

bool Implies(const Context& context, HeaderRef present, ViewRef wanted) {
  return present.scope == wanted.scope &&
         Always(context, present.header, present.scope, context.views[wanted.view].alternatives,
                kDeepestStack);
}

bool Facts::Has(const Context& context, HeaderRef header) const {
  if (unreachable_ || headers_.contains(header)) return true;
  return std::any_of(headers_.begin(), headers_.end(),
                     [&](HeaderRef known) { return Implies(context, known, header); });
}

bool Facts::Has(const Context& context, ViewRef view) const {
  if (unreachable_ || views_.contains(view)) return true;
  bool by_header = std::any_of(headers_.begin(), headers_.end(),
                               [&](HeaderRef known) { return Implies(context, known, view); });
  // A view whose every header implies the wanted one (l4 implies ip).
  return by_header || std::any_of(views_.begin(), views_.end(), [&](ViewRef known) {
           const auto& headers = context.views[known.view].alternatives;
           return std::all_of(headers.begin(), headers.end(), [&](HeaderId header) {
             return Implies(context, HeaderRef{header, known.scope}, view);
           });
         });
}

void Facts::AddAll(const Facts& other) {
  headers_.insert(other.headers_.begin(), other.headers_.end());
  views_.insert(other.views_.begin(), other.views_.end());
  AddSocket(other.socket_);
}

Facts Facts::Either(const Context& context, const Facts& a, const Facts& b) {
  if (a.unreachable_) return b;
  if (b.unreachable_) return a;
  Facts both;
  both.socket_ = std::min(a.socket_, b.socket_);
  for (HeaderRef header : a.headers_) {
    if (b.Has(context, header)) both.Add(header);
  }
  for (HeaderRef header : b.headers_) {
    if (a.Has(context, header)) both.Add(header);
  }
  for (ViewRef view : a.views_) {
    if (b.Has(context, view)) both.Add(view);
  }
  for (ViewRef view : b.views_) {
    if (a.Has(context, view)) both.Add(view);
  }
  // What is known on either side may follow from different headers: of `tcp or udp`
  // the addresses are known.
  auto has_more = [&](const Facts& one, const Facts& other) {
    auto lacks = [&](auto known) { return !other.Has(context, known); };
    return std::any_of(one.headers_.begin(), one.headers_.end(), lacks) ||
           std::any_of(one.views_.begin(), one.views_.end(), lacks);
  };
  if (!has_more(a, b) || !has_more(b, a)) return both;
  auto keep = [&](auto implied) {
    bool follows =
        !both.Has(context, implied) && a.Has(context, implied) && b.Has(context, implied);
    if (follows) both.Add(implied);
  };
  for (Scope scope : {Scope::kOuter, Scope::kInner}) {
    for (uint32_t i = 0; i < context.views.size(); ++i) keep(ViewRef{i, scope});
    for (uint32_t i = 0; i < context.program.headers.size(); ++i) {
      keep(HeaderRef{HeaderId{i}, scope});
    }
  }
  return both;
}

}  // namespace netc::sema
