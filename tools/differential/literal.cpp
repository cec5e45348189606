// Literals. Those of addresses and ports come from a few that the generated packets have
// too, so that rules match now and then.
#include <fmt/format.h>

#include <algorithm>

#include "tools/differential/packets.h"
#include "tools/differential/pipeline.h"

namespace netc::differential {
namespace {

const char* const kIpv4[] = {"10.0.0.1",        "10.1.2.3",     "192.0.2.1", "192.0.2.53",
                             "198.51.100.7",    "172.16.255.1", "127.0.0.1", "0.0.0.0",
                             "255.255.255.255", "224.0.0.1"};
const char* const kIpv6[] = {
    "2001:db8::1",     "2001:db8::2", "fd00::1",
    "fe80::1",         "::",          "::1",
    "::ffff:10.0.0.1", "ff02::1",     "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};
const char* const kMac[] = {"02:00:00:00:00:01", "02:00:00:00:00:02", "ff:ff:ff:ff:ff:ff",
                            "00:00:00:00:00:00", "aa:bb:cc:dd:ee:ff"};
const char* const kPrefix4[] = {"10.0.0.0/8",    "10.0.0.0/15", "192.0.2.0/24",
                                "192.0.2.53/32", "0.0.0.0/0",   "198.51.100.0/25",
                                "128.0.0.0/1",   "10.1.2.2/31", "172.16.0.0/12",
                                "192.0.2.48/29", "10.0.0.0/23", "198.51.100.4/30"};
const char* const kPrefix6[] = {"2001:db8::/32",   "fd00::/8",       "::/0",          "fe80::/10",
                                "2001:db8::1/128", "2001:db8::/127", "::ffff:0:0/96", "8000::/1",
                                "2001:db8::/64",   "2001:db8::/65",  "2001:db8::/33", "fd00::/63"};

std::string Quantity(Pipeline& pipeline, Kind kind) {
  Choices& choices = pipeline.choices;
  uint64_t number = choices.Chance(15) ? choices.Number(20) : choices.Below(50);
  const char* unit = "";
  switch (kind) {
    case Kind::kDuration:
      unit = choices.OneOf({"s", "ns", "us", "ms", "min", "h"});
      break;
    case Kind::kFrequency:
      unit = choices.OneOf({"/s", "/min", "/h"});
      break;
    case Kind::kBitrate:
      unit = choices.OneOf({"bit", "kbit", "mbit", "gbit"});
      break;
    default:
      unit = choices.OneOf({"B", "KB", "KiB", "MiB"});
      break;
  }
  return fmt::format("{}{}", number, unit);
}

// Whole numbers as they are written: decimal, hexadecimal, binary, with `_`.
std::string Whole(Choices& choices, uint64_t number) {
  switch (choices.Weighted({8, 2, 1, 1})) {
    case 1:
      return fmt::format("{:#x}", number);
    case 2:
      return number < 256 ? fmt::format("{:#b}", number) : fmt::format("{}", number);
    case 3:
      return number >= 1000 && number < 1000000
                 ? fmt::format("{}_{:03}", number / 1000, number % 1000)
                 : fmt::format("{}", number);
    default:
      return fmt::format("{}", number);
  }
}

uint64_t PortNumber(Choices& choices) {
  if (choices.Chance(20)) return choices.Number(16);
  return choices.OneOf<uint64_t>({53, 80, 443, 22, 8080, 4789, 6081, 1024, 65535, 0, 5353, 6080});
}

}  // namespace

std::string Ipv4Text(Choices& choices) {
  if (!choices.Chance(10)) return choices.Of(kIpv4);
  uint32_t any = choices.Draw();
  return fmt::format("{}.{}.{}.{}", any >> 24, any >> 16 & 255, any >> 8 & 255, any & 255);
}
std::string Ipv6Text(Choices& choices) {
  if (!choices.Chance(10)) return choices.Of(kIpv6);
  return Written{"2001:db8:{:x}::{:x}", choices.Draw() & 0xffff, choices.Draw() & 0xffff}.s;
}
std::string MacText(Choices& choices) {
  return choices.Of(kMac);
}
std::string PrefixText(Choices& choices, Kind family) {
  bool four = family == Kind::kIpv4 || (family == Kind::kIp && choices.Chance(50));
  if (choices.Chance(20)) return four ? Ipv4Text(choices) + "/32" : Ipv6Text(choices) + "/128";
  return four ? choices.Of(kPrefix4) : choices.Of(kPrefix6);
}

void FillAddress(Choices& choices, uint8_t* to, size_t size) {
  static const uint8_t kFour[][4] = {
      {10, 0, 0, 1},     {10, 1, 2, 3},  {192, 0, 2, 1}, {192, 0, 2, 53},      {198, 51, 100, 7},
      {172, 16, 255, 1}, {127, 0, 0, 1}, {0, 0, 0, 0},   {255, 255, 255, 255}, {10, 2, 0, 0}};
  if (choices.Chance(15)) {
    for (size_t i = 0; i < size; ++i) to[i] = static_cast<uint8_t>(choices.Draw());
    return;
  }
  std::fill_n(to, size, 0);
  if (size == 4) std::copy_n(choices.Of(kFour), 4, to);
  if (size == 6) {
    uint32_t which = choices.Below(4);
    if (which < 2) to[0] = 2, to[5] = static_cast<uint8_t>(which + 1);
    if (which == 2) std::fill_n(to, 6, 0xff);
  }
  if (size != 16) return;
  switch (choices.Below(6)) {
    case 0:
      to[0] = 0x20, to[1] = 0x01, to[2] = 0x0d, to[3] = 0xb8, to[15] = 1;
      break;
    case 1:
      to[0] = 0x20, to[1] = 0x01, to[2] = 0x0d, to[3] = 0xb8, to[15] = 2;
      break;
    case 2:
      to[0] = 0xfd, to[15] = 1;
      break;
    case 3:
      to[0] = 0xfe, to[1] = 0x80, to[15] = 1;
      break;
    case 4:
      to[10] = to[11] = 0xff, std::copy_n(choices.Of(kFour), 4, to + 12);
      break;
    default:
      break;
  }
}

bool HasSets(const Pipeline& pipeline, const Type& type) {
  if (type.kind == Kind::kEnum) return pipeline.CanName(type);
  return type.kind != Kind::kBool && type.kind != Kind::kStruct && type.kind != Kind::kArray &&
         type.kind != Kind::kTime && type.kind != Kind::kFlags;
}

Text Literal(Pipeline& pipeline, const Type& type) {
  Choices& choices = pipeline.choices;
  switch (type.kind) {
    case Kind::kBool:
      return {choices.Chance(50) ? "true" : "false"};
    case Kind::kInteger: {
      uint64_t number = choices.Number(type.is_signed ? type.bits - 1u : type.bits);
      if (type.is_signed && choices.Chance(40)) return {fmt::format("-{}", number), Text::kUnary};
      return {Whole(choices, number)};
    }
    case Kind::kPort:
      return {Whole(choices, PortNumber(choices))};
    case Kind::kDuration:
    case Kind::kFrequency:
    case Kind::kBitrate:
    case Kind::kSize:
      return {Quantity(pipeline, type.kind)};
    case Kind::kTime:
      return {fmt::format("{} as time", choices.Number(40)), Text::kCast};
    case Kind::kIpv4:
      return {Ipv4Text(choices)};
    case Kind::kIpv6:
      return {Ipv6Text(choices)};
    case Kind::kIp:
      return {choices.Chance(50) ? Ipv6Text(choices) : Ipv4Text(choices)};
    case Kind::kMac:
      return {MacText(choices)};
    case Kind::kEnum:
    case Kind::kFlags: {
      const EnumType& decl = pipeline.enums[type.decl];
      const std::string& member = choices.Of(decl.members).first;
      return {decl.name.empty() ? member : decl.name + "." + member};
    }
    case Kind::kArray: {
      ArrayType decl = pipeline.arrays[type.decl];
      std::string list;
      for (uint32_t i = 0; i < decl.count; ++i)
        list += (i ? ", " : "") + Literal(pipeline, decl.element).s;
      return {"[" + list + "]"};
    }
    case Kind::kStruct: {
      const StructType& decl = pipeline.structs[type.decl];
      std::string list;
      for (const auto& [name, field] : decl.fields) {
        if (!list.empty()) list += ", ";
        if (!decl.name.empty()) list += name + ": ";
        list += Literal(pipeline, field).s;
      }
      return {decl.name.empty() ? "(" + list + ")" : "(" + decl.name + " { " + list + " })"};
    }
  }
  return {"0"};
}

Text TypedLiteral(Pipeline& pipeline, const Type& type) {
  Text text = Literal(pipeline, type);
  bool bare = type.kind == Kind::kInteger || type.kind == Kind::kPort;
  if (bare) return {fmt::format("{} as {}", text.s, pipeline.TypeName(type)), Text::kCast};
  if (type.kind == Kind::kIp) return {fmt::format("{} as ip_addr", text.s), Text::kCast};
  if (type.kind == Kind::kStruct && pipeline.structs[type.decl].name.empty()) {
    const StructType& decl = pipeline.structs[type.decl];
    std::string list;
    for (const auto& field : decl.fields) {
      list += (list.empty() ? "" : ", ") + TypedLiteral(pipeline, field.second).s;
    }
    return {"(" + list + ")"};
  }
  if (type.kind == Kind::kArray) {
    ArrayType decl = pipeline.arrays[type.decl];
    std::string list;
    for (uint32_t i = 0; i < decl.count; ++i)
      list += (i ? ", " : "") + TypedLiteral(pipeline, decl.element).s;
    return {"[" + list + "]"};
  }
  return text;
}

static std::string Element(Pipeline& pipeline, const Type& type) {
  Choices& choices = pipeline.choices;
  if (type.kind == Kind::kIpv4 || type.kind == Kind::kIpv6 || type.kind == Kind::kIp) {
    for (const auto& [name, address] : pipeline.prefixes) {
      bool fits = address == type || (type.kind == Kind::kIp);
      if (fits && choices.Chance(10)) return name;
    }
    return choices.Chance(50) ? PrefixText(choices, type.kind) : Literal(pipeline, type).s;
  }
  bool ranges = type.kind != Kind::kEnum && type.kind != Kind::kMac;
  bool number = type.kind == Kind::kInteger || type.kind == Kind::kPort;
  if (!ranges || !choices.Chance(40)) return Literal(pipeline, type).s;
  if (!number) {
    uint32_t first = choices.Below(20);
    const char* unit = type.kind == Kind::kDuration    ? "ms"
                       : type.kind == Kind::kFrequency ? "/s"
                       : type.kind == Kind::kBitrate   ? "kbit"
                                                       : "B";
    return fmt::format("{}{}..{}{}", first, unit, first + 1 + choices.Below(100), unit);
  }
  uint32_t bits = type.kind == Kind::kPort ? 16 : type.bits - (type.is_signed ? 1u : 0u);
  uint64_t a = choices.Number(bits), b = choices.Number(bits);
  if (a > b) std::swap(a, b);
  if (type.is_signed && choices.Chance(50)) return fmt::format("-{}..{}", b, a);
  bool open = a < b && choices.Chance(40);
  return fmt::format("{}{}{}", a, open ? "..<" : "..", b);
}

std::string SetText(Pipeline& pipeline, const Type& type, bool one) {
  Choices& choices = pipeline.choices;
  if (one) return Element(pipeline, type);
  // A constant alone is no set, but a prefix or a range is.
  std::string list;
  uint32_t count = 1 + choices.Below(4);
  for (uint32_t i = 0; i < count; ++i) {
    list += (list.empty() ? "" : ", ") + Element(pipeline, type);
    if (choices.Chance(5)) list += ", {" + Element(pipeline, type) + "}";
  }
  return "{" + list + "}";
}

}  // namespace netc::differential
