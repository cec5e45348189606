#include "compiler/sema/reach.h"

#include <algorithm>
#include <set>

#include "compiler/sema/children.h"

namespace netc::sema {

namespace {

const Header& Get(const Program& program, HeaderRef ref) {
  return program.headers[static_cast<size_t>(ref.header)];
}

// Where `next` leads from this scope, by one header's place.
std::optional<Scope> ScopeBehind(const NextHeader& next, const HeaderPlace& place, Scope scope) {
  if (place.at_start || place.selector != next.selector) return std::nullopt;
  if (scope == Scope::kInner && (next.inner || place.inner)) return std::nullopt;
  return next.inner || place.inner ? Scope::kInner : scope;
}

}  // namespace

std::vector<HeaderRef> Behind(const Program& program, HeaderRef from) {
  std::vector<HeaderRef> result;
  for (const NextHeader& next : Get(program, from).next) {
    for (uint32_t i = 0; i < program.headers.size(); ++i) {
      for (const HeaderPlace& place : program.headers[i].places) {
        auto scope = ScopeBehind(next, place, from.scope);
        if (scope) result.push_back({HeaderId{i}, *scope});
      }
    }
  }
  return result;
}

bool LeadsTo(const Program& program, HeaderRef from, HeaderRef to) {
  std::set<HeaderRef> seen;
  std::vector<HeaderRef> work{from};
  while (!work.empty()) {
    HeaderRef current = work.back();
    work.pop_back();
    for (HeaderRef behind : Behind(program, current)) {
      if (behind == to) return true;
      if (seen.insert(behind).second) work.push_back(behind);
    }
  }
  return false;
}

HeaderRef OwnerOf(const Program& program, HeaderRef ref) {
  auto owner = Get(program, ref).option_of;
  return owner ? HeaderRef{*owner, ref.scope} : ref;
}

bool ReadsField(const Expr& expr, HeaderId header, uint32_t field) {
  if (const auto* n = std::get_if<FieldRead>(&expr.node)) {
    return n->header.header == header && n->field == field;
  }
  bool reads = false;
  auto in = [&](const ExprPtr& child) { reads = reads || ReadsField(*child, header, field); };
  std::visit([&](const auto& node) { ForEachChild(node, in); }, expr.node);
  return reads;
}

std::vector<Covering> CoveringsOf(const Program& program, HeaderRef changed, uint32_t field) {
  std::vector<Covering> pseudo, around, result;
  HeaderRef owner = OwnerOf(program, changed);
  auto consider = [&](HeaderRef ref) {
    const auto& checksum = Get(program, ref).checksum;
    if (!checksum) return;
    bool own = ref == owner;
    if (checksum->covers == Checksum::Covers::kHeader) {
      if (own) result.push_back({ref, Covering::How::kHeader, true});
    } else if (own || LeadsTo(program, ref, owner)) {
      around.push_back({ref, Covering::How::kExtent, own});
    }
    bool summand =
        std::any_of(checksum->summands.begin(), checksum->summands.end(),
                    [&](const ExprPtr& s) { return ReadsField(*s, changed.header, field); });
    if (!own && ref.scope == owner.scope && summand) {
      pseudo.push_back({ref, Covering::How::kPseudo, false});
    }
  };
  for (uint32_t i = 0; i < program.headers.size(); ++i) {
    consider({HeaderId{i}, owner.scope});
    if (owner.scope == Scope::kInner) consider({HeaderId{i}, Scope::kOuter});
  }
  // From the inside out: one goes before those that lead to it.
  std::vector<Covering> sorted;
  while (!around.empty()) {
    auto innermost = std::find_if(around.begin(), around.end(), [&](const Covering& c) {
      return std::none_of(around.begin(), around.end(), [&](const Covering& other) {
        return other.header != c.header && LeadsTo(program, c.header, other.header);
      });
    });
    if (innermost == around.end()) innermost = around.begin();
    sorted.push_back(*innermost);
    around.erase(innermost);
  }
  result.insert(result.end(), pseudo.begin(), pseudo.end());
  result.insert(result.end(), sorted.begin(), sorted.end());
  return result;
}

}  // namespace netc::sema
