#include "compiler/sema/packet.h"

#include <array>

namespace netc::sema {
namespace {

using object::Bytes;

uint64_t ReadBits(const Bytes& bytes, uint32_t offset, uint32_t bits) {
  uint64_t value = 0;
  for (uint32_t i = offset; i < offset + bits; ++i) {
    value = value << 1 | (bytes[i / 8] >> (7 - i % 8) & 1);
  }
  return value;
}

void WriteBits(Bytes& bytes, uint32_t offset, uint32_t bits, uint64_t value) {
  for (uint32_t i = 0; i < bits; ++i) {
    uint32_t at = offset + bits - 1 - i;
    uint8_t mask = static_cast<uint8_t>(0x80 >> at % 8);
    if (value >> i & 1)
      bytes[at / 8] |= mask;
    else
      bytes[at / 8] &= static_cast<uint8_t>(~mask);
  }
}

bool IsAddress(const TypeTable& types, TypeId type) {
  TypeKind kind = types[type].kind;
  return kind == TypeKind::kIpv4 || kind == TypeKind::kIpv6 || kind == TypeKind::kMac ||
         kind == TypeKind::kIp;
}

class Builder {
 public:
  Builder(const Program& program, const PacketModel& model) : program_(program), model_(model) {}

  BuiltPacket Build() {
    uint32_t at = 0;
    for (const PacketLayer& layer : model_.layers) {
      starts_.push_back(at);
      at += HeaderOf(layer.header).fixed_size;
    }
    bytes_.resize(at);
    bytes_.insert(bytes_.end(), model_.payload.begin(), model_.payload.end());
    for (uint32_t i = 0; i < model_.layers.size(); ++i) Fill(i);
    for (uint32_t i = static_cast<uint32_t>(model_.layers.size()); i-- > 0;) FillChecksum(i);
    BuiltPacket built;
    for (uint32_t i = 0; i < model_.layers.size(); ++i) {
      const Header& header = HeaderOf(model_.layers[i].header);
      for (uint32_t f = 0; f < header.fields.size(); ++f) {
        built.fields.push_back({i, f, starts_[i] * 8 + header.fields[f].bit_offset});
      }
    }
    if (model_.cut && *model_.cut < bytes_.size()) bytes_.resize(*model_.cut);
    built.bytes = std::move(bytes_);
    return built;
  }

 private:
  const Header& HeaderOf(HeaderId id) const { return program_.headers[static_cast<uint32_t>(id)]; }

  void Put(uint32_t layer, uint32_t index, const Constant& value) {
    const HeaderField& field = HeaderOf(model_.layers[layer].header).fields[index];
    uint32_t offset = starts_[layer] * 8 + field.bit_offset;
    if (!IsAddress(program_.types, field.type)) {
      WriteBits(bytes_, offset, field.bits, value.number);
      return;
    }
    for (uint32_t i = 0; i < field.bits / 8; ++i) bytes_[offset / 8 + i] = value.bytes[i];
  }

  // In three steps, so that a default can rest on a field that is given.
  void Fill(uint32_t layer) {
    const PacketLayer& described = model_.layers[layer];
    const Header& header = HeaderOf(described.header);
    for (const auto& [index, value] : described.given) Put(layer, index, value);
    std::optional<LinkValue> link;
    if (layer + 1 < model_.layers.size()) {
      link = LinkBetween(program_, header, model_.layers[layer + 1].header);
    }
    for (uint32_t i = 0; i < header.fields.size(); ++i) {
      if (described.given.contains(i)) continue;
      Constant value;
      if (link && link->field == i)
        value.number = link->value;
      else if (header.fields[i].initial)
        value = Evaluate(layer, *header.fields[i].initial);
      else
        continue;
      Put(layer, i, value);
    }
  }

  Constant Number(uint64_t number) {
    Constant value;
    value.number = number;
    return value;
  }

  // Of the expressions that a header's declaration holds.
  Constant Evaluate(uint32_t layer, const Expr& expr) {
    if (const Constant* constant = AsConstant(expr)) return *constant;
    if (const auto* read = std::get_if<FieldRead>(&expr.node)) return Field(layer, *read);
    if (const auto* convert = std::get_if<Convert>(&expr.node)) {
      Constant value = Evaluate(layer, *convert->operand);
      if (program_.types.IsNumber(expr.type)) {
        value.number = WrapTo(program_.types, expr.type, value.number);
      }
      return value;
    }
    if (const auto* call = std::get_if<BuiltinCall>(&expr.node)) {
      if (call->builtin == Builtin::kHeaderSize) {
        return Number(HeaderOf(model_.layers[layer].header).fixed_size);
      }
      if (call->builtin == Builtin::kExtent) return Number(bytes_.size() - starts_[layer]);
    }
    if (const auto* binary = std::get_if<Binary>(&expr.node)) {
      return Number(FoldBinary(program_.types, expr.type, binary->op,
                               Evaluate(layer, *binary->left).number,
                               Evaluate(layer, *binary->right).number));
    }
    if (const auto* select = std::get_if<Select>(&expr.node)) {
      return Evaluate(layer, Holds(layer, *select->condition) ? *select->yes : *select->no);
    }
    return {};
  }

