// Addresses and prefixes as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "compiler/object/object_info.h"

namespace netc::object {

// Bytes in network order of an address of `form` (kIpv4, kIpv6, kIp or kMac), or
// nothing. kIp takes either family and holds IPv4 as ::ffff:a.b.c.d.
std::optional<Bytes> ParseAddress(Form form, std::string_view text);
std::string FormatAddress(Form form, const uint8_t* address);

// Whether 16 bytes are an IPv4 address in its IPv6 form (RFC 4291, 2.5.5.2).
bool IsMappedIpv4(const uint8_t* address);

}  // namespace netc::object
