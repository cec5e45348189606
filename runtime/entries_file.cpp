#include "runtime/entries_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>

#include "compiler/object/value.h"
#include "runtime/csv.h"
#include "runtime/read_file.h"

namespace netc::runtime {

using object::Bytes;
using object::Entry;
using object::State;
using object::TypeInfo;
using object::ValueResult;

namespace {

using Json = nlohmann::json;

Failure Bad(const std::string& path, const std::string& why) {
  return {Exit::kUsage, fmt::format("`{}`: {}", path, why)};
}

// Where a column's cells go.
struct Column {
  bool in_key = true;
  std::optional<size_t> field;  // absent: the whole key or value
};

std::optional<size_t> FieldNamed(const std::optional<TypeInfo>& type, std::string_view name) {
  if (!type) return std::nullopt;
  for (size_t i = 0; i < type->fields.size(); ++i) {
    if (type->fields[i].name == name) return i;
  }
  return std::nullopt;
}

std::string ColumnNames(const State& state) {
  auto part = [](const std::optional<TypeInfo>& type, std::string whole) -> std::string {
    if (!type) return {};
    if (type->fields.empty() || type->fields.front().name == "0") return whole;
    std::string names;
    for (const auto& field : type->fields) names += (names.empty() ? "" : ",") + field.name;
    return names;
  };
  std::string key = part(state.key, "key");
  std::string value = part(state.value, "value");
  return key + (key.empty() || value.empty() ? "" : ",") + value;
}

std::optional<Column> FindColumn(const State& state, std::string_view name) {
  if (name == "key" && state.key) return Column{true, std::nullopt};
  if (name == "value" && state.value) return Column{false, std::nullopt};
  if (name.starts_with("key.")) {
    if (auto field = FieldNamed(state.key, name.substr(4))) return Column{true, field};
  }
  if (name.starts_with("value.")) {
    if (auto field = FieldNamed(state.value, name.substr(6))) return Column{false, field};
  }
  auto in_key = FieldNamed(state.key, name);
  auto in_value = FieldNamed(state.value, name);
  if (in_key && !in_value) return Column{true, in_key};
  if (in_value && !in_key) return Column{false, in_value};
  return std::nullopt;
}

// A field that no column gives would be zero without anyone having said so.
std::string MissingColumn(const State& state, const std::vector<Column>& columns) {
  for (bool in_key : {true, false}) {
    const auto& type = in_key ? state.key : state.value;
    if (!type) continue;
    std::vector<int> given(type->fields.size());
    int whole = 0;
    for (const Column& column : columns) {
      if (column.in_key != in_key) continue;
      ++(column.field ? given[*column.field] : whole);
    }
    std::string side = in_key ? "key" : "value";
    bool any = std::any_of(given.begin(), given.end(), [](int n) { return n > 0; });
    if (whole > 1 || (whole == 1 && any)) return fmt::format("the {} is given twice", side);
    if (whole == 1) continue;
    if (!any) return fmt::format("no column gives the {}", side);
    for (size_t i = 0; i < given.size(); ++i) {
      const std::string& name = type->fields[i].name;
      if (given[i] == 0) return fmt::format("no column gives `{}`", name);
      if (given[i] > 1) return fmt::format("`{}` is given twice", name);
    }
  }
  return {};
}

Result<std::vector<Column>> ReadHeader(const State& state, const std::string& path,
                                       const CsvRow& row) {
  std::vector<Column> columns;
  for (const std::string& name : row.cells) {
    auto column = FindColumn(state, name);
    if (!column) {
      Failure failure = Bad(path, fmt::format("state `{}` has no column `{}`", state.name, name));
      failure.details = {fmt::format("the first row names the columns: {}", ColumnNames(state))};
      return failure;
    }
    columns.push_back(*column);
  }
  if (std::string why = MissingColumn(state, columns); !why.empty()) return Bad(path, why);
  return columns;
}

size_t SizeOf(const std::optional<TypeInfo>& type) {
  return type ? type->size : 0;
}

std::string PutCell(const State& state, const Column& column, const std::string& cell, Entry& to) {
  const TypeInfo& whole = column.in_key ? *state.key : *state.value;
  const TypeInfo& type = column.field ? whole.fields[*column.field].type : whole;
  uint32_t offset = column.field ? whole.fields[*column.field].offset : 0;
  ValueResult value = object::ParseValue(type, cell);
  if (auto* why = std::get_if<std::string>(&value)) return *why;
  Bytes& bytes = column.in_key ? to.key : to.value;
  std::memcpy(bytes.data() + offset, std::get<Bytes>(value).data(), type.size);
  return {};
}

// Which of both was meant, nobody can tell.
std::string Twice(const State& state, const Entry& entry, std::string_view what, size_t here,
                  size_t before) {
  return fmt::format("{} {}: `{}` stands in {} {} already", what, here,
                     object::FormatValue(*state.key, entry.key.data()), what, before);
}

Result<std::vector<Entry>> FromCsv(const State& state, const std::string& path,
                                   std::string_view text) {
  auto parsed = ParseCsv(text);
  if (auto* why = std::get_if<std::string>(&parsed)) return Bad(path, *why);
  const auto& rows = std::get<std::vector<CsvRow>>(parsed);
  if (rows.empty()) return std::vector<Entry>();
  auto columns = ReadHeader(state, path, rows.front());
  if (!columns) return columns.failure();
  std::vector<Entry> entries;
  std::map<Bytes, size_t> lines;  // of the keys
  for (size_t i = 1; i < rows.size(); ++i) {
    const CsvRow& row = rows[i];
    if (row.cells.size() != columns->size()) {
      return Bad(path, fmt::format("line {} has {} cells, the first row {}", row.line,
                                   row.cells.size(), columns->size()));
    }
    Entry entry{Bytes(SizeOf(state.key)), Bytes(SizeOf(state.value))};
    for (size_t k = 0; k < row.cells.size(); ++k) {
      std::string why = PutCell(state, (*columns)[k], row.cells[k], entry);
      if (!why.empty()) return Bad(path, fmt::format("line {}: {}", row.line, why));
    }
    auto [first, fresh] = lines.emplace(entry.key, row.line);
    if (!fresh && state.key) return Bad(path, Twice(state, entry, "line", row.line, first->second));
    entries.push_back(std::move(entry));
  }
  return entries;
}

// The members of `item` that are fields of `type`, as one object.
Json Pick(const std::optional<TypeInfo>& type, const Json& item) {
  Json picked = Json::object();
  for (const auto& field : type->fields) {
    if (item.contains(field.name)) picked[field.name] = item[field.name];
  }
  return picked;
}

struct JsonEntry {
  Json key;
  Json value;
};

JsonEntry TakeApart(const State& state, const Json& item) {
  bool named = item.is_object() &&
               ((state.key && item.contains("key")) || (!state.key && item.contains("value")));
  if (named) return {item.value("key", Json()), item.value("value", Json())};
  if (!state.value) return {item, Json()};
  if (!item.is_object() || !state.key) return {Json(), item};
  return {Pick(state.key, item), Pick(state.value, item)};
}

std::string ReadPart(const std::optional<TypeInfo>& type, const Json& json, Bytes& to) {
  if (!type) return {};
  ValueResult value = object::ParseJsonValue(*type, json);
  if (auto* why = std::get_if<std::string>(&value)) return *why;
  to = std::get<Bytes>(std::move(value));
  return {};
}

size_t LineAt(std::string_view text, size_t at) {
  at = std::min(at, text.size());
  return 1 +
         static_cast<size_t>(std::count(text.begin(), text.begin() + static_cast<long>(at), '\n'));
}

// The line in which the n-th entry of the outermost list or object begins. The text is JSON.
size_t LineOfEntry(std::string_view text, size_t n) {
  size_t depth = 0, entries = 0;
  bool in_string = false, begins = true;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (depth == 1 && begins && !blank && !in_string) {
      if (entries++ == n) return LineAt(text, i);
      begins = false;
    }
    if (in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (depth == 1 && c == ',') begins = true;
  }
  return 1;
}

Result<std::vector<Entry>> FromJson(const State& state, const std::string& path,
                                    std::string_view text) {
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error& error) {
    return Bad(path, fmt::format("line {}: is not JSON",
                                 LineAt(text, error.byte > 0 ? error.byte - 1 : 0)));
  }
  std::vector<JsonEntry> items;
  if (json.is_array()) {
    for (const Json& item : json) items.push_back(TakeApart(state, item));
  } else if (json.is_object() && state.key && state.value) {
    for (const auto& item : json.items()) items.push_back({item.key(), item.value()});
  } else {
    return Bad(path, "is neither a list of entries nor an object from key to value");
  }
  std::vector<Entry> entries;
  std::map<Bytes, size_t> places;  // of the keys
  for (size_t i = 0; i < items.size(); ++i) {
    Entry entry;
    std::string why = ReadPart(state.key, items[i].key, entry.key);
    if (why.empty()) why = ReadPart(state.value, items[i].value, entry.value);
    if (!why.empty())
      return Bad(path, fmt::format("line {}: entry {}: {}", LineOfEntry(text, i), i + 1, why));
    auto [first, fresh] = places.emplace(entry.key, i + 1);
    if (!fresh && state.key) return Bad(path, Twice(state, entry, "entry", i + 1, first->second));
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

// What the program alone makes of what it sees.
static std::optional<Failure> Unfillable(const State& state) {
  bool own = state.kind == "limiter" || state.kind == "pacer" || state.kind == "histogram";
  if (!own) return std::nullopt;
  return Failure{Exit::kUsage, fmt::format("state `{}` is a {}: it can't be filled from outside",
                                           state.name, state.kind)};
}

Result<std::vector<Entry>> ParseEntries(const State& state, const std::string& path,
                                        std::string_view text) {
  if (auto failure = Unfillable(state)) return *failure;
  return path.ends_with(".json") ? FromJson(state, path, text) : FromCsv(state, path, text);
}

Result<std::vector<Entry>> ReadEntries(const State& state, const std::string& path) {
  auto text = ReadFile(path);
  if (!text) return text.failure();
  return ParseEntries(state, path, *text);
}

Result<Entry> ParseEntry(const State& state, std::string_view text) {
  if (auto failure = Unfillable(state)) return *failure;
  Entry entry;
  bool both = state.key && state.value;
  if (size_t sign = text.find('='); !state.value && sign != std::string_view::npos) {
    return Failure{Exit::kUsage,
                   fmt::format("state `{}` holds keys without values, so `{}` says too much",
                               state.name, text),
                   {fmt::format("write `{}`", text.substr(0, sign))}};
  }
  size_t equals = both ? text.find('=') : std::string_view::npos;
  if (both && equals == std::string_view::npos) {
    return Failure{Exit::kUsage, fmt::format("state `{}` takes KEY=VALUE", state.name)};
  }
  std::string_view key = text.substr(0, equals);
  std::string_view value = equals == std::string_view::npos ? text : text.substr(equals + 1);
  for (auto [type, part, to] :
       {std::tuple(&state.key, key, &entry.key), std::tuple(&state.value, value, &entry.value)}) {
    if (!*type) continue;
    ValueResult read = object::ParseValue(**type, part);
    if (auto* why = std::get_if<std::string>(&read)) return Failure{Exit::kUsage, *why};
    *to = std::get<Bytes>(std::move(read));
  }
  return entry;
}

}  // namespace netc::runtime
