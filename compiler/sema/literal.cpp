#include "compiler/sema/literal.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>
#include <cstring>

#include "compiler/base/wide.h"

namespace netc::sema {
namespace {

LiteralValue Refused(std::string why, std::string replacement = {}) {
  LiteralValue value;
  value.error = std::move(why);
  value.replacement = std::move(replacement);
  return value;
}

std::string WithoutUnderscores(std::string_view text) {
  std::string digits;
  for (char c : text) {
    if (c != '_') digits += c;
  }
  return digits;
}

LiteralValue Integer(std::string_view text) {
  std::string digits = WithoutUnderscores(text);
  int base = 10;
  size_t start = 0;
  if (digits.size() > 1 && digits[0] == '0' && (digits[1] | 0x20) == 'x') base = 16, start = 2;
  if (digits.size() > 1 && digits[0] == '0' && (digits[1] | 0x20) == 'b') base = 2, start = 2;
  LiteralValue value;
  value.kind = TypeKind::kLiteral;
  const char* end = digits.data() + digits.size();
  auto result = std::from_chars(digits.data() + start, end, value.constant.number, base);
  if (result.ec == std::errc::result_out_of_range) return Refused("is more than 64 bits hold");
  if (result.ec != std::errc{} || result.ptr != end) return Refused("is not a number");
  return value;
}

struct Unit {
  std::string_view name;
  TypeKind kind;
  uint64_t factor;
};

// What each unit is in the unit that is stored: nanoseconds, bits a second, bytes.
constexpr Unit kUnits[] = {
    {"ns", TypeKind::kDuration, 1},
    {"us", TypeKind::kDuration, 1'000},
    {"ms", TypeKind::kDuration, 1'000'000},
    {"s", TypeKind::kDuration, 1'000'000'000},
    {"min", TypeKind::kDuration, 60'000'000'000},
    {"h", TypeKind::kDuration, 3'600'000'000'000},
    {"d", TypeKind::kDuration, 86'400'000'000'000},
    {"bit", TypeKind::kBitrate, 1},
    {"kbit", TypeKind::kBitrate, 1'000},
    {"mbit", TypeKind::kBitrate, 1'000'000},
    {"gbit", TypeKind::kBitrate, 1'000'000'000},
    {"tbit", TypeKind::kBitrate, 1'000'000'000'000},
    {"B", TypeKind::kSize, 1},
    {"KB", TypeKind::kSize, 1'000},
    {"MB", TypeKind::kSize, 1'000'000},
    {"GB", TypeKind::kSize, 1'000'000'000},
    {"KiB", TypeKind::kSize, 1ull << 10},
    {"MiB", TypeKind::kSize, 1ull << 20},
    {"GiB", TypeKind::kSize, 1ull << 30},
};

// A frequency is stored as events in 1,000,000 seconds, so that one event a week
// is still a number; the factor is 1,000,000 s over the unit.
struct Period {
  std::string_view name;
  uint64_t seconds;
};
constexpr Period kPeriods[] = {{"s", 1}, {"min", 60}, {"h", 3'600}, {"d", 86'400}};

// digits [ '.' digits ] times numerator / denominator, exactly.
LiteralValue Scaled(TypeKind kind, std::string_view number, uint64_t numerator,
                    uint64_t denominator) {
  std::string digits = WithoutUnderscores(number);
  size_t dot = digits.find('.');
  Wide scale = denominator;
  if (dot != std::string::npos) {
    for (size_t i = dot + 1; i < digits.size(); ++i) scale *= 10;
    digits.erase(dot, 1);
  }
  if (digits.size() > 20) return Refused("has too many digits");
  Wide whole = 0;
  for (char digit : digits) whole = whole * 10 + static_cast<unsigned>(digit - '0');
  Wide product = whole * numerator;
  // A rate of one a minute is no whole number in 1,000,000 s; the nearest serves,
  // since it is off by less than a part in 16,666.
  bool exact = product % scale == 0;
  if (!exact && kind != TypeKind::kFrequency) {
    return Refused("is finer than the unit it is kept in");
  }
  Wide result = (product + scale / 2) / scale;
  if (result >> 64 != 0) return Refused("is more than 64 bits hold");
  if (kind == TypeKind::kFrequency && result == 0 && whole != 0) {
    return Refused("is less than one event in 1,000,000 s");
  }
  LiteralValue value;
  value.kind = kind;
  value.constant.number = static_cast<uint64_t>(result);
  return value;
}

LiteralValue Quantity(std::string_view text) {
  size_t unit_at = text.find_first_not_of("0123456789_.");
  std::string_view unit = text.substr(unit_at);
  for (const Unit& known : kUnits) {
    if (unit == known.name) return Scaled(known.kind, text.substr(0, unit_at), known.factor, 1);
  }
  return Refused(fmt::format("has no unit that netc knows: `{}`", unit));
}

LiteralValue Frequency(std::string_view text) {
  size_t slash = text.find('/');
  std::string_view unit = text.substr(slash + 1);
  for (const Period& known : kPeriods) {
    if (unit == known.name) {
      return Scaled(TypeKind::kFrequency, text.substr(0, slash), 1'000'000, known.seconds);
    }
  }
  return Refused(fmt::format("is no frequency: `{}` is no unit of time", unit),
                 fmt::format("{} / {}", text.substr(0, slash), unit));
}

LiteralValue Address(TypeKind kind, std::string_view text) {
  LiteralValue value;
  value.kind = kind;
  std::string copy(text);
  int family = kind == TypeKind::kIpv4 ? AF_INET : AF_INET6;
  if (inet_pton(family, copy.c_str(), value.constant.bytes.data()) != 1) {
    return Refused(kind == TypeKind::kIpv4 ? "is no IPv4 address: each part is 0 to 255"
                                           : "is no IPv6 address");
  }
  return value;
}

LiteralValue Prefix(TypeKind element, std::string_view text) {
  size_t slash = text.find('/');
  LiteralValue value = Address(element, text.substr(0, slash));
  if (!value.error.empty()) return value;
  uint32_t bits = element == TypeKind::kIpv4 ? 32 : 128;
  uint64_t length = 0;
  std::string_view digits = text.substr(slash + 1);
  auto result = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (result.ec != std::errc{} || length > bits) {
    return Refused(fmt::format("has a prefix length over {}", bits));
  }
  auto& bytes = value.constant.bytes;
  auto masked = bytes;
  for (uint32_t bit = static_cast<uint32_t>(length); bit < bits; ++bit) {
    masked[bit / 8] &= static_cast<uint8_t>(~(0x80 >> bit % 8));
  }
  if (masked != bytes) {
    char shown[INET6_ADDRSTRLEN] = {};
    inet_ntop(element == TypeKind::kIpv4 ? AF_INET : AF_INET6, masked.data(), shown, sizeof shown);
    return Refused("has bits set behind its prefix length", fmt::format("{}/{}", shown, length));
  }
  value.kind = TypeKind::kPrefix;
  value.element = element;
  value.constant.number = length;
  return value;
}

LiteralValue Mac(std::string_view text) {
  LiteralValue value;
  value.kind = TypeKind::kMac;
  for (size_t i = 0; i < 6; ++i) {
    std::from_chars(text.data() + i * 3, text.data() + i * 3 + 2, value.constant.bytes[i], 16);
  }
  return value;
}

}  // namespace

LiteralValue EvaluateLiteral(const ast::Literal& literal) {
  switch (literal.kind) {
    case ast::LiteralKind::kInteger:
      return Integer(literal.text);
    case ast::LiteralKind::kQuantity:
      return Quantity(literal.text);
    case ast::LiteralKind::kFrequency:
      return Frequency(literal.text);
    case ast::LiteralKind::kIpv4:
      return Address(TypeKind::kIpv4, literal.text);
    case ast::LiteralKind::kIpv4Prefix:
      return Prefix(TypeKind::kIpv4, literal.text);
    case ast::LiteralKind::kIpv6:
      return Address(TypeKind::kIpv6, literal.text);
    case ast::LiteralKind::kIpv6Prefix:
      return Prefix(TypeKind::kIpv6, literal.text);
    case ast::LiteralKind::kMac:
      return Mac(literal.text);
    case ast::LiteralKind::kBool: {
      LiteralValue value;
      value.kind = TypeKind::kBool;
      value.constant.number = literal.text == "true";
      return value;
    }
    case ast::LiteralKind::kString: {
      LiteralValue value;
      value.kind = TypeKind::kString;
      value.constant.text = literal.text;
      return value;
    }
  }
  return {};
}

}  // namespace netc::sema
