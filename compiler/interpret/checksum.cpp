// Assignments to header fields, and the checksums that cover them: each changes by the
// difference that the change of its bytes makes (section 12, Assigning fields).
#include <algorithm>
#include <cstring>

#include "compiler/interpret/interpreter.h"

namespace netc::interpret {

using sema::Checksum;
using sema::Expr;
using sema::Header;
using sema::HeaderRef;
using sema::Scope;

namespace {

// One's complement sums (RFC 1071): carries come back in at the end.
uint16_t Fold(uint64_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

// The byte as part of the 16-bit word that it stands in, so far behind the begin of
// what is summed.
uint64_t Word(uint8_t byte, uint32_t distance) {
  return distance % 2 == 0 ? uint64_t{byte} << 8 : byte;
}

bool Mentions(const Expr& expr, sema::HeaderId header, uint32_t field) {
  if (const auto* read = std::get_if<sema::FieldRead>(&expr.node)) {
    return read->header.header == header && read->field == field;
  }
  if (const auto* convert = std::get_if<sema::Convert>(&expr.node)) {
    return Mentions(*convert->operand, header, field);
  }
  if (const auto* select = std::get_if<sema::Select>(&expr.node)) {
    return Mentions(*select->yes, header, field) || Mentions(*select->no, header, field);
  }
  return false;
}

bool Mentions(const Checksum& checksum, sema::HeaderId header, uint32_t field) {
  return std::any_of(checksum.summands.begin(), checksum.summands.end(),
                     [&](const auto& summand) { return Mentions(*summand, header, field); });
}

bool IsCrc(const Header& header) {
  return header.checksum && header.checksum->algorithm == Checksum::Algorithm::kCrc32c;
}
bool IsSum(const Header& header) {
  return header.checksum && !IsCrc(header);
}

// What a change of these bytes, with so many behind them, changes of a CRC32c (RFC 9260,
// appendix A): it is linear, so that nothing else counts.
uint32_t CrcChange(std::span<const uint8_t> difference, uint32_t behind) {
  uint32_t crc = 0;
  auto take = [&](uint8_t byte) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82f63b78u : 0);
  };
  for (uint8_t byte : difference) take(byte);
  for (uint32_t i = 0; i < behind; ++i) take(0);
  return crc;
}

}  // namespace

// Adds the pseudo header's words to the sum, or takes them out of it.
void Interpreter::AddSummands(const Self& self, uint64_t& sum, bool take_out) {
  auto add = [&](uint64_t word) { sum += take_out ? ~word & 0xffff : word; };
  for (const sema::ExprPtr& summand : HeaderOf(self.header).checksum->summands) {
    Value value = EvaluateIn(self, *summand);
    if (!IsAddress(types(), summand->type)) {
      for (int shift = 0; shift < 64; shift += 16) add(value.number >> shift & 0xffff);
      continue;
    }
    for (uint32_t i = 0; i < types().SizeOf(summand->type); i += 2) {
      add(static_cast<uint64_t>(value.address[i]) << 8 | value.address[i + 1]);
    }
  }
}

void Interpreter::Execute(const sema::AssignField& node) {
  Value value = Evaluate(*node.value);
  HeaderRef ref = Resolve(node.header);
  const sema::HeaderField& field = HeaderOf(ref.header).fields[node.field];

  // Other headers that sum this field up in a pseudo header.
  struct Sum {
    HeaderRef header;
    uint64_t difference;
  };
  std::vector<Sum> sums;
  for (uint32_t i = 0; i < program_.headers.size(); ++i) {
    HeaderRef other{sema::HeaderId{i}, ref.scope};
    const Header& header = program_.headers[i];
    if (!IsSum(header) || other == ref || !Mentions(*header.checksum, ref.header, node.field)) {
      continue;
    }
    bool unreadable = At(other).presence == Presence::kUnreadable;
    if (unreadable && IsQuoted(ref)) continue;
    if (!IsPresent(other)) continue;  // where it can't be read, the hook ends
    sums.push_back({other, 0});
    AddSummands({other.header, other.scope, At(other)}, sums.back().difference, true);
  }

  uint32_t at = At(ref).at;
  uint32_t first = field.bit_offset / 8, last = (field.bit_offset + field.bits + 7) / 8;
  std::array<uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), packet_.data() + at + first, last - first);
  if (IsAddress(types(), field.type)) {
    std::copy_n(value.address.begin(), field.bits / 8, bytes.begin());
  } else {
    WriteBits(bytes.data(), field.bit_offset % 8, field.bits, value.number);
  }
  HeaderRef own = ref;
  if (auto owner = HeaderOf(ref.header).option_of) own.header = *owner;
  ChangeBytes(at + first, {bytes.data(), last - first}, own, false);

  for (Sum& sum : sums) {
    AddSummands({sum.header.header, sum.header.scope, At(sum.header)}, sum.difference, false);
    UpdateChecksum(sum.header, sum.difference);
  }
}

