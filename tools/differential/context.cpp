#include "tools/differential/context.h"

#include <algorithm>
#include <cstring>

namespace netc::differential {
namespace {

// How a field comes to its value (6.18 net/bpf/test_run.c: convert___skb_to_skb,
// bpf_prog_test_run_skb, bpf_prog_test_run_sk_lookup; net/ethernet/eth.c: eth_type_trans).
enum class Origin {
  kGiven,       // the kernel takes it: anything
  kGivenSmall,  // the same, of 16 bits
  kFamily,      // 2 or 10
  kNone,        // 0
  kDevice,      // the loopback device
  kProtocol,    // what follows the Ethernet header
  kPacketType,  // who the Ethernet header is for
  kLength,      // of the frame
  kSocketFamily,
  kSource,
  kDestination,  // of the socket that test-run makes up, by the IP header
};
struct Row {
  std::string_view context, field;
  Origin origin;
};
constexpr Row kRows[] = {
    {"xdp_md", "ingress_ifindex", Origin::kDevice},
    {"xdp_md", "rx_queue_index", Origin::kNone},
    {"__sk_buff", "pkt_type", Origin::kPacketType},
    {"__sk_buff", "mark", Origin::kGiven},
    {"__sk_buff", "queue_mapping", Origin::kNone},
    {"__sk_buff", "protocol", Origin::kProtocol},
    {"__sk_buff", "priority", Origin::kGiven},
    {"__sk_buff", "ingress_ifindex", Origin::kGiven},
    {"__sk_buff", "ifindex", Origin::kDevice},
    {"__sk_buff", "tc_index", Origin::kNone},
    {"__sk_buff", "hash", Origin::kNone},
    {"__sk_buff", "tc_classid", Origin::kNone},
    {"__sk_buff", "napi_id", Origin::kNone},
    {"__sk_buff", "family", Origin::kSocketFamily},
    {"__sk_buff", "remote_ip4", Origin::kDestination},
    {"__sk_buff", "local_ip4", Origin::kSource},
    {"__sk_buff", "remote_port", Origin::kNone},
    {"__sk_buff", "local_port", Origin::kNone},
    {"__sk_buff", "tstamp", Origin::kGiven},
    {"__sk_buff", "wire_len", Origin::kLength},
    {"__sk_buff", "gso_segs", Origin::kNone},
    {"__sk_buff", "gso_size", Origin::kNone},
    {"__sk_buff", "hwtstamp", Origin::kGiven},
    {"bpf_sk_lookup", "family", Origin::kFamily},
    {"bpf_sk_lookup", "protocol", Origin::kGivenSmall},
    {"bpf_sk_lookup", "remote_ip4", Origin::kGiven},
    {"bpf_sk_lookup", "remote_port", Origin::kGivenSmall},
    {"bpf_sk_lookup", "local_ip4", Origin::kGiven},
    {"bpf_sk_lookup", "local_port", Origin::kGivenSmall},
    {"bpf_sk_lookup", "ingress_ifindex", Origin::kNone},
};

constexpr uint32_t kEthernet = 14;

uint64_t ReadBig(const object::Bytes& packet, size_t at, size_t size) {
  uint64_t value = 0;
  for (size_t i = at; i < at + size; ++i) value = value << 8 | (i < packet.size() ? packet[i] : 0u);
  return value;
}

uint64_t PacketType(const object::Bytes& packet) {
  // PACKET_HOST, PACKET_MULTICAST, PACKET_OTHERHOST (linux/if_packet.h); the loopback device's
  // address is zero, and so is its broadcast address.
  if (ReadBig(packet, 0, 6) == 0) return 0;
  return packet[0] & 1 ? 2 : 3;
}

// Below 0x600 it is a length: ETH_P_802_3 or ETH_P_802_2 (linux/if_ether.h).
uint64_t Protocol(const object::Bytes& packet) {
  uint64_t type = ReadBig(packet, 12, 2);
  if (type >= 0x600) return type;
  return ReadBig(packet, kEthernet, 2) == 0xffff ? 1 : 4;
}

void Store(object::Bytes& bytes, const hooks::Field& field, uint64_t value) {
  if (field.order == hooks::ByteOrder::kHost) {
    std::memcpy(&bytes[field.offset], &value, std::min<size_t>(field.size, sizeof value));
    return;
  }
  uint32_t size = field.order == hooks::ByteOrder::kBig16 ? 2 : field.size;
  for (uint32_t i = 0; i < size; ++i)
    bytes[field.offset + i] = static_cast<uint8_t>(value >> (8 * (size - 1 - i)));
}

const Row* Find(const hooks::Field& field) {
  for (const Row& row : kRows) {
    if (row.context == field.context && row.field == field.name) return &row;
  }
  return nullptr;
}

}  // namespace

bool ContextMaker::Knows(const hooks::Hook&, const hooks::Field& field) {
  return Find(field) != nullptr;
}

ContextMaker::ContextMaker(const hooks::Hook& hook, std::string_view source) {
  size_t end = 0;
  bool given = false;
  bool needs_context = hook.test_run.least_bytes == 0;
  for (const hooks::Field& field : hook.fields) {
    end = std::max<size_t>(end, field.offset + field.size);
    const Row* row = Find(field);
    bool used =
        row != nullptr && !field.word.empty() && source.find(field.word) != std::string_view::npos;
    if (!used && !(row != nullptr && needs_context)) continue;
    used_.emplace_back(&field, static_cast<uint32_t>(row - kRows));
    given |= row->origin == Origin::kGiven || row->origin == Origin::kGivenSmall ||
             row->origin == Origin::kFamily;
    // Without a context the frame's length is 0 (6.18 net/bpf/test_run.c: convert___skb_to_skb).
    given |= row->origin == Origin::kLength;
  }
  if (given) bytes_.resize((end + 7) / 8 * 8);
}

void ContextMaker::Make(const object::Bytes& packet, Choices& choices) {
  words_.clear();
  for (const auto& [field, row] : used_) {
    uint64_t value = 0;
    uint64_t type = ReadBig(packet, 12, 2);
    switch (kRows[row].origin) {
      case Origin::kGiven:
        value = choices.Number(field->size * 8u);
        break;
      case Origin::kGivenSmall:
        value = choices.Number(16);
        break;
      case Origin::kFamily:
        value = choices.OneOf({2u, 10u});
        break;
      case Origin::kNone:
        break;
      case Origin::kDevice:
        value = 1;
        break;
      case Origin::kProtocol:
        value = Protocol(packet);
        break;
      case Origin::kPacketType:
        value = PacketType(packet);
        break;
      case Origin::kLength:
        value = packet.size();
        break;
      case Origin::kSocketFamily:
        value = type == 0x0800 ? 2 : type == 0x86dd ? 10 : 0;
        break;
      case Origin::kSource:
        value = type == 0x0800 ? ReadBig(packet, kEthernet + 12, 4) : 0;
        break;
      case Origin::kDestination:
        value = type == 0x0800 ? ReadBig(packet, kEthernet + 16, 4) : 0;
        break;
    }
    bool given = kRows[row].origin == Origin::kGiven || kRows[row].origin == Origin::kGivenSmall ||
                 kRows[row].origin == Origin::kFamily;
    if (given) Store(bytes_, *field, value);
    words_.emplace_back(std::string(field->word), value);
  }
}

}  // namespace netc::differential
