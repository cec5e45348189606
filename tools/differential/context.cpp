#include "tools/differential/context.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "tools/differential/packets.h"

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
  kCb,           // five given numbers
  kNetns,        // this network namespace's cookie
  kSourceAddress,
  kDestinationAddress,  // the same as addresses of either family
  kRemoteAddress,
  kLocalAddress,  // given
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
    {"__sk_buff", "cb", Origin::kCb},
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
    {"bpf_sk_lookup", "remote_ip4", Origin::kRemoteAddress},
    {"bpf_sk_lookup", "remote_port", Origin::kGivenSmall},
    {"bpf_sk_lookup", "local_ip4", Origin::kLocalAddress},
    {"bpf_sk_lookup", "local_port", Origin::kGivenSmall},
    {"bpf_sk_lookup", "ingress_ifindex", Origin::kNone},
};

// Words that are no field of the context. A test's skb has a socket that knows nothing but where
// the packet goes, and that is none of TCP; sk_lookup has none.
struct WordRow {
  hooks::ProgType hooks;
  std::string_view word;
  Origin origin;
};
constexpr WordRow kWordRows[] = {
    {hooks::ProgType::kSchedCls, "sk.mark", Origin::kNone},
    {hooks::ProgType::kSchedCls, "sk.priority", Origin::kNone},
    {hooks::ProgType::kSchedCls, "sk.uid", Origin::kNone},
    {hooks::ProgType::kSchedCls, "sk.cwnd", Origin::kNone},
    {hooks::ProgType::kSchedCls, "sk.srtt", Origin::kNone},
    {hooks::ProgType::kSchedCls, "netns.cookie", Origin::kNetns},
    {hooks::ProgType::kSchedCls, "remote.addr", Origin::kDestinationAddress},
    {hooks::ProgType::kSchedCls, "local.addr", Origin::kSourceAddress},
    {hooks::ProgType::kCgroupSkb, "sk.mark", Origin::kNone},
    {hooks::ProgType::kCgroupSkb, "sk.priority", Origin::kNone},
    {hooks::ProgType::kCgroupSkb, "sk.uid", Origin::kNone},
    {hooks::ProgType::kCgroupSkb, "sk.cwnd", Origin::kNone},
    {hooks::ProgType::kCgroupSkb, "netns.cookie", Origin::kNetns},
    {hooks::ProgType::kCgroupSkb, "remote.addr", Origin::kDestinationAddress},
    {hooks::ProgType::kCgroupSkb, "local.addr", Origin::kSourceAddress},
    {hooks::ProgType::kSkLookup, "sk.mark", Origin::kNone},
    {hooks::ProgType::kSkLookup, "remote.addr", Origin::kRemoteAddress},
    {hooks::ProgType::kSkLookup, "local.addr", Origin::kLocalAddress},
};

constexpr uint32_t kEthernet = 14;
constexpr uint64_t kInet = 2, kInet6 = 10;  // AF_INET, AF_INET6

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

uint64_t NetnsCookie() {
  constexpr int kNetnsCookie = 71;  // SO_NETNS_COOKIE (include/uapi/asm-generic/socket.h)
  uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  getsockopt(fd, SOL_SOCKET, kNetnsCookie, &cookie, &size);
  close(fd);
  return cookie;
}

// Of a packet's IP header; of another packet all zeros.
Address AddressIn(const object::Bytes& packet, bool source) {
  Address address{};
  uint64_t type = ReadBig(packet, 12, 2);
  size_t size = type == 0x0800 ? 4 : type == 0x86dd ? 16 : 0;
  size_t at = size == 4 ? kEthernet + (source ? 12 : 16) : kEthernet + (source ? 8 : 24);
  if (size == 4) address[10] = address[11] = 0xff;
  for (size_t i = 0; i < size; ++i)
    address[16 - size + i] = at + i < packet.size() ? packet[at + i] : uint8_t{0};
  return address;
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

std::vector<std::string_view> ContextMaker::OtherWords(const hooks::Hook& hook) {
  std::vector<std::string_view> words;
  for (const WordRow& row : kWordRows) {
    if (row.hooks == hook.prog_type) words.push_back(row.word);
  }
  return words;
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
             row->origin == Origin::kFamily || row->origin == Origin::kCb;
    // Without a context the frame's length is 0 (6.18 net/bpf/test_run.c: convert___skb_to_skb).
    given |= row->origin == Origin::kLength;
  }
  if (given) bytes_.resize((end + 7) / 8 * 8);
  for (uint32_t i = 0; i < std::size(kWordRows); ++i) {
    const WordRow& row = kWordRows[i];
    if (row.hooks == hook.prog_type && source.find(row.word) != std::string_view::npos)
      others_.push_back(i);
  }
  if (hook.packet.start == hooks::PacketStart::kNone) {
    socket_ = hooks::Needs::kNothing;
  } else if (hook.prog_type != hooks::ProgType::kXdp) {
    socket_ = hooks::Needs::kFull;
  }
  for (const hooks::Field& field : hook.fields) {
    if (field.context == "bpf_sk_lookup" && field.name == "remote_ip6") remote6_ = &field;
    if (field.context == "bpf_sk_lookup" && field.name == "local_ip6") local6_ = &field;
  }
}

// Of the tuple that sk_lookup is asked about, whose family is given.
Address ContextMaker::LookupAddress(const hooks::Field& four, const hooks::Field* six,
                                    Choices& choices) {
  Address address{};
  bool is_four = family_ == kInet;
  if (is_four) address[10] = address[11] = 0xff;
  uint8_t* to = address.data() + (is_four ? 12 : 0);
  FillAddress(choices, to, is_four ? 4 : 16);
  if (is_four || six)
    std::memcpy(&bytes_[is_four ? four.offset : six->offset], to, is_four ? 4 : 16);
  return address;
}

void ContextMaker::MakeOthers(const object::Bytes& packet) {
  static const uint64_t netns = NetnsCookie();
  for (uint32_t row : others_) {
    std::string word(kWordRows[row].word);
    switch (kWordRows[row].origin) {
      case Origin::kNetns:
        words_.emplace_back(word, netns);
        break;
      case Origin::kSourceAddress:
      case Origin::kDestinationAddress:
        addresses_.emplace_back(word,
                                AddressIn(packet, kWordRows[row].origin == Origin::kSourceAddress));
        break;
      case Origin::kRemoteAddress:
        addresses_.emplace_back(word, remote_);
        break;
      case Origin::kLocalAddress:
        addresses_.emplace_back(word, local_);
        break;
      default:
        words_.emplace_back(word, 0);
        break;
    }
  }
}

void ContextMaker::Make(const object::Bytes& packet, Choices& choices) {
  words_.clear();
  addresses_.clear();
  std::fill(bytes_.begin(), bytes_.end(), uint8_t{0});
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
        value = family_ = choices.OneOf({kInet, kInet6});
        break;
      case Origin::kCb:
        for (uint32_t i = 0; i < field->size / 4; ++i) {
          auto number = static_cast<uint32_t>(choices.Number(32));
          std::memcpy(&bytes_[field->offset + 4 * i], &number, 4);
          words_.emplace_back(std::string(field->word) + "[" + std::to_string(i) + "]", number);
        }
        continue;
      case Origin::kRemoteAddress:
        remote_ = LookupAddress(*field, remote6_, choices);
        continue;
      case Origin::kLocalAddress:
        local_ = LookupAddress(*field, local6_, choices);
        continue;
      default:
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
  MakeOthers(packet);
}

}  // namespace netc::differential
