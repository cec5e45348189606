// Effects: the packet's ends move, or nothing happens (section 12, Effects). What a row
// of the effect tables is made of says what can keep it from happening.
#include <algorithm>
#include <cstring>

#include "compiler/interpret/describe.h"
#include "compiler/interpret/interpreter.h"

namespace netc::interpret {

using sema::EffectKind;

namespace {

constexpr uint64_t kMostMoved = 65'535;
constexpr uint32_t kLeastFrame = 14;  // bytes that XDP leaves of a frame
constexpr uint32_t kTag = 4, kTypeAt = 12;
constexpr uint64_t kVlan = 0x8100, kServiceVlan = 0x88a8;

bool IsOfSkb(const sema::Effect& node) {
  return node.row->helper.starts_with("bpf_skb_");
}
bool IsTagOfSkb(const sema::Effect& node) {
  return node.row->helper.starts_with("bpf_skb_vlan");
}
// The kernel keeps skb->protocol right where it takes a tag or an outer header in or out
// (net/core/skbuff.c: skb_vlan_push, skb_vlan_pop; net/core/filter.c: bpf_skb_net_grow).
bool SetsProtocol(const sema::Effect& node) {
  bool tunnel = node.effect == EffectKind::kEncap || node.effect == EffectKind::kDecap;
  return IsOfSkb(node) && (tunnel || IsTagOfSkb(node));
}
bool IsTagType(uint64_t type) {
  return type == kVlan || type == kServiceVlan;
}

}  // namespace

Interpreter::Flow Interpreter::Execute(const sema::Effect& node) {
  bool happened = Apply(node);
  // Of two tags the first may be gone though the second can't be taken out.
  if (SetsProtocol(node) && (happened || IsTagOfSkb(node))) protocol_ = FrameProtocol();
  // What is behind it sees the new packet.
  if (node.row->changes == hooks::Changes::kEnds) WalkPacket();
  if (happened) return Execute(node.then);
  if (node.has_otherwise) return Execute(node.otherwise);
  CountFault(FaultOf(program_, node, *block_));
  outcome_.verdict = block_->on_abort;
  return Flow::kEnd;
}

bool Interpreter::Apply(const sema::Effect& node) {
  switch (node.effect) {
    case EffectKind::kAssign:
      throw NotInterpretable{"a socket is the kernel's"};
    case EffectKind::kPace:
      return Pace(node);
    case EffectKind::kClone:
      return Clone(node);
    case EffectKind::kEncap:
      return Encap(node);
    case EffectKind::kBecome:
      return Become(node);
    case EffectKind::kDecap:
      return Decap(node);
    case EffectKind::kPushHeader:
      return IsTagOfSkb(node) ? PushTag(node) : PushHeader(node);
    case EffectKind::kPopHeader:
      return IsTagOfSkb(node) ? PopTag(node) : PopHeader(node);
    default: {
      uint64_t bytes = Evaluate(*node.arguments[0]).number;
      return bytes <= kMostMoved && MoveEnd(node, static_cast<uint32_t>(bytes));
    }
  }
}

// Where the copy goes is not seen here; a test has the interface of number 1.
bool Interpreter::Clone(const sema::Effect& node) {
  constexpr uint64_t kLo = 1;
  uint64_t number = Evaluate(*node.arguments[0]).number;
  if (!node.target) {
    if (number > kLo) throw NotInterpretable{"which interfaces there are is the machine's"};
    return number == kLo;
  }
  std::span<const uint8_t> slot = BytesOf(*StateOf(*node.target).key, Value::Of(number));
  return static_cast<bool>(store(*node.target).Find(slot));
}

bool Interpreter::MoveEnd(const sema::Effect& node, uint32_t bytes) {
  bool skb = IsOfSkb(node);
  uint32_t size = PacketLength();
  bool at_end = node.effect == EffectKind::kTrim || node.effect == EffectKind::kGrow;
  if (at_end && in_tunnel_) return false;
  switch (node.effect) {
    case EffectKind::kTrim:
      if (bytes > size || size - bytes < (skb ? network_at_ : kLeastFrame)) return false;
      packet_.PopBack(bytes);
      return true;
    case EffectKind::kGrow:
      if (skb ? size + bytes > world.skb_most : packet_.reach() + bytes > world.room_behind) {
        return false;
      }
      packet_.PushBack(bytes);
      return true;
    case EffectKind::kPushBytes:
      if (skb ? size + bytes > world.skb_most
              : packet_.moved() + bytes > static_cast<int64_t>(world.room_before)) {
        return false;
      }
      PushBytes(bytes);
      return true;
    default:
      if (bytes > size || size - bytes < kLeastFrame) return false;
      packet_.PopFront(bytes);
      return true;
  }
}

// A tag that is beside the packet stays there: it follows the new first addresses.
void Interpreter::PushBytes(uint32_t bytes) {
  uint64_t tag = tag_beside_ ? ReadBits(packet_.data(), kTypeAt * 8, 32) : 0;
  if (tag_beside_) packet_.Erase(kTypeAt, kTag);
  packet_.PushFront(bytes);
  network_at_ += bytes;
  if (!tag_beside_) return;
  packet_.Insert(kTypeAt, kTag);
  WriteBits(packet_.data(), kTypeAt * 8, 32, tag);
}

// Behind the header that begins the frame; the link moves into the new one.
bool Interpreter::PushHeader(const sema::Effect& node) {
  const sema::Header& header = HeaderOf(node.header.header);
  const sema::Header& carrier = HeaderOf(node.carrier.header);
  std::vector<Value> values;
  for (const sema::ExprPtr& argument : node.arguments) values.push_back(Evaluate(*argument));
  uint32_t size = header.fixed_size, at = carrier.fixed_size;
  if (packet_.moved() + size > static_cast<int64_t>(world.room_before)) return false;
  if (packet_.size() < at) return false;
  const sema::HeaderField& link = carrier.fields[node.link];
  uint64_t follows = ReadBits(packet_.data(), link.bit_offset, link.bits);
  packet_.Insert(at, size);
  for (size_t i = 0; i < header.fields.size(); ++i) {
    const sema::HeaderField& field = header.fields[i];
    if (IsAddress(types(), field.type)) {
      std::memcpy(packet_.data() + at + field.bit_offset / 8, values[i].address.data(),
                  field.bits / 8);
    } else {
      WriteBits(packet_.data() + at, field.bit_offset, field.bits, values[i].number);
    }
  }
  const sema::HeaderField& next = header.fields[node.next];
  WriteBits(packet_.data() + at, next.bit_offset, next.bits, follows);
  WriteBits(packet_.data(), link.bit_offset, link.bits, node.value);
  return true;
}

bool Interpreter::PopHeader(const sema::Effect& node) {
  const sema::Header& header = HeaderOf(node.header.header);
  const sema::Header& carrier = HeaderOf(node.carrier.header);
  uint32_t size = header.fixed_size, at = carrier.fixed_size;
  if (At(node.header).at != at || packet_.size() < at + size) return false;
  if (packet_.size() - size < kLeastFrame) return false;
  const sema::HeaderField& next = header.fields[node.next];
  uint64_t follows = ReadBits(packet_.data() + at, next.bit_offset, next.bits);
  packet_.Erase(at, size);
  const sema::HeaderField& link = carrier.fields[node.link];
  WriteBits(packet_.data(), link.bit_offset, link.bits, follows);
  return true;
}

uint32_t Interpreter::PacketLength() const {
  return packet_.size() - (tag_beside_ ? kTag : 0);
}

// An skb keeps the tag that was pushed last beside its bytes; one that is there goes in.
bool Interpreter::PushTag(const sema::Effect& node) {
  const sema::Header& header = HeaderOf(node.header.header);
  std::array<uint8_t, kTag> bytes{};
  for (size_t i = 0; i < header.fields.size(); ++i) {
    const sema::HeaderField& field = header.fields[i];
    WriteBits(bytes.data(), field.bit_offset, field.bits, Evaluate(*node.arguments[i]).number);
  }
  if (tag_beside_) network_at_ += kTag;
  packet_.Insert(kTypeAt, kTag);
  WriteBits(packet_.data(), kTypeAt * 8, 32, node.value << 16 | ReadBits(bytes.data(), 0, 16));
  tag_beside_ = true;
  return true;
}

// Behind the addresses, in the bytes.
bool Interpreter::HasTag() const {
  return packet_.size() >= kLeastFrame && IsTagType(ReadBits(packet_.data(), kTypeAt * 8, 16));
}

// The next one goes beside.
bool Interpreter::PopTag(const sema::Effect& node) {
  const sema::Header& carrier = HeaderOf(node.carrier.header);
  if (At(node.header).at != carrier.fixed_size) return false;
  auto leaves = [&] { network_at_ = std::max(network_at_ - kTag, kLeastFrame); };
  if (!tag_beside_) leaves();
  packet_.Erase(kTypeAt, kTag);
  bool another = HasTag();
  tag_beside_ = another && packet_.size() >= kLeastFrame + kTag;
  if (tag_beside_) leaves();
  return !another || tag_beside_;
}

uint32_t Interpreter::TakeTagOut() {
  if (!tag_beside_) return 0;
  auto tag = static_cast<uint32_t>(ReadBits(packet_.data(), kTypeAt * 8, 32));
  packet_.Erase(kTypeAt, kTag);
  tag_beside_ = false;
  return tag;
}

}  // namespace netc::interpret
