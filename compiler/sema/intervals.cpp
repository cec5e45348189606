#include "compiler/sema/intervals.h"

#include <algorithm>

#include "compiler/sema/constant.h"

namespace netc::sema {

static bool IsAddress(TypeKind kind) {
  return kind == TypeKind::kIpv4 || kind == TypeKind::kIpv6 || kind == TypeKind::kIp ||
         kind == TypeKind::kMac;
}

bool HasOrder(const TypeTable& types, TypeId type) {
  TypeKind kind = types[type].kind;
  return types.IsNumber(type) || IsAddress(kind) || kind == TypeKind::kBool ||
         kind == TypeKind::kEnum || kind == TypeKind::kFlags;
}

Wide OrderOf(const TypeTable& types, TypeId type, const Constant& constant) {
  if (!IsAddress(types[type].kind)) {
    return types[type].is_signed ? constant.number ^ (1ull << 63) : constant.number;
  }
  Wide value = 0;
  for (uint32_t i = 0; i < types.SizeOf(type); ++i) value = value << 8 | constant.bytes[i];
  return value;
}

Interval WholeOf(const TypeTable& types, TypeId type) {
  if (types[type].is_signed) return {0, ~0ull};
  uint32_t bits = IsAddress(types[type].kind) ? types.SizeOf(type) * 8 : ValueBits(types, type);
  return {0, bits >= 128 ? ~Wide{0} : (Wide{1} << bits) - 1};
}

Interval IntervalOf(const TypeTable& types, TypeId type, const Contains::Element& element) {
  Wide first = OrderOf(types, type, element.first);
  switch (element.form) {
    case Contains::Element::Form::kValue:
      return {first, first};
    case Contains::Element::Form::kRange:
      return {first, OrderOf(types, type, element.last)};
    case Contains::Element::Form::kPrefix:
      break;
  }
  uint32_t free = types.SizeOf(type) * 8 - element.length;
  return {first, first | (free >= 128 ? ~Wide{0} : (Wide{1} << free) - 1)};
}

Intervals Union(Intervals all) {
  std::sort(all.begin(), all.end(),
            [](const Interval& a, const Interval& b) { return a.first < b.first; });
  Intervals merged;
  for (const Interval& each : all) {
    if (each.last < each.first) continue;
    bool joins = !merged.empty() &&
                 (each.first <= merged.back().last || each.first - 1 == merged.back().last);
    if (joins)
      merged.back().last = std::max(merged.back().last, each.last);
    else
      merged.push_back(each);
  }
  return merged;
}

Intervals Intersection(const Intervals& a, const Intervals& b) {
  Intervals common;
  for (const Interval& x : a) {
    for (const Interval& y : b) {
      if (Overlap(x, y)) common.push_back({std::max(x.first, y.first), std::min(x.last, y.last)});
    }
  }
  return Union(std::move(common));
}

Intervals Complement(const Intervals& of, const Interval& whole) {
  Intervals rest;
  Wide next = whole.first;
  for (const Interval& each : of) {
    if (each.first > next) rest.push_back({next, each.first - 1});
    if (each.last >= whole.last) return rest;
    next = each.last + 1;
  }
  rest.push_back({next, whole.last});
  return rest;
}

bool Covers(const Intervals& outer, const Intervals& inner) {
  return std::all_of(inner.begin(), inner.end(), [&](const Interval& part) {
    return std::any_of(outer.begin(), outer.end(),
                       [&](const Interval& whole) { return Covers(whole, part); });
  });
}

}  // namespace netc::sema
