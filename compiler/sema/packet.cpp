#include "compiler/sema/packet.h"

#include <algorithm>
#include <array>
#include <functional>

namespace netc::sema {
namespace {

using object::Bytes;

// Bytes that options are filled up by, at most.
constexpr uint32_t kMostFilling = 64;

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
  Builder(const Program& program, const PacketModel& model)
      : program_(program), model_(model), layers_(model.layers) {}

  BuiltPacket Build() {
    LayOut();
    for (uint32_t i = 0; i < layers_.size(); ++i) Fill(i);
    for (uint32_t i = static_cast<uint32_t>(layers_.size()); i-- > 0;) FillChecksum(i);
    BuiltPacket built;
    for (uint32_t i = 0; i < layers_.size(); ++i) {
      if (layers_[i].options_of) continue;
      const Header& header = HeaderOf(layers_[i].header);
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

  bool IsOption(uint32_t layer) const {
    return layers_[layer].options_of || HeaderOf(layers_[layer].header).option_of;
  }
  std::optional<uint32_t> LayerBehind(uint32_t layer) const {
    while (++layer < layers_.size()) {
      if (!IsOption(layer)) return layer;
    }
    return std::nullopt;
  }

  // Where each layer begins. A header is filled up with zeros behind its options, until
  // its size can be said.
  void LayOut() {
    uint32_t at = 0;
    for (uint32_t i = 0; i < layers_.size();) {
      uint32_t owner = i, begin = at;
      starts_.push_back(at);
      sizes_.push_back(0);
      at += HeaderOf(layers_[i++].header).fixed_size;
      for (; i < layers_.size() && IsOption(i); ++i) {
        starts_.push_back(at);
        sizes_.push_back(OptionSize(i));
        at += sizes_.back();
      }
      at += FillingOf(layers_[owner], at - begin);
      sizes_[owner] = at - begin;
    }
    bytes_.resize(at);
    bytes_.insert(bytes_.end(), model_.payload.begin(), model_.payload.end());
    for (uint32_t i = 0; i < layers_.size(); ++i) {
      const PacketLayer& layer = layers_[i];
      if (layer.options_of)
        std::copy(layer.bytes.begin(), layer.bytes.end(), bytes_.begin() + starts_[i]);
    }
  }

  // Bytes that an option takes; its first field is its first kind, and the field that says
  // its size says it, unless they are given.
  uint32_t OptionSize(uint32_t index) {
    PacketLayer& layer = layers_[index];
    if (layer.options_of) return static_cast<uint32_t>(layer.bytes.size());
    const Header& option = HeaderOf(layer.header);
    const OptionWalk& walk = *HeaderOf(*option.option_of).options;
    const Header& base = HeaderOf(walk.base);
    if (!option.option_kinds.empty()) layer.given.try_emplace(0, Number(option.option_kinds[0]));
    for (uint32_t f = 1; f < base.fields.size(); ++f) {
      if (!Reads(*walk.size, f)) continue;
      if (layer.given.contains(f)) return option.fixed_size;
      uint64_t most = base.fields[f].bits < 16 ? (1u << base.fields[f].bits) - 1 : 0xffff;
      for (uint32_t size = option.fixed_size; size < option.fixed_size + kMostFilling; ++size) {
        for (uint64_t value = 0; value <= most; ++value) {
          auto read = [&](uint32_t field) { return std::optional(field == f ? value : 0); };
          if (Fold(*walk.size, size, read) != size) continue;
          layer.given[f] = Number(value);
          return size;
        }
      }
    }
    return option.fixed_size;
  }

  // Zeros between the options and what follows. None where the test says itself how long
  // the header is, or the header goes to the packet's end.
  uint32_t FillingOf(const PacketLayer& layer, uint32_t used) {
    const Header& header = HeaderOf(layer.header);
    if (!header.size) return 0;
    for (const auto& [field, value] : layer.given) {
      if (Reads(*header.size, field)) return 0;
    }
    for (uint32_t filling = 0; filling < kMostFilling; ++filling) {
      uint32_t size = used + filling;
      std::function<std::optional<uint64_t>(uint32_t)> read = [&](uint32_t field) {
        const HeaderField& f = header.fields[field];
        if (!f.initial) return std::optional<uint64_t>(0);
        auto value = Fold(*f.initial, size, [](uint32_t) { return std::optional<uint64_t>(0); });
        if (value && f.bits < 64) *value &= (1ull << f.bits) - 1;
        return value;
      };
      if (Fold(*header.size, size, read) == size) return filling;
    }
    return 0;
  }

  static bool Reads(const Expr& expr, uint32_t field) {
    if (const auto* n = std::get_if<FieldRead>(&expr.node)) return n->field == field;
    if (const auto* n = std::get_if<Convert>(&expr.node)) return Reads(*n->operand, field);
    const auto* n = std::get_if<Binary>(&expr.node);
    return n && (Reads(*n->left, field) || Reads(*n->right, field));
  }

  // A size as a declaration says it, before there are bytes; nullopt if that can't be known.
  std::optional<uint64_t> Fold(const Expr& expr, uint32_t size,
                               const std::function<std::optional<uint64_t>(uint32_t)>& read) {
    if (const Constant* constant = AsConstant(expr)) return constant->number;
    if (const auto* n = std::get_if<FieldRead>(&expr.node)) return read(n->field);
    if (const auto* n = std::get_if<Convert>(&expr.node)) {
      auto value = Fold(*n->operand, size, read);
      if (value && program_.types.IsNumber(expr.type)) {
        value = WrapTo(program_.types, expr.type, *value);
      }
      return value;
    }
    if (const auto* n = std::get_if<BuiltinCall>(&expr.node)) {
      if (n->builtin == Builtin::kHeaderSize) return size;
      return std::nullopt;
    }
    const auto* n = std::get_if<Binary>(&expr.node);
    if (!n) return std::nullopt;
    auto left = Fold(*n->left, size, read), right = Fold(*n->right, size, read);
    if (!left || !right) return std::nullopt;
    return FoldBinary(program_.types, expr.type, n->op, *left, *right);
  }

  void Put(uint32_t layer, uint32_t index, const Constant& value) {
    const HeaderField& field = HeaderOf(layers_[layer].header).fields[index];
    uint32_t offset = starts_[layer] * 8 + field.bit_offset;
    if (!IsAddress(program_.types, field.type)) {
      WriteBits(bytes_, offset, field.bits, value.number);
      return;
    }
    for (uint32_t i = 0; i < field.bits / 8; ++i) bytes_[offset / 8 + i] = value.bytes[i];
  }

  // In three steps, so that a default can rest on a field that is given.
  void Fill(uint32_t layer) {
    const PacketLayer& described = layers_[layer];
    if (described.options_of) return;
    const Header& header = HeaderOf(described.header);
    for (const auto& [index, value] : described.given) Put(layer, index, value);
    std::optional<LinkValue> link;
    if (auto behind = LayerBehind(layer); behind && !LeadsByGiven(described, *behind)) {
      link = LinkBetween(program_, header, layers_[*behind].header);
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

  // Whether a field that is given names the next layer already: `udp { sport: 53 }`
  // is followed by DNS whatever the other port is.
  bool LeadsByGiven(const PacketLayer& described, uint32_t behind) const {
    const Header& header = HeaderOf(described.header);
    const Header& inner = HeaderOf(layers_[behind].header);
    return std::any_of(header.next.begin(), header.next.end(), [&](const NextHeader& next) {
      auto given = next.field ? described.given.find(*next.field) : described.given.end();
      if (given == described.given.end()) return false;
      return std::any_of(inner.places.begin(), inner.places.end(), [&](const HeaderPlace& place) {
        return !place.at_start && place.selector == next.selector &&
               std::find(place.values.begin(), place.values.end(), given->second.number) !=
                   place.values.end();
      });
    });
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
        return Number(sizes_[layer]);
      }
      if (call->builtin == Builtin::kExtent) return Number(bytes_.size() - starts_[layer]);
    }
    if (const auto* binary = std::get_if<Binary>(&expr.node)) {
      return Number(FoldBinary(program_.types, expr.type, binary->op,
                               Evaluate(layer, *binary->left).number,
                               Evaluate(layer, *binary->right).number));
    }
    if (const auto* select = std::get_if<Select>(&expr.node)) {
      return Evaluate(layer, Holds(layer, *select) ? *select->yes : *select->no);
    }
    return {};
  }

  // Of the headers of a view, a layer stands on the nearest: others are around the packet
  // that it belongs to.
  bool Holds(uint32_t layer, const Select& select) {
    const auto* present = std::get_if<Present>(&select.condition->node);
    auto at = present ? Below(layer, present->header.header) : std::nullopt;
    if (!at) return false;
    auto other = HeaderRead(*select.no);
    auto nearer = other ? Below(layer, *other) : std::nullopt;
    return !nearer || *nearer < *at;
  }

  static std::optional<HeaderId> HeaderRead(const Expr& expr) {
    if (const auto* n = std::get_if<FieldRead>(&expr.node)) return n->header.header;
    if (const auto* n = std::get_if<Convert>(&expr.node)) return HeaderRead(*n->operand);
    if (const auto* n = std::get_if<Select>(&expr.node)) return HeaderRead(*n->yes);
    return std::nullopt;
  }

  // The nearest layer at or below this one that is such a header.
  std::optional<uint32_t> Below(uint32_t layer, HeaderId header) {
    for (uint32_t i = layer + 1; i-- > 0;) {
      if (!layers_[i].options_of && layers_[i].header == header) return i;
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
    size_t rest = bytes_.size() - starts_[layer];
    size_t size = rest;
    if (whole_header) {
      // Of what the packet says, which may be more than the test describes as options.
      size_t said = header.size ? Evaluate(layer, *header.size).number : header.fixed_size;
      size = said < header.fixed_size ? header.fixed_size : std::min(said, rest);
    }
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
    const PacketLayer& described = layers_[layer];
    if (described.options_of) return;
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
  std::vector<PacketLayer> layers_;  // the model's, with what options say of themselves
  std::vector<uint32_t> starts_;     // bytes, by layer
  std::vector<uint32_t> sizes_;      // bytes, by layer; of a header, with its options
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