  bool Holds(uint32_t layer, const Expr& condition) {
    const auto* present = std::get_if<Present>(&condition.node);
    return present && Below(layer, present->header.header).has_value();
  }

  // The nearest layer at or below this one that is such a header.
  std::optional<uint32_t> Below(uint32_t layer, HeaderId header) {
    for (uint32_t i = layer + 1; i-- > 0;) {
      if (model_.layers[i].header == header) return i;
    }
    return std::nullopt;
  }

  Constant Field(uint32_t layer, const FieldRead& read) {
    Constant value;
    auto where = Below(layer, read.header.header);
    if (!where) return value;
    const HeaderField& field = HeaderOf(read.header.header).fields[read.field];
    uint32_t offset = starts_[*where] * 8 + field.bit_offset;
    if (!IsAddress(program_.types, field.type)) {
      value.number = ReadBits(bytes_, offset, field.bits);
      return value;
    }
    for (uint32_t i = 0; i < field.bits / 8; ++i) value.bytes[i] = bytes_[offset / 8 + i];
    return value;
  }

  static uint32_t SumWords(const uint8_t* bytes, size_t size, uint32_t sum) {
    for (size_t i = 0; i < size; i += 2) {
      uint32_t low = i + 1 < size ? bytes[i + 1] : 0;
      sum += static_cast<uint32_t>(bytes[i]) << 8 | low;
      sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
  }

  uint16_t OnesComplement(uint32_t layer, const Header& header, const Checksum& checksum) {
    bool whole_header = checksum.covers == Checksum::Covers::kHeader;
    size_t size = whole_header ? header.fixed_size : bytes_.size() - starts_[layer];
    uint32_t sum = SumWords(bytes_.data() + starts_[layer], size, 0);
    for (const ExprPtr& summand : checksum.summands) {
      Constant value = Evaluate(layer, *summand);
      if (IsAddress(program_.types, summand->type)) {
        sum = SumWords(value.bytes.data(), program_.types.SizeOf(summand->type), sum);
      } else {
        for (uint64_t rest = value.number; rest != 0; rest >>= 16) sum += rest & 0xffff;
      }
    }
    if (checksum.adds_extent) sum += static_cast<uint32_t>(size);
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<uint16_t>(~sum);
  }

  // CRC32c (RFC 9260, appendix A): reflected polynomial 0x82f63b78.
  static uint32_t Crc32c(const uint8_t* bytes, size_t size) {
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; ++i) {
      crc ^= bytes[i];
      for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
    }
    return ~crc;
  }

  void FillChecksum(uint32_t layer) {
    const PacketLayer& described = model_.layers[layer];
    const Header& header = HeaderOf(described.header);
    if (!header.checksum || described.given.contains(header.checksum->field)) return;
    const Checksum& checksum = *header.checksum;
    Put(layer, checksum.field, Number(0));
    if (checksum.algorithm == Checksum::Algorithm::kCrc32c) {
      uint32_t crc = Crc32c(bytes_.data() + starts_[layer], bytes_.size() - starts_[layer]);
      // It stands in the packet with its least significant byte first.
      Put(layer, checksum.field, Number(__builtin_bswap32(crc)));
      return;
    }
    uint16_t sum = OnesComplement(layer, header, checksum);
    bool or_none = checksum.algorithm == Checksum::Algorithm::kOnesComplementOrNone;
    if (or_none && sum == 0) sum = 0xffff;
    Put(layer, checksum.field, Number(sum));
  }

  const Program& program_;
  const PacketModel& model_;
  std::vector<uint32_t> starts_;  // bytes, by layer
  Bytes bytes_;
};

}  // namespace

std::optional<LinkValue> LinkBetween(const Program& program, const Header& outer, HeaderId inner) {
  for (const NextHeader& next : outer.next) {
    for (const HeaderPlace& place : program.headers[static_cast<uint32_t>(inner)].places) {
      if (place.at_start || place.selector != next.selector || place.values.empty()) continue;
      return LinkValue{next.field, place.values[0]};
    }
  }
  return std::nullopt;
}

BuiltPacket BuildPacket(const Program& program, const PacketModel& model) {
  return Builder(program, model).Build();
}

}  // namespace netc::sema
