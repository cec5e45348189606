// Which headers a packet has, and where: "How a packet is read" of section 12. The
// numbers are those of its steps.
#include <algorithm>

#include "compiler/interpret/interpreter.h"

namespace netc::interpret {

using hooks::PacketStart;
using sema::Header;
using sema::HeaderId;
using sema::HeaderRef;
using sema::NextHeader;
using sema::Scope;
using sema::SelectorId;

namespace {

constexpr uint32_t kFarthest = 32'767;  // where a header can begin
constexpr uint32_t kLinkHeader = 14;    // Ethernet's
constexpr uint32_t kTagBytes = 4;
constexpr uint64_t kLength = 4;         // ETH_P_802_2 (include/uapi/linux/if_ether.h)
constexpr uint32_t kLeastType = 0x600;  // below it is a length (IEEE 802.3)

// Hooks with a packet whose bytes a program can load.
bool SeesHeaders(const hooks::Hook& hook) {
  PacketStart start = hook.packet.start;
  bool has_packet = start == PacketStart::kFrame || start == PacketStart::kNetwork ||
                    start == PacketStart::kTransport;
  return has_packet && !hook.packet.load.empty();
}

}  // namespace

HeaderRef Interpreter::Resolve(HeaderRef ref) const {
  if (ref.scope == Scope::kSelf) ref.scope = self_->scope;
  return ref;
}

Occurrence& Interpreter::At(HeaderRef ref) {
  return occurrences_[ref.scope == Scope::kInner][static_cast<size_t>(ref.header)];
}

bool Interpreter::Holds(const Self& self, const sema::Expr& condition) {
  return EvaluateIn(self, condition).number != 0;
}

uint64_t Interpreter::Number(const Self& self, const sema::Expr& expr) {
  return EvaluateIn(self, expr).number;
}

uint64_t Interpreter::PacketProtocol() const {
  return world.protocol ? *world.protocol : FrameProtocol();
}

// What the frame's type says, behind a tag that stands beside the packet.
uint64_t Interpreter::FrameProtocol() const {
  std::span<const uint8_t> whole = packet_.whole();
  uint32_t at = kLinkHeader - 2 + (tag_beside_ ? kTagBytes : 0);
  if (whole.size() < at + 2) return 0;
  uint64_t type = ReadBits(whole.data(), 8 * at, 16);
  return type < kLeastType ? kLength : type;
}

// 1
void Interpreter::WalkPacket() {
  for (auto& scope : occurrences_) scope.assign(program_.headers.size(), {});
  for (auto& scope : behind_) scope.assign(program_.headers.size(), false);
  for (size_t i = 0; i < program_.headers.size(); ++i) {
    if (!program_.headers[i].option_of) continue;
    for (auto& scope : occurrences_) scope[i].presence = Presence::kUnasked;
  }
  if (!SeesHeaders(*block_->hook)) return;
  PacketStart start = block_->hook->packet.start;
  if (start == PacketStart::kFrame) {
    if (auto first = protocols_.at_start()) WalkFrom(first, {}, 0);
    return;
  }
  auto selector = protocols_.Selector(start == PacketStart::kNetwork ? "ethertype" : "ip_protocol");
  if (selector) WalkFrom(std::nullopt, *selector, PacketProtocol());
}

void Interpreter::WalkFrom(std::optional<HeaderId> header, SelectorId selector, uint64_t value) {
  Position position{0, packet_.size(), Scope::kOuter};
  while (true) {
    Self self;
    if (header) {
      if (!ReadHeader(*header, position, self)) return Lose(*header, position.scope);  // 2, 3, 4
      const Header& declared = HeaderOf(*header);
      auto next = std::find_if(declared.next.begin(), declared.next.end(),
                               [&](const NextHeader& n) { return Takes(self, declared, n); });
      if (next == declared.next.end()) return;  // 5
      selector = next->selector;
      value = Number(self, *next->value);
      position.at += self.where.size;
      if (next->inner) {
        if (position.scope == Scope::kInner) return;
        position.scope = Scope::kInner;
      }
    }
    uint32_t depth = program_.selectors[static_cast<size_t>(selector)].depth;
    for (uint32_t passed = 0;; ++passed) {  // 6
      const Stand* stand = StandFor(selector, value, position.scope, true);
      if (!stand) break;
      if (passed == depth) return Lose(selector, position.scope);
      if (!ReadHeader(stand->header, position, self)) return Lose(stand->header, position.scope);
      if (stand->again->when && !Holds(self, *stand->again->when)) return;
      value = Number(self, *stand->again->value);
      position.at += self.where.size;
    }
    const Stand* stand = StandFor(selector, value, position.scope, false);  // 7
    if (!stand) return;
    header = stand->header;
    if (stand->inner) position.scope = Scope::kInner;
  }
}

// Of several, one is taken behind which a header stands; the last one in any case.
bool Interpreter::Takes(const Self& self, const Header& header, const NextHeader& next) {
  if (next.when && !Holds(self, *next.when)) return false;
  bool inner = self.scope == Scope::kInner;
  if (&next == &header.next.back() || (next.inner && inner)) return true;
  Scope scope = next.inner ? Scope::kInner : self.scope;
  uint64_t value = Number(self, *next.value);
  return StandFor(next.selector, value, scope, true) ||
         StandFor(next.selector, value, scope, false);
}

// 2, 3 and 4; false: lost.
bool Interpreter::ReadHeader(HeaderId id, Position& position, Self& self) {
  const Header& header = HeaderOf(id);
  uint64_t end = uint64_t{position.at} + header.fixed_size;
  if (position.at > kFarthest || end > position.limit) return false;
  self = {id, position.scope, {Presence::kPresent, position.at, header.fixed_size, position.limit}};
  for (const sema::ExprPtr& condition : header.requires_) {
    if (!Holds(self, *condition)) return false;
  }
  if (header.size) self.where.size = static_cast<uint32_t>(Number(self, *header.size));
  Occurrence& found = At({id, position.scope});
  bool first = found.presence != Presence::kPresent;
  if (header.extent) {
    uint64_t extent = Number(self, *header.extent);
    if (extent >= self.where.size && position.at + extent < position.limit) {
      position.limit = static_cast<uint32_t>(position.at + extent);
      self.where.limit = position.limit;
    }
  }
  if (first) found = self.where;
  return true;
}

bool Interpreter::WithinHolds(const Header& header, Scope scope) {
  return !header.within || At({*header.within, scope}).presence == Presence::kPresent;
}

const Stand* Interpreter::StandFor(SelectorId selector, uint64_t value, Scope scope, bool passed) {
  for (const Stand& stand : protocols_.StandsOn(selector)) {
    if (stand.value != value || (stand.again != nullptr) != passed) continue;
    if (stand.inner && scope == Scope::kInner) continue;
    if (WithinHolds(HeaderOf(stand.header), scope)) return &stand;
  }
  return nullptr;
}

// The header can't be read, and so can't be known what stands behind it.
void Interpreter::Lose(HeaderId header, Scope scope) {
  behind_[scope == Scope::kInner][static_cast<size_t>(header)] = true;
  for (const NextHeader& next : HeaderOf(header).next) AddBehind(next, scope);
  LoseWhatIsBehind();
}

void Interpreter::Lose(SelectorId selector, Scope scope) {
  AddBehind(selector, scope);
  LoseWhatIsBehind();
}

void Interpreter::AddBehind(const NextHeader& next, Scope scope) {
  if (next.inner && scope == Scope::kInner) return;
  AddBehind(next.selector, next.inner ? Scope::kInner : scope);
}

// Everything that some packet could have on the selector, whatever its value.
void Interpreter::AddBehind(SelectorId selector, Scope scope) {
  for (const Stand& stand : protocols_.StandsOn(selector)) {
    if (stand.inner && scope == Scope::kInner) continue;
    Scope there = stand.inner ? Scope::kInner : scope;
    auto seen = behind_[there == Scope::kInner][static_cast<size_t>(stand.header)];
    if (seen) continue;
    seen = true;
    for (const NextHeader& next : HeaderOf(stand.header).next) AddBehind(next, there);
  }
}

// What was found stays; what stands within a header that can't be there isn't either.
void Interpreter::LoseWhatIsBehind() {
  for (Scope scope : {Scope::kOuter, Scope::kInner}) {
    const std::vector<bool>& behind = behind_[scope == Scope::kInner];
    for (uint32_t i = 0; i < behind.size(); ++i) {
      const Header& header = program_.headers[i];
      bool within = WithinHolds(header, scope) || behind[static_cast<size_t>(*header.within)];
      Occurrence& found = At({HeaderId{i}, scope});
      if (behind[i] && within && found.presence == Presence::kAbsent) {
        found.presence = Presence::kUnreadable;
      }
    }
  }
}

bool Interpreter::IsPresent(HeaderRef ref) {
  ref = Resolve(ref);
  if (self_ && ref.header == self_->header && ref.scope == self_->scope) return true;
  Occurrence& found = At(ref);
  if (found.presence == Presence::kUnasked) found = FindOption(ref);
  // Inside a declaration nothing is asked that could end the hook.
  if (found.presence == Presence::kUnreadable && !self_) throw CannotRead{};
  return found.presence == Presence::kPresent;
}

}  // namespace netc::interpret
