// A packet that is made anew of headers (section 12, Effects).
#include <algorithm>
#include <cstring>

#include "compiler/interpret/interpreter.h"

namespace netc::interpret {

namespace {

constexpr uint32_t kLeastMade = 14;

void AddMadeWord(uint64_t& sum, uint64_t word) {
  sum += word;
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
}

void AddMadeBytes(uint64_t& sum, const uint8_t* bytes, size_t size) {
  for (size_t i = 0; i < size; ++i)
    AddMadeWord(sum, i % 2 == 0 ? uint64_t{bytes[i]} << 8 : bytes[i]);
}

}  // namespace

void Interpreter::PutSum(const sema::OuterHeader& layer, std::vector<uint8_t>& packet) {
  const sema::Header& header = HeaderOf(layer.header);
  uint64_t sum = 0;
  AddMadeBytes(sum, packet.data() + layer.at, layer.summed);
  for (const sema::ExprPtr& summand : layer.summands) {
    Value value = Evaluate(*summand);
    if (IsAddress(types(), summand->type)) {
      AddMadeBytes(sum, value.address.data(), types().SizeOf(summand->type));
    } else {
      AddMadeWord(sum, value.number >> 16 & 0xffff);
      AddMadeWord(sum, value.number & 0xffff);
    }
  }
  sum = ~sum & 0xffff;
  using Algorithm = sema::Checksum::Algorithm;
  if (header.checksum->algorithm == Algorithm::kOnesComplementOrNone && sum == 0) sum = 0xffff;
  const sema::HeaderField& field = header.fields[header.checksum->field];
  WriteBits(packet.data() + layer.at, field.bit_offset, field.bits, sum);
}

bool Interpreter::Become(const sema::Effect& node) {
  std::vector<uint8_t> made(node.total);
  for (const sema::OuterHeader& layer : node.layers) {
    std::vector<uint8_t> bytes = FieldBytes(layer);
    std::copy(bytes.begin(), bytes.end(), made.begin() + layer.at);
  }
  for (size_t i = node.layers.size(); i-- > 0;) {
    if (node.layers[i].summed > 0) PutSum(node.layers[i], made);
  }
  if (node.total < kLeastMade) return false;
  uint32_t size = packet_.size();
  if (node.total > size) {
    if (packet_.reach() + (node.total - size) > world.room_behind) return false;
    packet_.PushBack(node.total - size);
  } else {
    packet_.PopBack(size - node.total);
  }
  std::memcpy(packet_.data(), made.data(), made.size());
  return true;
}

}  // namespace netc::interpret
