#include "compiler/object/test_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/object/host_order.h"
#include "compiler/object/value.h"

namespace netc::object {

namespace {

// Bits of the packet from its start, the first the most significant, as the field
// stands in a header. 64 at most.
uint64_t ReadBits(const Bytes& packet, uint32_t offset, uint32_t bits) {
  uint64_t value = 0;
  for (uint32_t i = offset; i < offset + bits; ++i) {
    value = value << 1 | (packet[i / 8] >> (7 - i % 8) & 1);
  }
  return value;
}

bool IsInNetworkOrder(Form form) {
  return form == Form::kIpv4 || form == Form::kIpv6 || form == Form::kIp || form == Form::kMac ||
         form == Form::kBytes;
}

// The field's value in the packet, as the language writes it.
std::string ShowField(const ExpectPacket::Field& field, const Bytes& packet) {
  if (IsInNetworkOrder(field.type.form)) {
    return FormatValue(field.type, packet.data() + field.bit_offset / 8);
  }
  uint64_t value = ReadBits(packet, field.bit_offset, field.bits);
  return FormatValue(field.type, StoreInteger(value, field.type.size).data());
}

bool Fits(const ExpectPacket::Field& field, size_t bytes) {
  uint64_t bits = IsInNetworkOrder(field.type.form) ? uint64_t{field.type.size} * 8 : field.bits;
  bool shown = IsInNetworkOrder(field.type.form) ? field.bit_offset % 8 == 0 : field.bits <= 64;
  return shown && field.bit_offset + bits <= uint64_t{bytes} * 8;
}

// Marks each byte that differs and counts; a byte that a field explains is taken out.
std::vector<uint8_t> Differences(const ExpectPacket& expected, const Bytes& got) {
  std::vector<uint8_t> differs(std::min(expected.packet.size(), got.size()));
  for (size_t i = 0; i < differs.size(); ++i) {
    uint8_t mask = i < expected.mask.size() ? expected.mask[i] : 0xff;
    differs[i] = static_cast<uint8_t>((expected.packet[i] ^ got[i]) & mask);
  }
  return differs;
}

// Clears the field's bits of `differs`; whether any was set.
bool TakeField(const ExpectPacket::Field& field, std::vector<uint8_t>& differs) {
  bool any = false;
  for (uint32_t i = field.bit_offset; i < field.bit_offset + field.bits; ++i) {
    uint8_t bit = static_cast<uint8_t>(0x80 >> i % 8);
    if (i / 8 >= differs.size()) break;
    any = any || (differs[i / 8] & bit) != 0;
    differs[i / 8] &= static_cast<uint8_t>(~bit);
  }
  return any;
}

}  // namespace

std::string VerdictWord(const Program& program, int64_t code) {
  for (const Verdict& verdict : program.verdicts) {
    if (verdict.code == code) return fmt::format("`{}`", verdict.word);
  }
  return fmt::format("code {}, which is no verdict of {}", code, program.hook);
}

std::vector<std::string> ComparePackets(const ExpectPacket& expected, const Bytes& got) {
  std::vector<std::string> lines;
  if (expected.packet.size() != got.size()) {
    lines.push_back(fmt::format("expected {} bytes, got {}", expected.packet.size(), got.size()));
  }
  std::vector<uint8_t> differs = Differences(expected, got);
  for (const ExpectPacket::Field& field : expected.fields) {
    if (!Fits(field, differs.size()) || !TakeField(field, differs)) continue;
    lines.push_back(fmt::format("`{}`: expected {}, got {}", field.name,
                                ShowField(field, expected.packet), ShowField(field, got)));
  }
  size_t shown = 0;
  for (size_t i = 0; i < differs.size(); ++i) {
    if (differs[i] == 0) continue;
    if (++shown > 8) continue;
    lines.push_back(
        fmt::format("byte {}: expected 0x{:02x}, got 0x{:02x}", i, expected.packet[i], got[i]));
  }
  if (shown > 8) lines.push_back(fmt::format("{} more bytes differ", shown - 8));
  return lines;
}

std::string DescribeEvent(const Event& event, const uint8_t* record) {
  std::string text = event.name;
  for (const auto& field : event.fields) {
    text += fmt::format(" {}={}", field.name, FormatValue(field.type, record + field.offset));
  }
  return text;
}

std::string Decided(const Place& place, const std::string& rule) {
  return fmt::format("{}:{}:{} decided: {}", place.file, place.line, place.column, rule);
}

std::string NoRuleDecided() {
  return "no rule decided: this is what the block ends with";
}

std::optional<Mismatch> Compare(const ExpectPacket& expected, const Bytes& got) {
  std::vector<std::string> lines = ComparePackets(expected, got);
  if (lines.empty()) return std::nullopt;
  return Mismatch{"the packet is not as expected", std::move(lines)};
}

// An entry that is not there has zeros.
static std::optional<Mismatch> CompareElement(const ExpectState& expected, const State& state,
                                              const std::string& entry,
                                              const std::optional<Bytes>& found) {
  const TypeInfo& type = state.value->element.front();
  Bytes value(type.size);
  if (found) std::copy_n(found->begin() + *expected.element * type.size, type.size, value.begin());
  if (value == *expected.value) return std::nullopt;
  return Mismatch{
      fmt::format("`{}`: expected {} in this bucket, got {}", entry,
                  FormatValue(type, expected.value->data()), FormatValue(type, value.data())),
      {}};
}

std::optional<Mismatch> Compare(const ExpectState& expected, const State& state,
                                const std::optional<Bytes>& found) {
  std::string entry = state.name;
  if (state.key) entry += fmt::format("[{}]", FormatValue(*state.key, expected.key.data()));
  if (expected.element) return CompareElement(expected, state, entry, found);
  bool wanted = expected.present || expected.value;
  if (!found) {
    // A key that was not counted stands at 0.
    bool zero = state.kind == "counter" && expected.value &&
                std::all_of(expected.value->begin(), expected.value->end(),
                            [](uint8_t byte) { return byte == 0; });
    if (!wanted || zero) return std::nullopt;
    return Mismatch{fmt::format("`{}` is not there", entry), {}};
  }
  if (!wanted) return Mismatch{fmt::format("`{}` is there", entry), {}};
  if (!expected.value || !state.value || *found == *expected.value) return std::nullopt;
  return Mismatch{fmt::format("`{}`: expected {}, got {}", entry,
                              FormatValue(*state.value, expected.value->data()),
                              FormatValue(*state.value, found->data())),
                  {}};
}

std::optional<Mismatch> Compare(const ExpectQueue& expected, const State& state,
                                const std::optional<Bytes>& next) {
  auto shown = [&](const std::optional<Bytes>& value) {
    return value ? FormatValue(*state.value, value->data()) : std::string("nothing");
  };
  if (next == expected.value) return std::nullopt;
  return Mismatch{
      fmt::format("`{}`: expected {}, got {}", state.name, shown(expected.value), shown(next)), {}};
}

std::optional<Mismatch> Compare(const ExpectEvent& expected, const Event& event, const Event* got,
                                const uint8_t* record) {
  if (!got) return Mismatch{fmt::format("expected event `{}`, none came", event.name), {}};
  if (got->id != event.id) {
    return Mismatch{
        fmt::format("expected event `{}`, got `{}`", event.name, DescribeEvent(*got, record)), {}};
  }
  std::vector<std::string> lines;
  for (const auto& [index, value] : expected.fields) {
    const TypeInfo::Field& field = event.fields[index];
    const uint8_t* at = record + field.offset;
    if (std::equal(value.begin(), value.end(), at)) continue;
    lines.push_back(fmt::format("`{}`: expected {}, got {}", field.name,
                                FormatValue(field.type, value.data()),
                                FormatValue(field.type, at)));
  }
  if (lines.empty()) return std::nullopt;
  return Mismatch{fmt::format("event `{}` is not as expected", event.name), std::move(lines)};
}

std::optional<Mismatch> Compare(const ExpectNoEvent&, const Event* got, const uint8_t* record) {
  if (!got) return std::nullopt;
  return Mismatch{fmt::format("expected no event, got `{}`", DescribeEvent(*got, record)), {}};
}

std::optional<Mismatch> Compare(const ExpectFault& expected,
                                const std::vector<std::pair<std::string, uint64_t>>& counts) {
  std::vector<std::string> lines;
  for (const auto& [fault, count] : counts) {
    lines.push_back("there is: " + fault);
    if (fault != expected.fault) continue;
    if (count == expected.count) return std::nullopt;
    return Mismatch{fmt::format("`{}`: expected {}, got {}", fault, expected.count, count), {}};
  }
  return Mismatch{fmt::format("the pipeline counts no fault `{}`", expected.fault),
                  std::move(lines)};
}

}  // namespace netc::object