// `own`: the header that these bytes belong to. `is_sum`: they are its checksum, which doesn't
// cover itself. A header of no size has its bytes in common with the one behind it, which
// doesn't count.
void Interpreter::ChangeBytes(uint32_t at, std::span<const uint8_t> bytes, HeaderRef own,
                              bool is_sum) {
  struct Sum {
    HeaderRef header;
    uint64_t difference = 0;
    bool covers = false;
  };
  std::vector<Sum> sums;
  for (Scope scope : {Scope::kOuter, Scope::kInner}) {
    for (uint32_t i = 0; i < program_.headers.size(); ++i) {
      HeaderRef ref{sema::HeaderId{i}, scope};
      const Header& header = program_.headers[i];
      bool itself = own == ref;
      if (IsCrc(header) && !(is_sum && itself)) ChangeCrc(ref, at, bytes);
      if (!IsSum(header) || At(ref).presence != Presence::kPresent || (is_sum && itself)) continue;
      Occurrence found = At(ref);
      if (!itself && found.at >= At(own).at) continue;
      bool whole = header.checksum->covers == Checksum::Covers::kExtent;
      uint32_t end = whole ? found.limit : found.at + found.size;
      Sum sum{ref};
      for (uint32_t b = 0; b < bytes.size(); ++b) {
        uint32_t place = at + b;
        if (place < found.at || place >= end) continue;
        sum.covers = true;
        sum.difference += ~Word(packet_.data()[place], place - found.at) & 0xffff;
        sum.difference += Word(bytes[b], place - found.at);
      }
      if (sum.covers) sums.push_back(sum);
    }
  }
  std::copy(bytes.begin(), bytes.end(), packet_.data() + at);
  for (const Sum& sum : sums) UpdateChecksum(sum.header, sum.difference);
}

// The packet inside says that it is longer than what is there of it.
bool Interpreter::IsQuoted(HeaderRef ref) {
  const Header& header = HeaderOf(ref.header);
  if (ref.scope != Scope::kInner || !header.extent) return false;
  Occurrence& where = At(ref);
  return where.at + Number({ref.header, ref.scope, where}, *header.extent) > packet_.size();
}

void Interpreter::ChangeCrc(HeaderRef ref, uint32_t at, std::span<const uint8_t> bytes) {
  Occurrence found = At(ref);
  if (found.presence != Presence::kPresent || at < found.at || at + bytes.size() > found.limit)
    return;
  std::vector<uint8_t> difference(bytes.begin(), bytes.end());
  for (size_t i = 0; i < bytes.size(); ++i) difference[i] ^= packet_.data()[at + i];
  auto behind = static_cast<uint32_t>(found.limit - at - bytes.size());
  uint32_t change = CrcChange(difference, behind);
  // It stands in the packet with its least significant byte first.
  const Header& header = HeaderOf(ref.header);
  uint32_t field = found.at + header.fields[header.checksum->field].bit_offset / 8;
  uint8_t changed[4];
  for (uint32_t i = 0; i < 4; ++i) {
    changed[i] = packet_.data()[field + i] ^ static_cast<uint8_t>(change >> (8 * i));
  }
  ChangeBytes(field, changed, ref, true);
}

// RFC 1624, equation 3.
void Interpreter::UpdateChecksum(HeaderRef ref, uint64_t difference) {
  const Header& header = HeaderOf(ref.header);
  const sema::HeaderField& field = header.fields[header.checksum->field];
  uint32_t at = At(ref).at + field.bit_offset / 8;
  auto old = static_cast<uint16_t>(ReadBits(packet_.data() + at, 0, 16));
  bool or_none = header.checksum->algorithm == Checksum::Algorithm::kOnesComplementOrNone;
  if (or_none && old == 0) return;  // the packet has none
  uint16_t sum = Fold((~old & 0xffffu) + difference);
  auto changed = static_cast<uint16_t>(~sum);
  if (or_none && changed == 0) changed = 0xffff;
  uint8_t bytes[2];
  WriteBits(bytes, 0, 16, changed);
  ChangeBytes(at, bytes, ref, true);
}

}  // namespace netc::interpret
