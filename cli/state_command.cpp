#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/histogram.h"
#include "cli/output.h"
#include "compiler/object/host_order.h"
#include "compiler/object/value.h"
#include "runtime/entries_file.h"
#include "runtime/near_names.h"
#include "runtime/registry.h"
#include "runtime/slots.h"
#include "runtime/state_change.h"

namespace netc::cli {

namespace {

using runtime::Exit;
using runtime::Failure;
using runtime::Running;

struct StateOptions {
  std::string pipeline;  // name or pid; empty: any
  std::string state;
  std::vector<std::string> entries;
  std::string file;
  uint32_t count = 1;
  bool json = false;
};

std::vector<Running> Chosen(const std::string& pipeline) {
  std::vector<Running> all = runtime::ListRunning();
  if (pipeline.empty()) return all;
  std::erase_if(all, [&](const Running& running) {
    return running.info.pipeline != pipeline && std::to_string(running.pid) != pipeline;
  });
  return all;
}

Failure NothingRuns(const std::string& pipeline) {
  if (pipeline.empty()) return {Exit::kUsage, "no pipeline runs here"};
  std::vector<std::string> names;
  for (const Running& running : runtime::ListRunning()) names.push_back(running.info.pipeline);
  return {Exit::kUsage, fmt::format("no pipeline `{}` runs here", pipeline),
          runtime::DescribeNames("pipeline that runs", names, pipeline)};
}

// A state of a running pipeline, open.
struct OpenState {
  Running running;
  size_t index = 0;
  std::vector<runtime::Fd> maps;  // the state's own, then its copies
  runtime::Fd program;            // behind its slots
  runtime::Fd tables;             // of a ring

