// A protocol of the pipeline's own: fields of all widths, of variable size or not, found behind one
// of the library's headers.
#include <fmt/format.h>

#include <algorithm>

#include "tools/differential/pipeline.h"

namespace netc::differential {
namespace {

// Where it stands, and like which header of the library: what that one implies, it does.
struct Stand {
  const char* selector;
  std::vector<uint32_t> values;
  const char* like;
  const char* next;  // that it may lead on to
  uint32_t bits;     // of that one's values
};
const Stand kStands[] = {
    {"udp_port", {5700, 5701, 9}, "vxlan", "inner ethertype", 16},
    {"ethertype", {0x88b5, 0x88b6}, "arp", "ethertype", 16},
    {"ip_protocol", {253, 254}, "sctp", "ip_protocol", 8},
};

class HeaderWriter {
 public:
  HeaderWriter(Pipeline& pipeline, const Stand& stand)
      : pipeline_(pipeline), choices_(pipeline.choices), stand_(stand) {
    protocol_.name = pipeline.Name("h");
  }

  void Write() {
    bool sized = choices_.Chance(40), bounded = choices_.Chance(25), leads = choices_.Chance(50);
    bool summed = choices_.Chance(30);
    std::string clauses;
    if (sized) {
      Add("layout words: u8 = size / 4;", "words", Unsigned(8), 8, false);
      Group(8);
    }
    if (bounded) Add("layout length: u16 = extent;", "length", Unsigned(16), 16, false);
    if (leads)
      Add(fmt::format("layout follows: u{};", stand_.bits), "follows",
          Unsigned(static_cast<uint8_t>(stand_.bits)), stand_.bits, false);
    if (summed && bits_ % 16 != 0) Group(8);
    if (summed) Add("layout sum: u16;", "sum", Unsigned(16), 16, false);
    for (uint32_t i = choices_.Between(1, 4); i > 0; --i)
      Group(choices_.OneOf({8u, 16u, 32u, 24u, 64u}));
    if (choices_.Chance(30)) Address();
    while (bits_ % 32 != 0) Group(8);
    if (sized)
      clauses += fmt::format("    require words >= {};\n    size words * 4;\n", bits_ / 32);
    if (bounded) clauses += "    extent length;\n";
    bool pushable = !sized && !summed && leads && std::string(stand_.selector) == "ethertype";
    if (leads) {
      std::string when = choices_.Chance(30) ? fmt::format(" when {}", Flag()) : "";
      pushable = pushable && when.empty();
      clauses += fmt::format("    next {}(follows){};\n", stand_.next, when);
    }
    if (summed) {
      const char* over =
          std::string(stand_.selector) == "ethertype"
              ? choices_.OneOf({"extent", "header"})
              : choices_.OneOf({"extent", "header", "extent, ip.src, ip.dst, 253, extent"});
      const char* algorithm = choices_.OneOf({"ones_complement", "ones_complement_or_none"});
      clauses += fmt::format("    checksum sum = {}({});\n", algorithm, over);
    }
    if (choices_.Chance(25)) clauses += fmt::format("    require {} or {};\n", Flag(), "true");
    if (choices_.Chance(50)) {
      clauses += fmt::format("    let test = {};\n", Flag());
      protocol_.members.push_back({"test", Plain(Kind::kBool), 0, false, false});
    }
    std::string values;
    for (uint32_t i = 0; i < stand_.values.size() && i < 1 + choices_.Below(2); ++i) {
      values += (i ? ", " : "") + std::to_string(stand_.values[i]);
    }
    pipeline_.items += fmt::format("header {} on {}({}) {{\n{}{}}}\n", protocol_.name,
                                   stand_.selector, values, fields_, clauses);
    Declare(pushable);
  }

 private:
  void Add(const std::string& text, const std::string& name, Type type, uint32_t bits,
           bool assignable) {
    fields_ += "    " + text + "\n";
    bits_ += bits;
    protocol_.members.push_back({name, type, static_cast<uint8_t>(bits), true, assignable});
  }

  // Fields that are together so long.
  void Group(uint32_t bits) {
    while (bits > 0) {
      uint32_t part = choices_.Chance(50) ? bits : choices_.Between(1, bits);
      std::string name = fmt::format("x{}", protocol_.members.size());
      std::string layout = choices_.Chance(5) ? "layout " : "";
      std::string initial = choices_.Chance(30) ? fmt::format(" = {}", choices_.Number(part)) : "";
      if (part == 1 && choices_.Chance(60)) {
        Add(fmt::format("{}: bool;", name), name, Plain(Kind::kBool), 1, true);
      } else if (part == 16 && choices_.Chance(25)) {
        Add(fmt::format("{}: port{};", name, initial), name, Plain(Kind::kPort), 16, true);
      } else {
        uint8_t stored = part <= 8 ? 8 : part <= 16 ? 16 : part <= 32 ? 32 : 64;
        Add(fmt::format("{}{}: u{}{};", layout, name, part, initial), name, Unsigned(stored), part,
            layout.empty());
      }
      bits -= part;
    }
  }

  void Address() {
    std::string name = fmt::format("x{}", protocol_.members.size());
    switch (choices_.Below(3)) {
      case 0:
        return Add(name + ": ipv4_addr;", name, Plain(Kind::kIpv4), 32, true);
      case 1:
        return Add(name + ": mac_addr;", name, Plain(Kind::kMac), 48, true);
      default:
        return Add(name + ": ipv6_addr;", name, Plain(Kind::kIpv6), 128, true);
    }
  }

  // A condition over the fields.
  std::string Flag() {
    const Member& member = choices_.Of(protocol_.members);
    if (member.type.kind == Kind::kBool) return member.name;
    if (member.type.kind == Kind::kIpv4) return member.name + " != 0.0.0.0";
    if (member.type.kind == Kind::kMac) return member.name + " == 02:00:00:00:00:01";
    if (member.type.kind == Kind::kIpv6) return member.name + " == ::1";
    return Written{"{} {} {}", member.name, choices_.OneOf({"<", "!=", ">="}),
                   choices_.Number(member.bits)}
        .s;
  }

  void Declare(bool pushable) {
    auto self = static_cast<uint32_t>(pipeline_.protocols.size());
    for (const Protocol& other : pipeline_.protocols) {
      if (other.name != stand_.like) continue;
      auto index = static_cast<uint32_t>(&other - pipeline_.protocols.data());
      for (auto [from, to] : {std::pair(&other.implies, &protocol_.implies),
                              std::pair(&other.inner_implies, &protocol_.inner_implies)}) {
        *to = *from;
        to->erase(index);
        // Views that the other is one of, this one is none of.
        std::erase_if(*to, [&](uint32_t known) {
          const auto& of = pipeline_.protocols[known].alternatives;
          return std::find(of.begin(), of.end(), index) != of.end();
        });
        to->insert(self);
      }
      protocol_.inner = other.inner;
    }
    protocol_.pushable = pushable;
    pipeline_.protocols.push_back(std::move(protocol_));
  }

  Pipeline& pipeline_;
  Choices& choices_;
  const Stand& stand_;
  Protocol protocol_;
  std::string fields_;
  uint32_t bits_ = 0;
};

}  // namespace

void WriteHeader(Pipeline& pipeline) {
  HeaderWriter(pipeline, pipeline.choices.Of(kStands)).Write();
}

}  // namespace netc::differential
