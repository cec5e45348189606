#include "tools/differential/packet_builder.h"

#include <algorithm>

#include "compiler/sema/constant.h"

namespace netc::differential {

using sema::Expr;

namespace {

constexpr uint32_t kMostLayers = 14;

uint32_t Sum(const uint8_t* bytes, size_t size, uint32_t sum) {
  for (size_t i = 0; i < size; i += 2) {
    sum += static_cast<uint32_t>(bytes[i]) << 8 | (i + 1 < size ? bytes[i + 1] : 0u);
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return sum;
}

// CRC32c (RFC 9260, appendix A).
uint32_t Crc32c(const uint8_t* bytes, size_t size) {
  uint32_t crc = ~0u;
  for (size_t i = 0; i < size; ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
  }
  return ~crc;
}

uint32_t IdOf(sema::HeaderId id) {
  return static_cast<uint32_t>(id);
}

}  // namespace

bool PacketBuilder::IsAddress(sema::TypeId type) const {
  sema::TypeKind kind = program_.types[type].kind;
  return kind == sema::TypeKind::kIpv4 || kind == sema::TypeKind::kIpv6 ||
         kind == sema::TypeKind::kMac || kind == sema::TypeKind::kIp;
}

uint64_t PacketBuilder::Read(uint32_t bit, uint32_t bits) const {
  uint64_t value = 0;
  for (uint32_t i = bit; i < bit + bits; ++i) {
    uint32_t byte = i / 8 < bytes_.size() ? bytes_[i / 8] : 0u;
    value = value << 1 | (byte >> (7 - i % 8) & 1);
  }
  return value;
}

void PacketBuilder::Write(uint32_t bit, uint32_t bits, uint64_t value) {
  for (uint32_t i = 0; i < bits; ++i) {
    uint32_t at = bit + bits - 1 - i;
    if (at / 8 >= bytes_.size()) continue;
    auto mask = static_cast<uint8_t>(0x80 >> at % 8);
    if (i < 64 && (value >> i & 1))
      bytes_[at / 8] |= mask;
    else
      bytes_[at / 8] &= static_cast<uint8_t>(~mask);
  }
}

// --- Which headers -----------------------------------------------------------------------

bool PacketBuilder::FitsWithin(const sema::Header& header, bool inner) const {
  if (!header.within) return true;
  return std::any_of(layers_.begin(), layers_.end(), [&](const Layer& layer) {
    return layer.id == IdOf(*header.within) && layer.inner == inner;
  });
}

// Gives the field that an expression reads this value.
void PacketBuilder::Lead(Layer& layer, const Expr& expr, uint64_t value) {
  if (const auto* read = std::get_if<sema::FieldRead>(&expr.node))
    layer.given.emplace(read->field, value);
  if (const auto* convert = std::get_if<sema::Convert>(&expr.node))
    Lead(layer, *convert->operand, value);
}

void PacketBuilder::MakeHold(Layer& layer, const Expr& condition) {
  if (const auto* all = std::get_if<sema::And>(&condition.node)) {
    for (const sema::ExprPtr& operand : all->operands) MakeHold(layer, *operand);
  } else if (const auto* inverted = std::get_if<sema::Not>(&condition.node)) {
    Lead(layer, *inverted->operand, 0);
  } else if (const auto* compare = std::get_if<sema::Compare>(&condition.node)) {
    const auto* constant = std::get_if<sema::Constant>(&compare->right->node);
    bool exact = compare->op == sema::CompareOp::kEq || compare->op == sema::CompareOp::kGe ||
                 compare->op == sema::CompareOp::kLe;
    if (constant && exact) Lead(layer, *compare->left, constant->number);
  }
}

bool PacketBuilder::AddNext() {
  Layer& last = layers_.back();
  if (last.header->next.empty()) return false;
  // The first is what a header usually leads to; those behind it have conditions.
  const sema::NextHeader& next = choices_.Of(last.header->next);
  struct Candidate {
    uint32_t id;
    uint64_t value;
    bool inner;
  };
  std::vector<Candidate> candidates;
  std::vector<uint32_t> weights;
  for (uint32_t id = 0; id < program_.headers.size(); ++id) {
    for (const sema::HeaderPlace& place : program_.headers[id].places) {
      if (place.at_start || place.selector != next.selector || place.values.empty()) continue;
      bool inner = last.inner || next.inner || place.inner;
      if (last.inner && (next.inner || place.inner)) continue;
      if (!FitsWithin(program_.headers[id], inner) && !choices_.Chance(3)) continue;
      candidates.push_back({id, choices_.Of(place.values), inner});
      weights.push_back(weights_[id]);
    }
  }
  if (candidates.empty()) return false;
  const Candidate chosen = candidates[choices_.Weighted(weights)];
  if (next.when) MakeHold(last, *next.when);
  Lead(last, *next.value, chosen.value);
  Layer layer;
  layer.header = &program_.headers[chosen.id];
  layer.id = chosen.id;
  layer.inner = chosen.inner;
  layers_.push_back(std::move(layer));
  return true;
}

void PacketBuilder::Choose() {
  std::vector<uint32_t> starts;
  for (uint32_t id = 0; id < program_.headers.size(); ++id) {
    const auto& places = program_.headers[id].places;
    bool starts_frame =
        std::any_of(places.begin(), places.end(), [](const auto& place) { return place.at_start; });
    if (starts_frame) starts.push_back(id);
  }
  if (starts.empty()) return;
  Layer first;
  first.id = choices_.Of(starts);
  first.header = &program_.headers[first.id];
  layers_.push_back(std::move(first));
  while (layers_.size() < kMostLayers && choices_.Chance(layers_.size() < 3 ? 97 : 85)) {
    if (!AddNext()) break;
  }
}

// --- What stands in them --------------------------------------------------------------------

const PacketBuilder::Layer* PacketBuilder::Find(const Layer& from,
                                                const sema::HeaderRef& ref) const {
  if (ref.scope == sema::Scope::kSelf && ref.header == sema::HeaderId{from.id}) return &from;
  for (size_t i = static_cast<size_t>(&from - layers_.data()) + 1; i-- > 0;) {
    if (layers_[i].id == IdOf(ref.header)) return &layers_[i];
  }
  return nullptr;
}

// Of what header declarations hold. Addresses are nothing here.
uint64_t PacketBuilder::Evaluate(const Layer& layer, const Expr& expr) const {
  if (const auto* constant = std::get_if<sema::Constant>(&expr.node)) return constant->number;
  if (const auto* read = std::get_if<sema::FieldRead>(&expr.node)) {
    const Layer* where = Find(layer, read->header);
    if (!where) return 0;
    const sema::HeaderField& field = where->header->fields[read->field];
    return field.bits > 64 ? 0 : Read(where->at * 8 + field.bit_offset, field.bits);
  }
  if (const auto* present = std::get_if<sema::Present>(&expr.node))
    return Find(layer, present->header) != nullptr;
  if (const auto* convert = std::get_if<sema::Convert>(&expr.node))
    return Evaluate(layer, *convert->operand);
  if (const auto* call = std::get_if<sema::BuiltinCall>(&expr.node)) {
    if (call->builtin == sema::Builtin::kHeaderSize) return layer.header->fixed_size + layer.extra;
    return bytes_.size() - std::min<size_t>(layer.at, bytes_.size());
  }
  if (const auto* binary = std::get_if<sema::Binary>(&expr.node)) {
    return sema::FoldBinary(program_.types, expr.type, binary->op, Evaluate(layer, *binary->left),
                            Evaluate(layer, *binary->right));
  }
  if (const auto* compare = std::get_if<sema::Compare>(&expr.node)) {
    uint64_t a = Evaluate(layer, *compare->left), b = Evaluate(layer, *compare->right);
    switch (compare->op) {
      case sema::CompareOp::kEq:
        return a == b;
      case sema::CompareOp::kNe:
        return a != b;
      case sema::CompareOp::kLt:
        return a < b;
      case sema::CompareOp::kLe:
        return a <= b;
      case sema::CompareOp::kGt:
        return a > b;
      default:
        return a >= b;
    }
  }
  if (const auto* inverted = std::get_if<sema::Not>(&expr.node))
    return !Evaluate(layer, *inverted->operand);
  if (const auto* select = std::get_if<sema::Select>(&expr.node)) {
    return Evaluate(layer, Evaluate(layer, *select->condition) ? *select->yes : *select->no);
  }
  return 0;
}

// How long it is: as the fields say that it will have.
void PacketBuilder::Size(Layer& layer) {
  layer.size = layer.header->fixed_size;
  if (!layer.header->size) return;
  constexpr uint32_t kExtras[] = {0, 4, 8, 12, 20, 40, 16, 36};
  for (uint32_t extra : {choices_.Chance(35) ? choices_.Of(kExtras) : 0u, 0u}) {
    layer.extra = extra;
    layer.at = 0;
    bytes_.assign(layer.header->fixed_size + extra, 0);
    Fill(layer);
    auto size = static_cast<uint32_t>(Evaluate(layer, *layer.header->size));
    layer.size = size;
    if (size == layer.header->fixed_size + extra) return;
  }
  if (layer.size > 2048) layer.size = layer.header->fixed_size;
}

void PacketBuilder::Fill(Layer& layer) {
  const sema::Header& header = *layer.header;
  for (uint32_t i = 0; i < header.fields.size(); ++i) {
    const sema::HeaderField& field = header.fields[i];
    uint32_t bit = layer.at * 8 + field.bit_offset;
    if (auto given = layer.given.find(i); given != layer.given.end()) {
      Write(bit, field.bits, given->second);
      continue;
    }
    if (IsAddress(field.type)) {
      if (bit / 8 + field.bits / 8 <= bytes_.size())
        FillAddress(choices_, &bytes_[bit / 8], field.bits / 8);
      continue;
    }
    bool plain = field.is_layout || choices_.Chance(35);
    uint64_t value = 0;
    if (field.initial && (plain || choices_.Chance(50))) {
      value = Evaluate(layer, *field.initial);
    } else if (!plain) {
      value = choices_.Chance(25) ? choices_.Number(std::min(field.bits, 64u)) : 0;
      constexpr uint16_t kPorts[] = {53, 80, 443, 22, 8080, 1024, 65535, 0, 5353};
      if (program_.types[field.type].kind == sema::TypeKind::kPort) value = choices_.Of(kPorts);
    }
    Write(bit, field.bits, value);
  }
}

// Real options of the header, or any bytes.
void PacketBuilder::FillOptions(const Layer& layer) {
  const sema::Header& header = *layer.header;
  uint32_t at = layer.at + header.fixed_size, end = layer.at + layer.size;
  if (end > bytes_.size() || at >= end) return;
  if (!header.options || choices_.Chance(25)) {
    bool random = choices_.Chance(50);
    for (uint32_t i = at; i < end; ++i)
      bytes_[i] = random ? static_cast<uint8_t>(choices_.Draw()) : 1;
    return;
  }
  const sema::OptionWalk& walk = *header.options;
  const sema::Header& base = program_.headers[IdOf(walk.base)];
  while (at < end) {
    std::vector<const sema::Header*> kinds;
    for (const sema::Header& option : program_.headers) {
      if (option.option_of && IdOf(*option.option_of) == layer.id && !option.option_kinds.empty()) {
        kinds.push_back(&option);
      }
    }
    if (kinds.empty() || choices_.Chance(25)) {
      bytes_[at++] = static_cast<uint8_t>(choices_.Below(2));
      continue;
    }
    const sema::Header& option = *choices_.Of(kinds);
    uint32_t length = std::max(option.fixed_size, base.fixed_size);
    if (choices_.Chance(15)) length += choices_.Below(5);
    if (at + length > end) break;
    Layer written;
    written.header = &base;
    written.id = IdOf(walk.base);
    written.at = at;
    for (uint32_t i = at; i < at + length; ++i) bytes_[i] = static_cast<uint8_t>(choices_.Draw());
    Write(at * 8 + base.fields[0].bit_offset, base.fields[0].bits,
          choices_.Of(option.option_kinds));
    // The length's field is the one that makes the size come out.
    const sema::HeaderField& counted = base.fields.back();
    uint32_t rounded = length;
    for (uint64_t value = 0; value < 256; ++value) {
      Write(at * 8 + counted.bit_offset, counted.bits, value);
      auto size = static_cast<uint32_t>(Evaluate(written, *walk.size));
      if (size < length) continue;
      rounded = size;
      break;
    }
    if (at + rounded > end) break;
    at += rounded;
  }
}

void PacketBuilder::FillChecksum(Layer& layer) {
  const sema::Header& header = *layer.header;
  if (!header.checksum || layer.at >= bytes_.size()) return;
  const sema::Checksum& checksum = *header.checksum;
  const sema::HeaderField& field = header.fields[checksum.field];
  uint32_t bit = layer.at * 8 + field.bit_offset;
  Write(bit, field.bits, 0);
  if (choices_.Chance(5)) return;
  uint64_t extent = header.extent ? Evaluate(layer, *header.extent) : bytes_.size() - layer.at;
  extent = std::min<uint64_t>(extent, bytes_.size() - layer.at);
  bool whole = checksum.covers == sema::Checksum::Covers::kHeader;
  size_t size = whole ? std::min<size_t>(layer.size, bytes_.size() - layer.at) : extent;
  const uint8_t* from = &bytes_[layer.at];
  if (checksum.algorithm == sema::Checksum::Algorithm::kCrc32c) {
    return Write(bit, field.bits, __builtin_bswap32(Crc32c(from, size)));
  }
  uint32_t sum = Sum(from, size, 0);
  for (const sema::ExprPtr& summand : checksum.summands) {
    const Expr* expr = summand.get();
    while (true) {
      if (const auto* convert = std::get_if<sema::Convert>(&expr->node))
        expr = convert->operand.get();
      else if (const auto* select = std::get_if<sema::Select>(&expr->node))
        expr = (Evaluate(layer, *select->condition) ? select->yes : select->no).get();
      else
        break;
    }
    const auto* read = std::get_if<sema::FieldRead>(&expr->node);
    const Layer* where = read ? Find(layer, read->header) : nullptr;
    if (where && IsAddress(expr->type)) {
      const sema::HeaderField& address = where->header->fields[read->field];
      uint32_t at = where->at + address.bit_offset / 8;
      if (at + address.bits / 8 <= bytes_.size()) sum = Sum(&bytes_[at], address.bits / 8, sum);
    } else {
      for (uint64_t rest = Evaluate(layer, *expr); rest != 0; rest >>= 16) sum += rest & 0xffff;
    }
  }
  if (checksum.adds_extent) sum += static_cast<uint32_t>(extent);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  auto result = static_cast<uint16_t>(~sum);
  if (checksum.algorithm == sema::Checksum::Algorithm::kOnesComplementOrNone && result == 0)
    result = 0xffff;
  Write(bit, field.bits, result);
}

PacketMaker::Shape PacketBuilder::Build() {
  Choose();
  for (Layer& layer : layers_) Size(layer);
  uint32_t at = 0, end = 0;
  for (Layer& layer : layers_) {
    layer.at = at;
    end = std::max(end, at + std::max(layer.size, layer.header->fixed_size));
    at += layer.size;
  }
  uint32_t payload = choices_.Chance(50) ? choices_.Below(40) : 0;
  if (choices_.Chance(4)) payload = choices_.Below(1400);
  bytes_.assign(std::max(end, at) + payload, 0);
  for (uint32_t i = 0; i < payload; ++i)
    bytes_[bytes_.size() - 1 - i] = static_cast<uint8_t>(choices_.Draw());
  for (Layer& layer : layers_) {
    FillOptions(layer);
    Fill(layer);
  }
  for (size_t i = layers_.size(); i-- > 0;) FillChecksum(layers_[i]);
  PacketMaker::Shape shape;
  for (const Layer& layer : layers_) {
    shape.boundaries.push_back(layer.at);
    for (const sema::HeaderField& field : layer.header->fields) {
      shape.fields.emplace_back(layer.at * 8 + field.bit_offset, field.bits);
    }
  }
  shape.bytes = std::move(bytes_);
  return shape;
}

}  // namespace netc::differential
