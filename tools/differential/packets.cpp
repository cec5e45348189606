#include "tools/differential/packets.h"

#include <algorithm>

#include "tools/differential/packet_builder.h"

namespace netc::differential {
namespace {

// Right packets that a pipeline's are made of.
constexpr uint32_t kShapes = 48;

// Whether the text has the word, not as a part of another.
bool Names(std::string_view text, std::string_view word) {
  auto in_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  for (size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    bool begins = at == 0 || !in_word(text[at - 1]);
    bool ends = at + word.size() >= text.size() || !in_word(text[at + word.size()]);
    if (begins && ends) return true;
  }
  return false;
}

}  // namespace

PacketMaker::PacketMaker(const sema::Program& program, std::string_view source, Choices& choices)
    : program_(program), choices_(choices) {
  for (const sema::Header& header : program.headers) {
    weights_.push_back(Names(source, header.name) ? 6 : 1);
  }
  for (uint32_t i = 0; i < kShapes; ++i)
    shapes_.push_back(PacketBuilder(program_, weights_, choices_).Build());
}

const object::Bytes& PacketMaker::Make(size_t least, size_t most) {
  const Shape& shape = choices_.Of(shapes_);
  packet_.assign(shape.bytes.begin(), shape.bytes.end());
  if (choices_.Chance(45)) Mutate(shape);
  if (packet_.size() > most) packet_.resize(most);
  if (packet_.size() < least) packet_.resize(least);
  return packet_;
}

void PacketMaker::Mutate(const Shape& shape) {
  switch (choices_.Weighted({5, 5, 3, 2, 1, 2})) {
    case 0:  // cut off anywhere, often near where a header begins or ends
      if (packet_.empty()) return;
      if (!shape.boundaries.empty() && choices_.Chance(60)) {
        size_t at = choices_.Of(shape.boundaries);
        at += choices_.Below(42);
        if (at < packet_.size()) packet_.resize(at);
      } else {
        packet_.resize(choices_.Below(static_cast<uint32_t>(packet_.size()) + 1));
      }
      break;
    case 1: {  // a field with another value, of lengths and versions too
      if (shape.fields.empty()) return;
      auto [bit, bits] = choices_.Of(shape.fields);
      uint64_t value = choices_.Number(std::min(bits, 64u));
      for (uint32_t i = 0; i < std::min(bits, 64u); ++i) {
        uint32_t at = bit + bits - 1 - i;
        if (at / 8 >= packet_.size()) continue;
        auto mask = static_cast<uint8_t>(0x80 >> at % 8);
        packet_[at / 8] =
            static_cast<uint8_t>(value >> i & 1 ? packet_[at / 8] | mask : packet_[at / 8] & ~mask);
      }
      break;
    }
    case 2:  // bytes changed
      for (uint32_t i = choices_.Between(1, 4); i > 0 && !packet_.empty(); --i) {
        packet_[choices_.Below(static_cast<uint32_t>(packet_.size()))] =
            static_cast<uint8_t>(choices_.Draw());
      }
      break;
    case 3:  // Ethernet's padding, or what else follows
      for (uint32_t i = choices_.Between(1, 50); i > 0; --i)
        packet_.push_back(static_cast<uint8_t>(choices_.Draw()));
      break;
    case 4:  // nothing that anyone sends
      for (uint8_t& byte : packet_) byte = static_cast<uint8_t>(choices_.Draw());
      break;
    default:  // a large one
      packet_.resize(packet_.size() + choices_.Below(3000));
      break;
  }
}

}  // namespace netc::differential
