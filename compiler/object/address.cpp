#include "compiler/object/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace netc::object {

namespace {

constexpr uint8_t kMappedStart[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::optional<Bytes> ParseFamily(int family, std::string_view text) {
  Bytes address(family == AF_INET ? 4 : 16);
  // inet_pton wants a terminated string; an embedded NUL would end it early.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  if (inet_pton(family, std::string(text).c_str(), address.data()) != 1) return std::nullopt;
  return address;
}

std::optional<Bytes> ParseEither(std::string_view text) {
  auto ipv4 = ParseFamily(AF_INET, text);
  if (!ipv4) return ParseFamily(AF_INET6, text);
  Bytes mapped(std::begin(kMappedStart), std::end(kMappedStart));
  mapped.insert(mapped.end(), ipv4->begin(), ipv4->end());
  return mapped;
}

std::optional<uint8_t> HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<Bytes> ParseMac(std::string_view text) {
  if (text.size() != 17) return std::nullopt;
  Bytes mac;
  for (size_t i = 0; i < text.size(); i += 3) {
    auto high = HexDigit(text[i]);
    auto low = HexDigit(text[i + 1]);
    bool separated = i + 2 == text.size() || text[i + 2] == ':';
    if (!high || !low || !separated) return std::nullopt;
    mac.push_back(static_cast<uint8_t>(*high << 4 | *low));
  }
  return mac;
}

std::string FormatFamily(int family, const uint8_t* address) {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(family, address, text, sizeof text);
}

}  // namespace

bool IsMappedIpv4(const uint8_t* address) {
  return std::memcmp(address, kMappedStart, sizeof kMappedStart) == 0;
}

std::optional<Bytes> ParseAddress(Form form, std::string_view text) {
  switch (form) {
    case Form::kIpv4:
      return ParseFamily(AF_INET, text);
    case Form::kIpv6:
      return ParseFamily(AF_INET6, text);
    case Form::kIp:
      return ParseEither(text);
    case Form::kMac:
      return ParseMac(text);
    default:
      return std::nullopt;
  }
}

std::string FormatAddress(Form form, const uint8_t* address) {
  if (form == Form::kIpv4) return FormatFamily(AF_INET, address);
  if (form == Form::kMac) return fmt::format("{:02x}", fmt::join(address, address + 6, ":"));
  if (form == Form::kIp && IsMappedIpv4(address)) return FormatFamily(AF_INET, address + 12);
  return FormatFamily(AF_INET6, address);
}

}  // namespace netc::object
