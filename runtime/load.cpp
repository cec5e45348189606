#include "runtime/load.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "compiler/object/value.h"
#include "runtime/elf_section.h"
#include "runtime/entries_file.h"
#include "runtime/libbpf_log.h"
#include "runtime/libbpf_options.h"
#include "runtime/load_failure.h"
#include "runtime/near_names.h"
#include "runtime/slots.h"

namespace netc::runtime {

using object::Bytes;
using object::ObjectInfo;

namespace {

constexpr const char* kReadOnly = ".rodata";
constexpr const char* kParameters = ".data.params";

Status SetFlag(const Loaded& loaded, const std::string& name, bool on, const char* wanted) {
  if (!on) return std::nullopt;
  auto flag = name.empty() ? std::span<uint8_t>() : loaded.Variable(kReadOnly, name);
  if (flag.empty()) {
    return Failure{Exit::kPipeline, fmt::format("this object was compiled without {}", wanted)};
  }
  flag[0] = 1;
  return std::nullopt;
}

Status SetFlags(const Loaded& loaded, const LoadOptions& options) {
  const ObjectInfo& info = loaded.info();
  if (auto failure = SetFlag(loaded, info.count_rules_flag, options.count_rules, "rule counters")) {
    return failure;
  }
  if (auto failure = SetFlag(loaded, info.audit_flag, options.audit, "audit mode")) return failure;
  // A program that reads no time and no chance has no such flag, and needs none.
  return SetFlag(loaded, info.test_flag, options.test && !info.test_flag.empty(), "tests");
}

template <typename Item>
const Item* FindNamed(const std::vector<Item>& items, const std::string& name) {
  auto found =
      std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.name == name; });
  return found == items.end() ? nullptr : &*found;
}

template <typename Item>
Failure NoSuch(const char* what, const std::vector<Item>& items, const std::string& name) {
  std::vector<std::string> names;
  for (const Item& item : items) names.push_back(item.name);
  return {Exit::kUsage, fmt::format("the pipeline has no {} `{}`", what, name),
          DescribeNames(what, names, name)};
}

Status SetParameters(Loaded& loaded, const LoadOptions& options) {
  for (const auto& [name, text] : options.set) {
    const object::Parameter* parameter = FindNamed(loaded.info().parameters, name);
    if (parameter == nullptr) return NoSuch("parameter", loaded.info().parameters, name);
    if (parameter->symbol.empty() && parameter->type.form != object::Form::kString) {
      return Failure{
          Exit::kUsage,
          fmt::format("`{}` is a `const param`: it was fixed when it was compiled", name)};
    }
    object::ValueResult value = object::ParseValue(parameter->type, text);
    if (auto* why = std::get_if<std::string>(&value)) {
      return Failure{Exit::kUsage, fmt::format("--set {}: {}", name, *why)};
    }
    if (auto failure = loaded.SetParameter(*parameter, std::get<Bytes>(value))) return failure;
  }
  return std::nullopt;
}

// "web[0]" and how its socket is written, as an entry.
Result<object::Entry> SocketEntry(const ObjectInfo& info, const std::string& slot,
                                  const std::string& socket, const object::State*& state) {
  size_t open = slot.find('[');
  bool good = open != std::string::npos && slot.ends_with(']');
  if (!good) {
    return Failure{Exit::kUsage, fmt::format("--socket {}: this is no STATE[SLOT]", slot)};
  }
  std::string name = slot.substr(0, open);
  state = FindNamed(info.states, name);
  if (state == nullptr) return NoSuch("state", info.states, name);
  bool sockets = IsSlots(state->kind) && state->kind.ends_with("sockets");
  if (!sockets) return Failure{Exit::kUsage, fmt::format("`{}` holds no sockets", name)};
  std::string number = slot.substr(open + 1, slot.size() - open - 2);
  return ParseEntry(*state, number + "=" + socket);
}

// Files are read before anything is loaded, so that a wrong one costs nothing.
using Fills = std::vector<std::pair<const object::State*, std::vector<object::Entry>>>;

