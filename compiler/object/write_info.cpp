#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "compiler/object/form.h"
#include "compiler/object/json_names.h"
#include "compiler/object/object_info.h"

namespace netc::object {

namespace {

using Json = nlohmann::ordered_json;

std::string Hex(const Bytes& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

// What has its default value is left out: most members of most types have.
template <typename Value>
void Put(Json& json, const char* key, const Value& value) {
  if (!(value == Value{})) json[key] = value;
}

template <typename Item, typename Write>
void PutList(Json& json, const char* key, const std::vector<Item>& items, Write write) {
  if (items.empty()) return;
  Json list = Json::array();
  for (const Item& item : items) list.push_back(write(item));
  json[key] = std::move(list);
}

Json WriteType(const TypeInfo& type);

Json WriteField(const TypeInfo::Field& field) {
  Json json;
  json["name"] = field.name;
  Put(json, "offset", field.offset);
  json["type"] = WriteType(field.type);
  return json;
}

Json WriteType(const TypeInfo& type) {
  Json json;
  json["form"] = FormName(type.form);
  Put(json, "name", type.name);
  json["size"] = type.size;
  Put(json, "bits", type.bits);
  Put(json, "count", type.count);
  PutList(json, "fields", type.fields, WriteField);
  PutList(json, "names", type.names,
          [](const auto& name) { return Json::array({name.first, name.second}); });
  PutList(json, "element", type.element, WriteType);
  return json;
}

Json WritePlace(const Place& place) {
  return Json::array({place.file, place.line, place.column});
}

Json WriteAttribute(const Attribute& attribute) {
  Json json;
  json["name"] = attribute.name;
  json["value"] = attribute.value;
  Put(json, "is_param", attribute.is_param);
  return json;
}

Json WriteVerdict(const Verdict& verdict) {
  return Json::array({verdict.word, verdict.code});
}

Json WriteRule(const Rule& rule) {
  Json json;
  json["index"] = rule.index;
  json["place"] = WritePlace(rule.place);
  json["text"] = rule.text;
  Put(json, "verdict", rule.verdict);
  return json;
}

Json WriteProgram(const Program& program) {
  Json json;
  json["name"] = program.name;
  json["function"] = program.function;
  json["hook"] = program.hook;
  json["place"] = WritePlace(program.place);
  PutList(json, "attributes", program.attributes, WriteAttribute);
  PutList(json, "verdicts", program.verdicts, WriteVerdict);
  PutList(json, "rules", program.rules, WriteRule);
  Put(json, "changes_sums", program.changes_sums);
  Put(json, "sends_copies", program.sends_copies);
  return json;
}

Json WriteState(const State& state) {
  Json json;
  json["name"] = state.name;
  json["map"] = state.map;
  json["kind"] = state.kind;
  Put(json, "documentation", state.documentation);
  Put(json, "per_cpu", state.per_cpu);
  if (state.key) json["key"] = WriteType(*state.key);
  if (state.value) json["value"] = WriteType(*state.value);
  json["capacity"] = state.capacity;
  if (state.expires) json["expires"] = *state.expires;
  if (state.idle) json["idle"] = *state.idle;
  Put(json, "swappable", state.swappable);
  Put(json, "step", state.step);
  Put(json, "buckets", state.buckets);
  Put(json, "table", state.table);
  Put(json, "by_key", state.by_key);
  if (state.parts != 1) json["parts"] = state.parts;
  PutList(json, "initial", state.initial, [](const Entry& entry) {
    Json item = Json::array({Hex(entry.key), Hex(entry.value)});
    if (!entry.param.empty()) item.push_back(entry.param);
    return item;
  });
  PutList(json, "copies", state.copies, [](const std::string& copy) { return Json(copy); });
  return json;
}

Json WriteParameter(const Parameter& parameter) {
  Json json;
  json["name"] = parameter.name;
  Put(json, "documentation", parameter.documentation);
  json["type"] = WriteType(parameter.type);
  json["initial"] = Hex(parameter.initial);
  Put(json, "symbol", parameter.symbol);
  return json;
}

Json WriteEvent(const Event& event) {
  Json json;
  json["id"] = event.id;
  json["name"] = event.name;
  Put(json, "documentation", event.documentation);
  json["size"] = event.size;
  PutList(json, "fields", event.fields, WriteField);
  return json;
}

Json WriteLine(const LineMapping& line) {
  return Json::array({line.c_line, line.place.file, line.place.line, line.place.column});
}

}  // namespace

std::string Serialize(const ObjectInfo& info) {
  Json json;
  json["format"] = kObjectFormat;
  json["pipeline"] = info.pipeline;
  json["netc_version"] = info.netc_version;
  json["kernel"] = Json::array({info.kernel_major, info.kernel_minor});
  PutList(json, "programs", info.programs, WriteProgram);
  PutList(json, "states", info.states, WriteState);
  PutList(json, "parameters", info.parameters, WriteParameter);
  PutList(json, "events", info.events, WriteEvent);
  PutList(json, "faults", info.faults, [](const std::string& fault) { return Json(fault); });
  PutList(json, "lines", info.lines, WriteLine);
  Put(json, "beyond_guarantee", info.beyond_guarantee);
  for (const NameMember& name : kNameMembers) Put(json, name.key, info.*name.member);
  // Text that is no UTF-8 can only come from a broken source; it must not throw.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace netc::object
