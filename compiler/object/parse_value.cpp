#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "compiler/object/address.h"
#include "compiler/object/host_order.h"
#include "compiler/object/quantity.h"
#include "compiler/object/quoted.h"
#include "compiler/object/value.h"
#include "compiler/object/value_checks.h"

namespace netc::object {

namespace {

// A value in messages: enough to recognise it, never a screenful.
std::string Shown(std::string_view text) {
  constexpr size_t kMost = 40;
  if (text.size() <= kMost) return std::string(text);
  return std::string(text.substr(0, kMost)) + "…";
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

// The parts between the commas that stand outside brackets and quotes. Brackets
// are only counted: whether they match is the parts' own concern.
std::vector<std::string_view> SplitList(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  bool quoted = false;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
      continue;
    }
    if (c == '"') quoted = true;
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
    if (c != ',' || depth != 0) continue;
    parts.push_back(Trim(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  std::string_view last = Trim(text.substr(begin));
  if (!last.empty() || !parts.empty()) parts.push_back(last);
  // A comma after the last element is allowed, as in the language.
  if (parts.size() > 1 && parts.back().empty()) parts.pop_back();
  return parts;
}

bool IsEnclosed(std::string_view text, char open, char close) {
  return text.size() >= 2 && text.front() == open && text.back() == close;
}

std::string_view Inside(std::string_view text) {
  return text.substr(1, text.size() - 2);
}

ValueResult ParseBool(std::string_view text) {
  if (text == "true" || text == "1") return Bytes{1};
  if (text == "false" || text == "0") return Bytes{0};
  return fmt::format("`{}` is neither true nor false", Shown(text));
}

ValueResult ParseInteger(const TypeInfo& type, std::string_view text) {
  bool negative = !text.empty() && text.front() == '-';
  auto magnitude = ParseNumber(negative ? text.substr(1) : text);
  if (!magnitude) return fmt::format("`{}` is no {}", Shown(text), Noun(type));
  return StoreChecked(type, negative, *magnitude);
}

ValueResult ParseEnum(const TypeInfo& type, std::string_view text) {
  // `Reason.blocked` is `blocked`.
  if (size_t dot = text.find('.'); dot != std::string_view::npos) {
    if (text.substr(0, dot) == type.name) text.remove_prefix(dot + 1);
  }
  for (const auto& [name, value] : type.names) {
    if (name == text) return StoreInteger(value, type.size);
  }
  if (auto number = ParseNumber(text)) return StoreChecked(type, false, *number);
  std::vector<std::string_view> known;
  for (const auto& name : type.names) known.push_back(name.first);
  return fmt::format("`{}` is no {}: it has {}", Shown(text), Noun(type), fmt::join(known, ", "));
}

ValueResult ParseAddressValue(const TypeInfo& type, std::string_view text) {
  if (auto address = ParseAddress(type.form, text)) return *std::move(address);
  return fmt::format("`{}` is no {}", Shown(text), Noun(type));
}

ValueResult ParsePrefix(const TypeInfo& type, std::string_view text) {
  size_t slash = text.find('/');
  std::string_view host = text.substr(0, slash);
  const TypeInfo& element = type.element.front();
  auto address = ParseAddress(element.form, host);
  if (!address) return fmt::format("`{}` is no {}", Shown(text), Noun(type));
  uint32_t width = element.size * 8;
  // An IPv4 prefix among addresses of either family lies behind ::ffff:0:0/96.
  bool mapped = element.form == Form::kIp && host.find(':') == std::string_view::npos;
  uint32_t before = mapped ? 96 : 0;
  uint32_t length = width - before;
  if (slash != std::string_view::npos) {
    auto given = ParseNumber(text.substr(slash + 1));
    if (!given || *given > length) {
      return fmt::format("`{}` has no length from 0 to {}", Shown(text), length);
    }
    length = static_cast<uint32_t>(*given);
  }
  return StorePrefix(type, before + length, *std::move(address), text);
}

ValueResult ParseHexBytes(const TypeInfo& type, std::string_view text) {
  if (!text.starts_with("0x") || text.size() != 2 + size_t{type.size} * 2) {
    return fmt::format("`{}` is not 0x and {} hexadecimal digits", Shown(text), type.size * 2);
  }
  Bytes bytes;
  for (size_t i = 2; i < text.size(); i += 2) {
    auto byte = ParseNumber("0x" + std::string(text.substr(i, 2)));
    if (!byte || text.substr(i, 2).find('_') != std::string_view::npos) {
      return fmt::format("`{}` is not hexadecimal", Shown(text));
    }
    bytes.push_back(static_cast<uint8_t>(*byte));
  }
  return bytes;
}

ValueResult ParseString(const TypeInfo& type, std::string_view text) {
  if (!IsEnclosed(text, '"', '"')) return StoreString(type, text);
  auto unquoted = Unquote(text);
  if (!unquoted) return fmt::format("`{}` has a broken escape", Shown(text));
  return StoreString(type, *unquoted);
}

// Reads each field from the text that `find` gives for it.
template <typename Find>
ValueResult ParseFields(const TypeInfo& type, Find find) {
  Bytes bytes(type.size);
  for (size_t i = 0; i < type.fields.size(); ++i) {
    const TypeInfo::Field& field = type.fields[i];
    std::optional<std::string_view> text = find(i);
    if (!text) return fmt::format("field `{}` of {} is missing", field.name, Noun(type));
    ValueResult value = ParseValue(field.type, *text);
    if (auto* why = std::get_if<std::string>(&value)) {
      return fmt::format("field `{}`: {}", field.name, *why);
    }
    const Bytes& stored = std::get<Bytes>(value);
    std::memcpy(bytes.data() + field.offset, stored.data(), stored.size());
  }
  return bytes;
}

ValueResult ParseTuple(const TypeInfo& type, std::string_view text) {
  auto parts = SplitList(Inside(text));
  if (parts.size() != type.fields.size()) {
    return fmt::format("`{}` has {} values, {} has {} fields", Shown(text), parts.size(),
                       Noun(type), type.fields.size());
  }
  return ParseFields(type, [&](size_t i) { return std::optional(parts[i]); });
}

ValueResult ParseNamed(const TypeInfo& type, std::string_view text) {
  std::vector<std::optional<std::string_view>> found(type.fields.size());
  for (std::string_view part : SplitList(Inside(text))) {
    std::string_view name = Trim(part.substr(0, part.find(':')));
    auto field = std::find_if(type.fields.begin(), type.fields.end(),
                              [&](const TypeInfo::Field& f) { return f.name == name; });
    if (field == type.fields.end() || name.size() == part.size()) {
      return fmt::format("`{}` is no field of {} with its value", Shown(part), Noun(type));
    }
    auto& slot = found[field - type.fields.begin()];
    if (slot) return fmt::format("field `{}` is given twice", field->name);
    slot = Trim(part.substr(part.find(':') + 1));
  }
  return ParseFields(type, [&](size_t i) { return found[i]; });
}

ValueResult ParseStruct(const TypeInfo& type, std::string_view text) {
  if (IsEnclosed(text, '(', ')')) return ParseTuple(type, text);
  if (IsEnclosed(text, '{', '}')) return ParseNamed(type, text);
  // With the type's name before it, as in the language.
  if (size_t open = text.find('{'); open != std::string_view::npos && text.back() == '}') {
    std::string_view name = Trim(text.substr(0, open));
    if (name == type.name) return ParseNamed(type, text.substr(open));
    return fmt::format("`{}` is no {}, but a {}", Shown(text), Noun(type), Shown(name));
  }
  return fmt::format("`{}` is no {}: one is written {}", Shown(text), Noun(type), Shape(type));
}

ValueResult ParseArray(const TypeInfo& type, std::string_view text) {
  if (!IsEnclosed(text, '[', ']')) return fmt::format("`{}` is not in [ ]", Shown(text));
  auto parts = SplitList(Inside(text));
  if (parts.size() != type.count) {
    return fmt::format("`{}` has {} elements, {} are needed", Shown(text), parts.size(),
                       type.count);
  }
  Bytes bytes;
  for (std::string_view part : parts) {
    ValueResult value = ParseValue(type.element.front(), part);
    if (std::holds_alternative<std::string>(value)) return value;
    const Bytes& stored = std::get<Bytes>(value);
    bytes.insert(bytes.end(), stored.begin(), stored.end());
  }
  return bytes;
}

ValueResult ParseUnit(const TypeInfo& type, std::string_view text) {
  auto word = ParseQuantity(type.form, text);
  if (auto* why = std::get_if<std::string>(&word)) return *why;
  return StoreInteger(std::get<uint64_t>(word), type.size);
}

}  // namespace

ValueResult ParseValue(const TypeInfo& type, std::string_view text) {
  text = Trim(text);
  switch (type.form) {
    case Form::kBool:
      return ParseBool(text);
    case Form::kUnsigned:
    case Form::kSigned:
    case Form::kPort:
      return ParseInteger(type, text);
    case Form::kEnum:
      return ParseEnum(type, text);
    case Form::kIpv4:
    case Form::kIpv6:
    case Form::kIp:
    case Form::kMac:
      return ParseAddressValue(type, text);
    case Form::kPrefix:
      return ParsePrefix(type, text);
    case Form::kBytes:
      return ParseHexBytes(type, text);
    case Form::kString:
      return ParseString(type, text);
    case Form::kStruct:
      return ParseStruct(type, text);
    case Form::kArray:
      return ParseArray(type, text);
    default:
      return ParseUnit(type, text);
  }
}

}  // namespace netc::object