  const object::State& state() const { return running.info.states[index]; }
  runtime::Result<runtime::StateMap> Open(const runtime::Fd& map) const {
    auto opened = runtime::StateMap::Open(map.get(), state());
    if (opened && program) opened->UseProgram(program.get());
    if (opened && tables) opened->UseTables(tables.get());
    return opened;
  }
  runtime::Result<std::vector<runtime::StateMap>> OpenAll() const {
    std::vector<runtime::StateMap> all;
    for (const runtime::Fd& map : maps) {
      auto opened = Open(map);
      if (!opened) return opened.failure();
      all.push_back(std::move(*opened));
    }
    return all;
  }
};

runtime::Result<OpenState> Find(const StateOptions& options) {
  std::vector<Running> all = Chosen(options.pipeline);
  if (all.empty()) return NothingRuns(options.pipeline);
  std::vector<OpenState> found;
  std::vector<std::string> names;
  for (Running& running : all) {
    for (size_t i = 0; i < running.info.states.size(); ++i) {
      names.push_back(running.info.states[i].name);
      if (names.back() == options.state) found.push_back({running, i, {}, {}, {}});
    }
  }
  if (found.empty()) {
    return Failure{Exit::kUsage, fmt::format("no running pipeline has a state `{}`", options.state),
                   runtime::DescribeNames("state", names, options.state)};
  }
  if (found.size() > 1) {
    Failure failure{Exit::kUsage,
                    fmt::format("several running pipelines have a state `{}`", options.state)};
    for (const OpenState& each : found) {
      failure.details.push_back(
          fmt::format("--pipeline {}: {}", each.running.pid, each.running.source));
    }
    return failure;
  }
  auto maps = runtime::OpenRunningMaps(found[0].running, found[0].state());
  if (!maps) return maps.failure();
  found[0].maps = std::move(*maps);
  auto tables = runtime::OpenRunningTables(found[0].running, found[0].state());
  if (!tables) return tables.failure();
  found[0].tables = std::move(*tables);
  found[0].program = runtime::SlotProgram(found[0].running, found[0].state());
  return std::move(found[0]);
}

bool IsQueue(const object::State& state) {
  return state.kind == "queue" || state.kind == "stack";
}

// Limiters and pacers keep a time: at which the budget is whole again, the line free.
bool KeepsTime(const object::State& state) {
  return state.kind == "limiter" || state.kind == "pacer";
}

// The state's kind as the language writes it.
std::string TypeName(const object::State& state) {
  std::string kind = state.kind == "prefix_set" ? "prefixes" : state.kind;
  std::string name = (state.per_cpu ? "per cpu " : "") + kind;
  if (IsQueue(state)) return fmt::format("{}<{}>", name, state.value->name);
  if (!state.key || runtime::IsSlots(state.kind)) return name;
  std::vector<std::string> types;
  if (state.kind == "ring") {
    for (const object::TypeInfo::Field& field : state.key->fields) {
      if (state.by_key) types.push_back(field.type.name);
    }
    if (!state.by_key) types.push_back(state.key->name);
    return fmt::format("{}<{}>", name, fmt::join(types, ", "));
  }
  bool prefixes = state.key->form == object::Form::kPrefix && kind == "prefixes";
  if (kind != "array") types.push_back(prefixes ? state.key->element[0].name : state.key->name);
  bool counts = kind == "counter" || kind == "histogram" || KeepsTime(state);
  if (state.value && !counts) types.push_back(state.value->name);
  return fmt::format("{}<{}>", name, fmt::join(types, ", "));
}

std::string Until(const object::State& state, const object::Bytes& value) {
  bool limiter = state.kind == "limiter";
  const char* good = limiter ? "whole" : "free";
  timespec now{};
  clock_gettime(limiter ? CLOCK_BOOTTIME : CLOCK_MONOTONIC, &now);
  auto at = static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
  auto whole = object::LoadAs<uint64_t>(value.data()) / state.parts;
  if (whole <= at) return good;
  object::TypeInfo duration{object::Form::kDuration, "duration", 8, 64, 0, {}, {}, {}};
  // To the millisecond: more is noise by the time it is read.
  object::Bytes rest = object::StoreInteger((whole - at + 999'999) / 1'000'000 * 1'000'000, 8);
  return fmt::format("{} again in {}", good, object::FormatValue(duration, rest.data()));
}

// How many entries it has, or that of a state without a key its value.
std::string Fill(const runtime::StateMap& map) {
  const object::State& state = map.state();
  if (IsQueue(state)) {
    auto next = map.Get({});
    if (!next || !*next) return next ? "empty" : "?";
    return "next is " + object::FormatValue(*state.value, (*next)->data());
  }
  if (state.kind == "histogram" && !state.key) {
    auto value = map.Get({});
    return value && *value ? fmt::format("{} values", HistogramTotal(**value)) : "?";
  }
  if (!state.key && state.value) {
    auto value = map.Get({});
    if (!value || !*value) return "?";
    return KeepsTime(state) ? Until(state, **value)
                            : object::FormatValue(*state.value, (*value)->data());
  }
  auto entries = map.List();
  return entries ? fmt::format("{} of {}", entries->size(), state.capacity) : "?";
}

runtime::Status ListOne(const Running& running, bool json) {
  if (!json) {
    WriteLine(fmt::format("{}  (pid {}, {})", running.info.pipeline, running.pid, running.source));
    for (const Running::Part& part : running.parts) {
      WriteLine(fmt::format("  {}: {} on {}{}", part.block, part.hook, part.where,
                            part.mode.empty() ? "" : ", " + part.mode));
    }
  }
  size_t longest = 0, widest = 0;
  for (const object::State& state : running.info.states) {
    longest = std::max(longest, state.name.size());
    widest = std::max(widest, TypeName(state).size());
  }
  for (const object::State& state : running.info.states) {
    auto fd = runtime::OpenRunningState(running, state);
    // It may have ended since it was found; then so have its maps.
    if (!fd && fd.failure().exit == Exit::kUsage) continue;
    if (!fd) return fd.failure();
    auto map = runtime::StateMap::Open(fd->get(), state);
    if (!map) return map.failure();
    if (!json) {
      WriteLine(fmt::format("  {:<{}}  {:<{}}  {}", state.name, longest, TypeName(state), widest,
                            Fill(*map)));
      continue;
    }
    auto entries = map->List();
    WriteJson({{"type", "state"},
               {"pipeline", running.info.pipeline},
               {"pid", running.pid},
               {"name", state.name},
               {"kind", state.kind},
               {"entries", entries ? Json(entries->size()) : Json()},
               {"capacity", state.capacity}});
  }
  return std::nullopt;
}

int List(const StateOptions& options) {
  std::vector<Running> all = Chosen(options.pipeline);
  if (all.empty() && !options.pipeline.empty())
    return ShowFailure(NothingRuns(options.pipeline), options.json);
  if (all.empty() && !options.json) WriteLine("no pipeline runs here");
  for (const Running& running : all) {
    if (auto failure = ListOne(running, options.json)) return ShowFailure(*failure, options.json);
  }
  return 0;
}

void TellEntry(const object::State& state, const object::Entry& entry, bool json) {
  auto text = [&](const object::TypeInfo& type, const object::Bytes& bytes) {
    return object::FormatValue(type, bytes.data());
  };
  bool histogram = state.kind == "histogram";
  if (json) {
    Json object = {{"type", "entry"}};
    if (state.key) object["key"] = object::JsonValue(*state.key, entry.key.data());
    if (histogram)
      object["buckets"] = BucketsJson(state, entry.value);
    else if (state.value)
      object["value"] = object::JsonValue(*state.value, entry.value.data());
    WriteJson(object);
    return;
  }
  std::string line = state.key ? text(*state.key, entry.key) : "";
  if (histogram) {
    if (state.key) WriteLine(line);
    for (const std::string& bucket : BucketLines(state, entry.value)) WriteLine(bucket);
    return;
  }
  if (state.key && state.value) line += " = ";
  if (state.value) {
    line += KeepsTime(state) ? Until(state, entry.value) : text(*state.value, entry.value);
  }
  WriteLine(line);
}

int Show(const StateOptions& options) {
  auto found = Find(options);
  if (!found) return ShowFailure(found.failure(), options.json);
  auto map = found->Open(found->maps.front());
  if (!map) return ShowFailure(map.failure(), options.json);
  // One value that is always there, if it is zero too.
  if (const object::State& state = found->state(); !state.key && state.value && !IsQueue(state)) {
    auto value = map->Get({});
    if (!value) return ShowFailure(value.failure(), options.json);
    if (*value) TellEntry(state, {{}, **value}, options.json);
    return 0;
  }
  auto entries = map->List();
  if (!entries) return ShowFailure(entries.failure(), options.json);
  for (const object::Entry& entry : *entries) TellEntry(found->state(), entry, options.json);
  return 0;
}

// All entries are read before the first is put, so that a typing error changes
// nothing.
int Add(const StateOptions& options) {
  auto found = Find(options);
  if (!found) return ShowFailure(found.failure(), options.json);
  std::vector<object::Entry> entries;
  for (const std::string& text : options.entries) {
    auto entry = runtime::ParseEntry(found->state(), text);
    if (!entry) return ShowFailure(entry.failure(), options.json);
    entries.push_back(std::move(*entry));
  }
  auto maps = found->OpenAll();
  if (!maps) return ShowFailure(maps.failure(), options.json);
  auto failure = runtime::AddEntries(*maps, entries);
  return failure ? ShowFailure(*failure, options.json) : 0;
}

int Remove(const StateOptions& options) {
  auto found = Find(options);
  if (!found) return ShowFailure(found.failure(), options.json);
  const object::State& state = found->state();
  if (!state.key) {
    return ShowFailure({Exit::kUsage, fmt::format("state `{}` has no keys", state.name)},
                       options.json);
  }
  std::vector<object::Bytes> keys;
  for (const std::string& text : options.entries) {
    object::ValueResult key = object::ParseValue(*state.key, text);
    if (auto* why = std::get_if<std::string>(&key))
      return ShowFailure({Exit::kUsage, *why}, options.json);
    keys.push_back(std::get<object::Bytes>(std::move(key)));
  }
  auto maps = found->OpenAll();
  if (!maps) return ShowFailure(maps.failure(), options.json);
  auto failure = runtime::RemoveEntries(*maps, keys);
  return failure ? ShowFailure(*failure, options.json) : 0;
}

// Takes from a queue or stack, and tells what it took.
int Pop(const StateOptions& options) {
  auto found = Find(options);
  if (!found) return ShowFailure(found.failure(), options.json);
  const object::State& state = found->state();
  if (!IsQueue(state)) {
    return ShowFailure({Exit::kUsage, fmt::format("state `{}` is no queue or stack", state.name)},
                       options.json);
  }
  auto map = found->Open(found->maps.front());
  if (!map) return ShowFailure(map.failure(), options.json);
  for (uint32_t i = 0; i < options.count; ++i) {
    auto next = map->Pop();
    if (!next) return ShowFailure(next.failure(), options.json);
    if (!*next) break;
    TellEntry(state, {{}, **next}, options.json);
  }
  return 0;
}

// The file is read whole before anything changes.
int Swap(const StateOptions& options) {
  auto found = Find(options);
  if (!found) return ShowFailure(found.failure(), options.json);
  const object::State& state = found->state();
  if (!state.swappable) {
    return ShowFailure({Exit::kUsage,
                        fmt::format("state `{}` is not declared `swappable: true`", state.name),
                        {"`netc state add` and `netc state remove` change single entries"}},
                       options.json);
  }
  auto entries = runtime::ReadEntries(state, options.file);
  if (!entries) return ShowFailure(entries.failure(), options.json);
  if (entries->size() > state.capacity) {
    return ShowFailure(
        {Exit::kUsage, fmt::format("`{}` has {} entries, state `{}` holds {}", options.file,
                                   entries->size(), state.name, state.capacity)},
        options.json);
  }
  auto map = found->Open(found->maps.front());
  if (!map) return ShowFailure(map.failure(), options.json);
  auto failure = map->Replace(*entries);
  return failure ? ShowFailure(*failure, options.json) : 0;
}

CLI::App* AddOne(CLI::App& state, const char* name, const char* about, Action& action,
                 const std::shared_ptr<StateOptions>& options, int (*run)(const StateOptions&)) {
  CLI::App* command = state.add_subcommand(name, about);
  command->add_flag("--json", options->json, "Answer in JSON, one object a line");
  command->callback([options, run, &action] { action = [options, run] { return run(*options); }; });
  return command;
}

}  // namespace

void AddState(CLI::App& app, Action& action) {
  auto options = std::make_shared<StateOptions>();
  CLI::App* state =
      app.add_subcommand("state", "Look into the state of running pipelines, and change it");
  state->require_subcommand(1);
  state->footer(
      "Examples:\n"
      "  sudo netc state list\n"
      "  sudo netc state show blocked\n"
      "  sudo netc state add blocked 203.0.113.0/24 198.51.100.0/24\n"
      "  sudo netc state add vips '(192.0.2.1, 80)=(10.0.0.1, 5)'\n"
      "  sudo netc state add backends 10.0.0.1=100 10.0.0.2=0\n"
      "  sudo netc state remove blocked 203.0.113.0/24\n"
      "  sudo netc state swap blocked today.csv\n"
      "  sudo netc state pop waiting --count 10\n\n"
      "Values are written as in the language. A change takes effect with the next packet; where\n"
      "one of several entries is refused, none is put or taken out.");
  CLI::App* list = AddOne(*state, "list", "What runs here, and its states", action, options, List);
  list->add_option("PIPELINE", options->pipeline, "Only this one: its name or pid");
  struct Row {
    const char* name;
    const char* about;
    const char* entries;  // null: none are given
    int (*run)(const StateOptions&);
  };
  for (const Row& row :
       {Row{"show", "The entries of a state", nullptr, Show},
        Row{"add", "Put entries, each KEY or KEY=VALUE, or replace them", "ENTRY", Add},
        Row{"remove", "Take entries out", "KEY", Remove}}) {
    CLI::App* command = AddOne(*state, row.name, row.about, action, options, row.run);
    command->add_option("STATE", options->state, "Name of the state")->required();
    if (row.entries != nullptr) {
      command->add_option(row.entries, options->entries, "Written as in the language")->required();
    }
    command->add_option("--pipeline", options->pipeline,
                        "Name or pid, where several have such a state");
  }
  CLI::App* pop =
      AddOne(*state, "pop", "Take from a queue or stack, and show it", action, options, Pop);
  pop->add_option("STATE", options->state, "Name of the queue or stack")->required();
  pop->add_option("--count", options->count, "How many at most; 1 if not given");
  pop->add_option("--pipeline", options->pipeline, "Name or pid, where several have such a state");
  CLI::App* swap = AddOne(*state, "swap", "Replace all entries at once with those of a file",
                          action, options, Swap);
  swap->add_option("STATE", options->state, "Name of a swappable state")->required();
  swap->add_option("FILE", options->file, "CSV, or JSON if it ends in .json")->required();
  swap->add_option("--pipeline", options->pipeline, "Name or pid, where several have such a state");
}

}  // namespace netc::cli