Result<Fills> ReadFills(const ObjectInfo& info, const LoadOptions& options) {
  Fills fills;
  for (const auto& [name, path] : options.load) {
    const object::State* state = FindNamed(info.states, name);
    if (state == nullptr) return NoSuch("state", info.states, name);
    auto entries = ReadEntries(*state, path);
    if (!entries) return entries.failure();
    if (state->capacity > 0 && entries->size() > state->capacity) {
      return Failure{Exit::kUsage, fmt::format("`{}` has {} entries, state `{}` holds {}", path,
                                               entries->size(), name, state->capacity)};
    }
    fills.emplace_back(state, std::move(*entries));
  }
  for (const auto& [slot, socket] : options.sockets) {
    const object::State* state = nullptr;
    auto entry = SocketEntry(info, slot, socket, state);
    if (!entry) return entry.failure();
    fills.emplace_back(state, std::vector<object::Entry>());
    fills.back().second.push_back(std::move(*entry));
  }
  return fills;
}

Status FillStates(Loaded& loaded, const Fills& fills) {
  for (const object::State& state : loaded.info().states) {
    std::vector<object::Entry> entries = state.initial;
    for (object::Entry& entry : entries) {
      const auto* parameter = FindNamed(loaded.info().parameters, entry.param);
      if (parameter == nullptr) continue;
      (state.value ? entry.value : entry.key) = loaded.ParameterValue(*parameter);
    }
    if (auto failure = loaded.Fill(state, entries)) return failure;
  }
  for (const auto& [state, entries] : fills) {
    if (auto failure = loaded.Fill(*state, entries)) return failure;
  }
  return std::nullopt;
}

// Ticks of the kernel a second. No system call tells them, but the coarse clocks
// advance once a tick (6.18 kernel/time/posix-timers.c, posix_get_coarse_res).
void SetTicks(const Loaded& loaded) {
  auto variable = loaded.Variable(kReadOnly, "netc_hz");
  timespec tick = {};
  if (variable.size() < sizeof(uint32_t) || clock_getres(CLOCK_MONOTONIC_COARSE, &tick) != 0)
    return;
  if (tick.tv_nsec <= 0) return;
  uint32_t hz = static_cast<uint32_t>((1'000'000'000 + tick.tv_nsec / 2) / tick.tv_nsec);
  std::memcpy(variable.data(), &hz, sizeof hz);
}

// Kernels before 6.4 know no links for struct_ops and refuse the map's flag; what
// is registered there without a link is taken back when the pipeline ends.
void AdaptStructOps(bpf_object* object) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS) continue;
    if ((bpf_map__map_flags(map) & BPF_F_LINK) == 0) continue;
    btf* kernel = btf__load_vmlinux_btf();
    bool links = kernel != nullptr &&
                 btf__find_by_name_kind(kernel, "bpf_struct_ops_link", BTF_KIND_STRUCT) > 0;
    btf__free(kernel);
    if (!links) bpf_map__set_map_flags(map, bpf_map__map_flags(map) & ~BPF_F_LINK);
  }
}

// The kernel takes letters, digits, `_` and `.` in the names of maps.
std::string KernelName(const std::string& pipeline) {
  std::string name = pipeline.empty() ? "netc" : pipeline;
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

Result<Loaded> Open(const ObjectFile& file) {
  LogCapture log;
  std::string name = KernelName(file.info.pipeline);
  auto options = Options<bpf_object_open_opts>();
  options.object_name = name.c_str();
  bpf_object* object = bpf_object__open_mem(file.bytes.data(), file.bytes.size(), &options);
  if (object != nullptr) return Loaded(file, object);
  if (errno == EPERM) return NotPermittedToLoad();
  return Failure{Exit::kPipeline,
                 fmt::format("the object cannot be read: {}", std::strerror(errno)),
                 {log.LastLine()}};
}

}  // namespace

Result<ObjectFile> ReadObject(Bytes bytes) {
  if (!IsElf(bytes)) return Failure{Exit::kPipeline, "is not an object that netc compiled"};
  auto section = FindSection(bytes, object::kObjectSection);
  if (!section) {
    return Failure{Exit::kPipeline,
                   "is not an object that netc compiled: it has no `.netc` section"};
  }
  auto parsed = object::Parse({reinterpret_cast<const char*>(section->data()), section->size()});
  if (!parsed.info) return Failure{Exit::kPipeline, "cannot be used: " + parsed.error};
  return ObjectFile{std::move(bytes), std::move(*parsed.info)};
}

void Loaded::Close::operator()(bpf_object* object) const {
  bpf_object__close(object);
}

Loaded::Loaded(const ObjectFile& file, bpf_object* object) : info_(&file.info), object_(object) {}

bpf_program* Loaded::FindProgram(const object::Program& program) const {
  return bpf_object__find_program_by_name(object(), program.function.c_str());
}

