#include "compiler/object/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>
#include <vector>

namespace netc::object {

namespace {

// A word times the largest unit needs more than 64 bits.
__extension__ typedef unsigned __int128 Wide;

struct Unit {
  std::string_view name;
  uint64_t factor;  // words in one of it
};

// Those that formatting writes come first, the largest before the smaller; the
// others are only read.
constexpr Unit kDurations[] = {{"h", 3'600'000'000'000},
                               {"s", 1'000'000'000},
                               {"ms", 1'000'000},
                               {"us", 1'000},
                               {"ns", 1},
                               {"d", 86'400'000'000'000},
                               {"min", 60'000'000'000},
                               {"m", 60'000'000'000}};
constexpr Unit kBitrates[] = {{"gbit", 1'000'000'000},
                              {"mbit", 1'000'000},
                              {"kbit", 1'000},
                              {"bit", 1},
                              {"tbit", 1'000'000'000'000}};
constexpr Unit kSizes[] = {
    {"GiB", 1ull << 30},  {"MiB", 1ull << 20}, {"KiB", 1ull << 10}, {"B", 1},
    {"TiB", 1ull << 40},  {"kB", 1'000},       {"KB", 1'000},       {"MB", 1'000'000},
    {"GB", 1'000'000'000}};
// What a frequency is counted in: seconds in a million periods.
constexpr Unit kPeriods[] = {{"/s", 1'000'000}, {"/ms", 1'000'000'000}, {"/us", 1'000'000'000'000}};
constexpr uint64_t kPerMinute = 60;
constexpr uint64_t kPerHour = 3600;

struct UnitTable {
  const Unit* units;
  size_t count;
  size_t written;  // how many, from the front, formatting uses
  std::string_view noun;
  std::string_view example;
};

UnitTable Units(Form form) {
  switch (form) {
    case Form::kFrequency:
      return {kPeriods, std::size(kPeriods), 1, "frequency", "200/s"};
    case Form::kBitrate:
      return {kBitrates, std::size(kBitrates), 4, "bitrate", "10mbit"};
    case Form::kSize:
      return {kSizes, std::size(kSizes), 4, "size", "4KiB"};
    case Form::kTime:
      return {kDurations, std::size(kDurations), 5, "time since boot", "90s"};
    default:
      return {kDurations, std::size(kDurations), 5, "duration", "200ms"};
  }
}

// value = digits / 10^decimals
struct Decimal {
  Wide digits = 0;
  Wide scale = 1;
};

constexpr Wide kWordLimit = std::numeric_limits<uint64_t>::max();

// Takes the number from the front of `text` and leaves the unit.
std::optional<Decimal> TakeDecimal(std::string_view& text) {
  Decimal number;
  bool any = false;
  bool point = false;
  size_t i = 0;
  for (; i < text.size(); ++i) {
    char c = text[i];
    if (c == '.' && !point && any) {
      point = true;
    } else if (c >= '0' && c <= '9') {
      any = true;
      number.digits = number.digits * 10 + (c - '0');
      if (point) number.scale *= 10;
      // 19 decimals are more than the finest unit of the coarsest form can use.
      if (number.digits > kWordLimit * 10 || number.scale > kWordLimit) return std::nullopt;
    } else if (c != '_' || !any) {
      break;
    }
  }
  if (!any) return std::nullopt;
  text.remove_prefix(i);
  return number;
}

std::string_view TrimFront(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

// digits * factor / scale / divisor, to the nearest.
std::optional<uint64_t> Scale(Decimal number, uint64_t factor, uint64_t divisor) {
  Wide product = 0;
  if (__builtin_mul_overflow(number.digits, factor, &product)) return std::nullopt;
  Wide by = number.scale * divisor;
  Wide word = (product + by / 2) / by;
  if (word > kWordLimit) return std::nullopt;
  return static_cast<uint64_t>(word);
}

struct Factor {
  uint64_t factor;
  uint64_t divisor = 1;
};

std::optional<Factor> FindUnit(Form form, std::string_view name) {
  UnitTable table = Units(form);
  for (size_t i = 0; i < table.count; ++i) {
    if (table.units[i].name == name) return Factor{table.units[i].factor};
  }
  if (form == Form::kFrequency && (name == "/min" || name == "/m")) {
    return Factor{1'000'000, kPerMinute};
  }
  if (form == Form::kFrequency && name == "/h") return Factor{1'000'000, kPerHour};
  // A size, and a time since boot, have a natural unit; the others have none.
  bool bare = name.empty() && (form == Form::kSize || form == Form::kTime);
  return bare ? std::optional<Factor>(Factor{1}) : std::nullopt;
}

}  // namespace

std::optional<uint64_t> ParseNumber(std::string_view text) {
  int base = 10;
  if (text.size() > 2 && text[0] == '0') {
    char kind = text[1];
    base = kind == 'x' || kind == 'X' ? 16 : kind == 'b' ? 2 : kind == 'o' ? 8 : 10;
    if (base != 10) text.remove_prefix(2);
  }
  if (text.empty() || text.front() == '_' || text.back() == '_') return std::nullopt;
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits),
               [](char c) { return c != '_'; });
  uint64_t value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

bool IsQuantity(Form form) {
  return form == Form::kDuration || form == Form::kFrequency || form == Form::kBitrate ||
         form == Form::kSize || form == Form::kTime;
}

std::variant<uint64_t, std::string> ParseQuantity(Form form, std::string_view text) {
  std::string_view rest = text;
  auto number = TakeDecimal(rest);
  auto unit = number ? FindUnit(form, TrimFront(rest)) : std::nullopt;
  if (!unit) {
    UnitTable table = Units(form);
    return fmt::format("`{}` is no {}: one is written like `{}`", text, table.noun, table.example);
  }
  auto word = Scale(*number, unit->factor, unit->divisor);
  if (!word) return fmt::format("`{}` is too large", text);
  return *word;
}

static std::string FormatFrequency(uint64_t word) {
  std::string text = fmt::format("{}", word / 1'000'000);
  if (uint64_t rest = word % 1'000'000; rest != 0) {
    text += fmt::format(".{:06}", rest);
    while (text.back() == '0') text.pop_back();
  }
  return text + "/s";
}

std::string FormatQuantity(Form form, uint64_t word) {
  if (form == Form::kFrequency) return FormatFrequency(word);
  UnitTable table = Units(form);
  for (size_t i = 0; i < table.written; ++i) {
    const Unit& unit = table.units[i];
    if (word != 0 && word % unit.factor == 0)
      return fmt::format("{}{}", word / unit.factor, unit.name);
  }
  return fmt::format("0{}", table.units[table.written - 1].name);
}

}  // namespace netc::object
