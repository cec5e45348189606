// Tunnels (section 12, Tunnels).
#include <algorithm>
#include <cstring>

#include "compiler/interpret/interpreter.h"

namespace netc::interpret {

namespace {

constexpr uint32_t kTagBytes = 4, kTagAt = 12;
constexpr uint64_t kIpv4Type = 0x0800, kIpv6Type = 0x86dd;
// What bpf_skb_adjust_room cuts at most, and what it leaves of an IP packet.
constexpr uint32_t kMostCut = 0xfff;
constexpr uint32_t kFrameLeft = 14;

bool IsRoomOfSkb(const sema::Effect& node) {
  return node.row->helper == "bpf_skb_adjust_room";
}

}  // namespace

std::vector<uint8_t> Interpreter::FieldBytes(const sema::OuterHeader& layer) {
  const sema::Header& header = HeaderOf(layer.header);
  std::vector<uint8_t> bytes(header.fixed_size);
  for (size_t i = 0; i < header.fields.size(); ++i) {
    const sema::HeaderField& field = header.fields[i];
    Value value = Evaluate(*layer.arguments[i]);
    if (IsAddress(types(), field.type)) {
      std::memcpy(bytes.data() + field.bit_offset / 8, value.address.data(), field.bits / 8);
    } else {
      WriteBits(bytes.data(), field.bit_offset, field.bits, value.number);
    }
  }
  return bytes;
}

std::vector<uint8_t> Interpreter::OuterBytes(const sema::OuterHeader& layer) {
  const sema::Header& header = HeaderOf(layer.header);
  std::vector<uint8_t> bytes = FieldBytes(layer);
  bool sums = header.checksum && header.checksum->covers == sema::Checksum::Covers::kHeader;
  if (!sums) return bytes;
  uint64_t sum = 0;
  for (size_t i = 0; i < bytes.size(); i += 2) sum += ReadBits(bytes.data() + i, 0, 16);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  const sema::HeaderField& field = header.fields[header.checksum->field];
  WriteBits(bytes.data(), field.bit_offset, field.bits, ~sum & 0xffff);
  return bytes;
}

// `front` are the bytes of the header that begins the frame.
void Interpreter::ChangeFront(const sema::Effect& node, uint8_t* front) {
  const sema::Header& carrier = HeaderOf(node.carrier.header);
  for (const sema::FrontChange& change : node.front) {
    const sema::HeaderField& field = carrier.fields[change.field];
    if (!change.value) {
      std::memcpy(front + field.bit_offset / 8, front + carrier.fields[change.from].bit_offset / 8,
                  field.bits / 8);
      continue;
    }
    Value value = Evaluate(*change.value);
    if (IsAddress(types(), field.type)) {
      std::memcpy(front + field.bit_offset / 8, value.address.data(), field.bits / 8);
    } else {
      WriteBits(front, field.bit_offset, field.bits, value.number);
    }
  }
}

bool Interpreter::Encap(const sema::Effect& node) {
  uint32_t link = HeaderOf(node.carrier.header).fixed_size;
  if (packet_.size() < link) return false;
  std::vector<uint8_t> outer;
  for (const sema::OuterHeader& layer : node.layers) {
    std::vector<uint8_t> bytes = OuterBytes(layer);
    outer.insert(outer.end(), bytes.begin(), bytes.end());
  }
  uint32_t beside = tag_beside_ ? kTagBytes : 0;
  // The tag beside the packet is no part of the link header's bytes.
  std::vector<uint8_t> front(packet_.data(), packet_.data() + kTagAt);
  front.insert(front.end(), packet_.data() + kTagAt + beside, packet_.data() + link + beside);
  std::vector<uint8_t> carried = front;
  ChangeFront(node, front.data());
  if (!Holds(*node.guard)) return false;
  if (node.of_frame) outer.insert(outer.end(), carried.begin(), carried.end());
  uint32_t room = static_cast<uint32_t>(outer.size());
  if (IsRoomOfSkb(node)) {
    uint64_t type = ReadBits(packet_.data(), (kTagAt + beside) * 8, 16);
    if (in_tunnel_ || (type != kIpv4Type && type != kIpv6Type)) return false;
    if (PacketLength() + room > world.skb_most) return false;
    in_tunnel_ = true;
    if (node.layers.size() > 1) network_at_ += HeaderOf(node.layers[0].header).fixed_size;
  } else if (packet_.moved() + room > static_cast<int64_t>(world.room_before)) {
    return false;
  }
  packet_.Insert(link + beside, room);
  std::memcpy(packet_.data() + link + beside, outer.data(), room);
  std::memcpy(packet_.data(), front.data(), kTagAt);
  std::memcpy(packet_.data() + kTagAt + beside, front.data() + kTagAt, link - kTagAt);
  return true;
}

bool Interpreter::Decap(const sema::Effect& node) {
  uint32_t link = HeaderOf(node.carrier.header).fixed_size;
  uint32_t beside = tag_beside_ ? kTagBytes : 0;
  auto inside = std::find_if(node.inside.begin(), node.inside.end(), [&](sema::HeaderRef ref) {
    return At(ref).presence == Presence::kPresent;
  });
  if (inside == node.inside.end()) return false;
  uint32_t at = At(*inside).at;
  const uint8_t* begin = packet_.data() + (node.of_frame ? at : 0);
  uint32_t skipped = node.of_frame ? 0 : beside;
  std::vector<uint8_t> front(begin, begin + kTagAt);
  front.insert(front.end(), begin + kTagAt + skipped, begin + link + skipped);
  ChangeFront(node, front.data());
  if (!Holds(*node.guard)) return false;
  uint32_t end = node.of_frame ? at + link : at;  // where what stays begins
  if (IsRoomOfSkb(node)) {
    uint64_t type = ReadBits(packet_.data(), (kTagAt + beside) * 8, 16);
    if (type != kIpv4Type && type != kIpv6Type) return false;
    if (end - link - beside > kMostCut) return false;
    if (node.of_frame) network_at_ = std::max(network_at_, kFrameLeft);
  } else if (packet_.size() - (end - link) < kFrameLeft) {
    return false;
  }
  packet_.Erase(link + beside, end - link - beside);
  std::memcpy(packet_.data(), front.data(), kTagAt);
  std::memcpy(packet_.data() + kTagAt + beside, front.data() + kTagAt, link - kTagAt);
  return true;
}

}  // namespace netc::interpret
