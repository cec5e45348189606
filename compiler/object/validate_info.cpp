#include "compiler/object/validate_info.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/object/form.h"
#include "compiler/object/json_names.h"

namespace netc::object {

namespace {

// Of a ring; more than the language allows is no ring of netc's.
constexpr uint32_t kMaxBuckets = 1 << 20;

bool IsName(const std::string& name) {
  return !name.empty() && name.size() < 256 && name.find('\0') == std::string::npos;
}

std::string CheckProgram(const Program& program) {
  if (!IsName(program.name) || !IsName(program.function) || !IsName(program.hook)) {
    return "a program without its names";
  }
  for (const Rule& rule : program.rules) {
    if (rule.index >= kMaxSlots) return fmt::format("rule number {}", rule.index);
  }
  return {};
}

size_t SizeOf(const std::optional<TypeInfo>& type) {
  return type ? type->size : 0;
}

std::string CheckState(const State& state) {
  if (!IsName(state.name) || !IsName(state.map)) return "a state without its names";
  for (const std::optional<TypeInfo>* type : {&state.key, &state.value}) {
    if (!*type) continue;
    if (std::string why = CheckType(**type); !why.empty()) {
      return fmt::format("state `{}` has {}", state.name, why);
    }
  }
  bool buckets = state.value && state.value->form == Form::kArray && state.value->size % 8 == 0;
  if (state.kind == "histogram" && !buckets) {
    return fmt::format("histogram `{}` has no buckets", state.name);
  }
  if (state.kind == "ring") {
    bool weights = state.key && state.value && state.value->size == sizeof(uint32_t);
    bool both = !state.by_key ||
                (state.key && state.key->form == Form::kStruct && state.key->fields.size() == 2);
    if (!weights || !both || state.buckets < 2 || state.buckets > kMaxBuckets) {
      return fmt::format("ring `{}` has no members or no buckets", state.name);
    }
  }
  for (const Entry& entry : state.initial) {
    if (entry.key.size() != SizeOf(state.key) || entry.value.size() != SizeOf(state.value)) {
      return fmt::format("state `{}` has an entry of another size", state.name);
    }
  }
  return {};
}

std::string CheckParameter(const Parameter& parameter) {
  if (!IsName(parameter.name)) return "a parameter without its name";
  if (std::string why = CheckType(parameter.type); !why.empty()) {
    return fmt::format("parameter `{}` has {}", parameter.name, why);
  }
  if (parameter.initial.size() == parameter.type.size) return {};
  return fmt::format("parameter `{}` has a default of another size", parameter.name);
}

std::string CheckEvent(const Event& event) {
  if (!IsName(event.name) || event.id >= kMaxSlots) return "an event without its name or number";
  TypeInfo record;
  record.form = Form::kStruct;
  record.size = event.size;
  record.fields = event.fields;
  if (event.size < sizeof(uint32_t)) return fmt::format("event `{}` has no room", event.name);
  std::string why = CheckType(record);
  return why.empty() ? why : fmt::format("event `{}` has {}", event.name, why);
}

template <typename Item, typename Check>
std::string CheckAll(const std::vector<Item>& items, Check check) {
  std::set<std::string_view> names;
  for (const Item& item : items) {
    if (std::string why = check(item); !why.empty()) return why;
    names.insert(item.name);
  }
  return names.size() == items.size() ? "" : "two things of one kind with the same name";
}

// Programs may share a name: the members of one hook block do.
std::string CheckPrograms(const std::vector<Program>& programs) {
  for (const Program& program : programs) {
    if (std::string why = CheckProgram(program); !why.empty()) return why;
  }
  return {};
}

// A slot may have a parameter's text: no other map takes values of another size.
std::string CheckSlotParameters(const ObjectInfo& info) {
  for (const State& state : info.states) {
    for (const Entry& entry : state.initial) {
      if (entry.param.empty()) continue;
      bool text = std::any_of(info.parameters.begin(), info.parameters.end(), [&](const auto& p) {
        return p.name == entry.param && p.type.form == Form::kString;
      });
      bool interfaces = state.kind == "devices" || state.kind == "interfaces";
      if (!interfaces || !text) {
        return fmt::format("state `{}` has an entry of a parameter that is no text", state.name);
      }
    }
  }
  return {};
}

}  // namespace

std::string Validate(const ObjectInfo& info) {
  if (std::string why = CheckPrograms(info.programs); !why.empty()) return why;
  if (std::string why = CheckAll(info.states, CheckState); !why.empty()) return why;
  if (std::string why = CheckAll(info.parameters, CheckParameter); !why.empty()) return why;
  if (std::string why = CheckSlotParameters(info); !why.empty()) return why;
  if (std::string why = CheckAll(info.events, CheckEvent); !why.empty()) return why;
  if (info.faults.size() > kMaxSlots) return "too many fault counters";
  for (const NameMember& name : kNameMembers) {
    const std::string& value = info.*name.member;
    if (!value.empty() && !IsName(value)) return fmt::format("an impossible `{}`", name.key);
  }
  auto earlier = [](const LineMapping& a, const LineMapping& b) { return a.c_line < b.c_line; };
  bool sorted = std::is_sorted(info.lines.begin(), info.lines.end(), earlier);
  return sorted ? "" : "lines that are out of order";
}

}  // namespace netc::object