bpf_map* Loaded::FindMap(const std::string& name) const {
  return name.empty() ? nullptr : bpf_object__find_map_by_name(object(), name.c_str());
}

int Loaded::MapFd(const std::string& name) const {
  bpf_map* map = FindMap(name);
  return map == nullptr ? -1 : bpf_map__fd(map);
}

Result<StateMap> Loaded::OpenState(const object::State& state) const {
  auto map = StateMap::Open(MapFd(state.map), state);
  if (map && !state.table.empty()) map->UseTables(MapFd(state.table));
  return map;
}

Result<std::vector<StateMap>> Loaded::OpenMaps(const object::State& state) const {
  std::vector<StateMap> maps;
  auto own = OpenState(state);
  if (!own) return own.failure();
  maps.push_back(std::move(*own));
  for (const std::string& name : state.copies) {
    auto map = StateMap::Open(MapFd(name), state);
    if (!map) return map.failure();
    maps.push_back(std::move(*map));
  }
  return maps;
}

Status Loaded::Fill(const object::State& state, const std::vector<object::Entry>& entries) {
  if (entries.empty()) return std::nullopt;
  auto maps = OpenMaps(state);
  if (!maps) return maps.failure();
  std::vector<object::Entry> put = test_ ? WithStandIns(state, entries) : entries;
  for (StateMap& map : *maps) {
    if (test_) map.SetNow(0);
    if (auto failure = map.Put(put, &sockets_[state.name])) return failure;
  }
  return std::nullopt;
}

const std::vector<ProcessSocket>& Loaded::Sockets(const std::string& state) const {
  static const std::vector<ProcessSocket> kNone;
  auto found = sockets_.find(state);
  return found == sockets_.end() ? kNone : found->second;
}

Status Loaded::SetSlotProgram(const object::State& state, int program) const {
  auto maps = OpenMaps(state);
  if (!maps) return maps.failure();
  for (StateMap& map : *maps) {
    if (auto failure = map.SetProgram(program)) return failure;
  }
  return std::nullopt;
}

std::span<uint8_t> Loaded::Variable(const std::string& section, const std::string& name) const {
  return variables_.Find(object(), section, name);
}

Bytes Loaded::ParameterValue(const object::Parameter& parameter) const {
  if (auto text = texts_.find(parameter.name); text != texts_.end()) return text->second;
  auto memory = Variable(kParameters, parameter.symbol);
  if (parameter.symbol.empty() || memory.size() < parameter.type.size) return parameter.initial;
  return Bytes(memory.begin(), memory.begin() + parameter.type.size);
}

Status Loaded::SetParameter(const object::Parameter& parameter, const Bytes& value) {
  if (parameter.type.form == object::Form::kString) {
    texts_[parameter.name] = value;
    return std::nullopt;
  }
  auto memory = Variable(kParameters, parameter.symbol);
  if (memory.size() < value.size()) {
    return Failure{Exit::kPipeline,
                   fmt::format("the object has no variable for parameter `{}`", parameter.name),
                   {"this object is damaged, or a bug in netc made it"}};
  }
  std::memcpy(memory.data(), value.data(), value.size());
  return std::nullopt;
}

// Members of a congestion control go with it.
static void LeaveOut(bpf_object* object, const std::string& all_but) {
  bpf_program* program = nullptr;
  while ((program = bpf_object__next_program(object, program)) != nullptr) {
    if (all_but == bpf_program__name(program)) continue;
    if (bpf_program__type(program) == BPF_PROG_TYPE_STRUCT_OPS) continue;
    bpf_program__set_autoload(program, false);
  }
}

Result<Loaded> Load(const ObjectFile& file, const LoadOptions& options) {
  auto fills = ReadFills(file.info, options);
  if (!fills) return fills.failure();
  auto loaded = Open(file);
  if (!loaded) return loaded;
  if (auto failure = SetFlags(*loaded, options)) return *failure;
  if (auto failure = SetParameters(*loaded, options)) return *failure;
  AdaptStructOps(loaded->object());
  if (!options.only.empty()) LeaveOut(loaded->object(), options.only);
  SetTicks(*loaded);
  {
    LogCapture log;
    if (bpf_object__load(loaded->object()) != 0) return ExplainLoad(file, errno, log.text());
  }
  loaded->MapVariables();
  if (options.test) loaded->BeginTest();
  if (auto failure = FillStates(*loaded, *fills)) return *failure;
  return loaded;
}

}  // namespace netc::runtime
