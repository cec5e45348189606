#include "tools/differential/differ.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <memory>
#include <optional>

#include "compiler/diagnostics/render.h"
#include "compiler/driver/driver.h"
#include "compiler/interpret/interpret.h"
#include "runtime/counters.h"
#include "runtime/events.h"
#include "runtime/first_processor.h"
#include "runtime/program_run.h"
#include "tools/differential/context.h"
#include "tools/differential/coverage.h"
#include "tools/differential/packets.h"
#include "tools/differential/wire.h"

namespace netc::differential {
namespace {

using object::Bytes;

constexpr const char* kWorldSection = ".data.test";

std::string Hex(std::span<const uint8_t> bytes) {
  std::string text;
  for (uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text.empty() ? "(nothing)" : text;
}

class Clock {
 public:
  explicit Clock(uint64_t& sum) : sum_(sum) {}
  ~Clock() {
    auto passed = std::chrono::steady_clock::now() - begin_;
    sum_ += static_cast<uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(passed).count());
  }

 private:
  uint64_t& sum_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

// Another value of the type; padding stays zero.
void FillValue(Choices& choices, const object::TypeInfo& type, uint8_t* to) {
  switch (type.form) {
    case object::Form::kIpv4:
    case object::Form::kIpv6:
    case object::Form::kIp:
    case object::Form::kMac:
      return FillAddress(choices, to, type.size);
    case object::Form::kStruct:
      for (const object::TypeInfo::Field& field : type.fields)
        FillValue(choices, field.type, to + field.offset);
      return;
    case object::Form::kArray:
      for (uint32_t i = 0; i < type.count; ++i)
        FillValue(choices, type.element[0], to + size_t{i} * type.element[0].size);
      return;
    case object::Form::kPrefix:
    case object::Form::kBytes:
    case object::Form::kString:
      return;
    default:
      break;
  }
  uint32_t bits = type.bits > 0 && type.bits < type.size * 8 ? type.bits : type.size * 8;
  if (type.form == object::Form::kBool) bits = 1;
  uint64_t number = choices.Number(bits);
  if (type.form == object::Form::kSigned && bits < 64 && (number >> (bits - 1) & 1))
    number |= ~0ull << bits;
  std::memcpy(to, &number, std::min<size_t>(type.size, sizeof number));
}

// A namespace takes time to make.
bool TakesWire(const CaseOptions& options) {
  return options.seed / 2 % 8 == 0;
}

// Runs both over packets, once the pipeline is loaded.
class Comparison {
 public:
  Comparison(const driver::Checked& checked, const std::string& source,
             const runtime::ObjectFile& file, runtime::Loaded& loaded, bool counts_rules,
             const CaseOptions& options, CaseReport& report)
      : program_(*checked.program),
        info_(file.info),
        loaded_(loaded),
        counts_rules_(counts_rules),
        options_(options),
        report_(report),
        choices_(options.seed),
        machine_(*checked.program),
        runner_(loaded),
        packets_(*checked.program, source, choices_) {
    for (const sema::HookBlock& block : program_.hooks) contexts_.emplace_back(*block.hook, source);
    world_ = loaded.Variable(kWorldSection, info_.test_world);
    if (TakesWire(options)) wire_.emplace(loaded);
  }

  void Run() {
    auto reader = runtime::EventReader::Open(
        loaded_, [this](const object::Event& event, const uint8_t* record) {
          events_.insert(events_.end(), record, record + event.size);
        });
    if (!reader) return Fail(Result::kFailed, reader.failure().message);
    for (uint32_t i = 0; i < options_.packets && report_.result == Result::kSame; ++i) {
      if (choices_.Chance(2)) SetParameter();
      if (choices_.Chance(2)) Swap();
      One(*reader);
      if (choices_.Below(options_.packets) < 2) CompareState();
    }
    if (report_.result == Result::kSame) CompareState();
  }

 private:
  void Fail(Result result, const std::string& what) {
    if (report_.result != Result::kSame) return;
    report_.result = result;
    report_.details = what;
  }
  void Differ(const std::string& what, const std::string& expected, const std::string& got) {
    Fail(Result::kDifferent,
         fmt::format("{} differs after packet {}\n  interpreted: {}\n  kernel:      {}\n{}", what,
                     report_.packets, expected, got, Story()));
  }
  // What the last packet was.
  std::string Story() const {
    const interpret::World& world = const_cast<interpret::Machine&>(machine_).world();
    std::string text = fmt::format("  block {}, now {}, random {}, cpu {}",
                                   program_.hooks[block_].name, world.now, world.random, world.cpu);
    for (const auto& [word, value] : world.words) text += fmt::format(", {} {}", word, value);
    return text + "\n  packet: " + Hex(sent_);
  }

  void SetWorld() {
    interpret::World& world = machine_.world();
    world.now += choices_.Chance(90) ? choices_.Draw() % 2'000'000'000 : choices_.Number(45);
    world.random = static_cast<uint32_t>(choices_.Number(32));
    world.cpu = choices_.Below(4);
    const uint64_t values[] = {world.now, world.random, world.cpu};
    if (world_.size() >= sizeof values) std::memcpy(world_.data(), values, sizeof values);
  }

  // What doesn't fit into a page is handed over in fragments, even to a program that
  // takes none and would never be attached where they come (6.18 net/bpf/test_run.c:
  // bpf_prog_test_run_xdp).
  static constexpr uint32_t kPage = 4096;
  static constexpr uint32_t kLinear = kPage - 256 - 320;  // less headroom and tailroom
  uint32_t MostBytes(uint32_t block) const {
    const sema::HookBlock& hook = program_.hooks[block];
    uint32_t most = hook.hook->test_run.most_bytes;
    if (!hook.hook->packet.direct_write || hook.hook->prog_type != hooks::ProgType::kXdp)
      return most;
    bool frags = std::ranges::any_of(hook.attributes, [](const auto& attribute) {
      return attribute.name == "frags" && attribute.value == "yes";
    });
    return frags ? most : std::min(most, kLinear);
  }

  // Of a frame in fragments the last one has a page (net/core/filter.c:
  // bpf_xdp_frags_increase_tail).
  static uint32_t RoomBehind(size_t bytes) {
    if (bytes <= kLinear) return kLinear;
    return kLinear + (static_cast<uint32_t>(bytes) - kLinear + kPage - 1) / kPage * kPage;
  }

  void One(runtime::EventReader& reader) {
    block_ = choices_.Below(static_cast<uint32_t>(program_.hooks.size()));
    const hooks::Hook& hook = *program_.hooks[block_].hook;
    bool sees_packet = hook.packet.start != hooks::PacketStart::kNone;
    sent_.clear();
    if (sees_packet) sent_ = packets_.Make(hook.test_run.least_bytes, MostBytes(block_));
    contexts_[block_].Make(sent_, choices_);
    SetWorld();
    machine_.world().room_behind = RoomBehind(sent_.size());
    machine_.world().words = contexts_[block_].words();
    machine_.world().addresses = contexts_[block_].addresses();
    machine_.world().socket = contexts_[block_].socket();
    events_.clear();
    runtime::ProgramRun run;
    bool wire = MayTakeTheWire(hook);
    if (!wire || !choices_.Chance(4)) {
      run = runner_.Run(info_.programs[block_], sent_, contexts_[block_].bytes());
      wire = wire && run.error == EINVAL && choices_.Chance(25);
    }
    if (wire && !SendOnWire(run)) return;
    if (run.error != 0) {
      // Shorter than its headers, or too long.
      if (run.error == EINVAL && sees_packet) return void(++report_.not_taken);
      return Fail(Result::kFailed,
                  fmt::format("test run: {}\n{}", std::strerror(run.error), Story()));
    }
    reader.Read();
    ++report_.packets;
    report_.by_wire += wire;
    machine_.world().from_device = wire && hook.name.ends_with("ingress");
    const interpret::Outcome& outcome = machine_.Run(block_, sent_);
    if (!machine_.undetermined().empty())
      return Fail(Result::kUndetermined, machine_.undetermined());
    if (!outcome.not_interpretable.empty()) return Fail(Result::kFailed, outcome.not_interpretable);
    if (outcome.verdict && outcome.verdict->code != run.code) {
      return Differ("the verdict",
                    fmt::format("{} ({})", outcome.verdict->word, outcome.verdict->code),
                    std::to_string(run.code));
    }
    // A test run gives no link header back where the program sees none.
    size_t hidden = hook.packet.start == hooks::PacketStart::kFrame ? 0 : 14;
    auto seen = [&](std::span<const uint8_t> bytes) {
      return bytes.subspan(std::min(hidden, bytes.size()));
    };
    bool shown = sees_packet && (!wire || received_);
    Bytes expected(outcome.packet.begin(), outcome.packet.end());
    if (wire && outcome.tag != 0) PutTag(outcome.tag, expected);
    if (shown && !std::ranges::equal(seen(expected), seen(run.packet)))
      return Differ("the packet", Hex(expected), Hex(run.packet));
    if (outcome.events != events_) Differ("an event", Hex(outcome.events), Hex(events_));
  }

  // Behind the addresses, as a wire has it.
  static void PutTag(uint32_t tag, Bytes& packet) {
    constexpr uint32_t kAddresses = 12;
    uint8_t bytes[4];
    for (uint32_t i = 0; i < 4; ++i) bytes[i] = static_cast<uint8_t>(tag >> (24 - 8 * i));
    packet.insert(packet.begin() + kAddresses, std::begin(bytes), std::end(bytes));
  }

  // A hook's words have other values on a wire.
  bool MayTakeTheWire(const hooks::Hook& hook) const {
    // In one piece (6.18 net/packet/af_packet.c: packet_alloc_skb): of others only the first 512
    // bytes are read for headers.
    constexpr size_t kInOnePiece = 3500;
    return wire_ && StandsAtDevice(hook) && contexts_[block_].words().empty() &&
           sent_.size() <= kInOnePiece;
  }

  // Whether it came to the program.
  bool SendOnWire(runtime::ProgramRun& run) {
    auto sent = wire_->Send(block_, sent_);
    if (!sent) {
      Fail(Result::kFailed, sent.failure().message);
      return false;
    }
    if (!*sent) {
      ++report_.not_taken;
      return false;
    }
    received_ = std::move((*sent)->packet);
    run = {};
    run.code = static_cast<int32_t>((*sent)->code);
    if (received_) run.packet = *received_;
    return true;
  }

  void SetParameter() {
    if (info_.parameters.empty()) return;
    const object::Parameter& parameter = choices_.Of(info_.parameters);
    if (parameter.symbol.empty()) return;
    Bytes value = parameter.initial;
    FillValue(choices_, parameter.type, value.data());
    if (loaded_.SetParameter(parameter, value)) return;
    for (uint32_t i = 0; i < program_.params.size(); ++i) {
      if (program_.params[i].name == parameter.name) machine_.SetParameter(sema::ParamId{i}, value);
    }
  }

  // Members of rings get other weights.
  void Weigh() {
    for (uint32_t i = 0; i < program_.states.size(); ++i) {
      const object::State& stored = info_.states[i];
      if (stored.kind != "ring" || stored.map.empty() || choices_.Chance(60)) continue;
      auto map = loaded_.OpenState(stored);
      if (!map) continue;
      for (object::Entry& entry : machine_.Entries(sema::StateId{i})) {
        FillValue(choices_, *stored.value, entry.value.data());
        machine_.Put(sema::StateId{i}, entry.key, entry.value);
        if (auto failure = map->Put({entry})) Fail(Result::kFailed, failure->message);
      }
    }
  }

  // All entries of a swappable state are replaced: some go, others get another value.
  void Swap() {
    Weigh();
    for (uint32_t i = 0; i < program_.states.size(); ++i) {
      const object::State& stored = info_.states[i];
      if (!program_.states[i].swappable || stored.map.empty() || choices_.Chance(40)) continue;
      auto map = loaded_.OpenState(stored);
      if (!map) continue;
      sema::StateId state{i};
      std::vector<object::Entry> kept;
      for (object::Entry& entry : machine_.Entries(state)) {
        machine_.Remove(state, entry.key);
        if (choices_.Chance(20)) continue;
        if (stored.value && choices_.Chance(60))
          FillValue(choices_, *stored.value, entry.value.data());
        kept.push_back(std::move(entry));
      }
      for (const object::Entry& entry : kept) machine_.Put(state, entry.key, entry.value);
      if (auto failure = map->Replace(kept)) Fail(Result::kFailed, failure->message);
    }
  }

  void CompareState() {
    for (uint32_t i = 0; i < program_.states.size(); ++i) CompareEntries(i);
    runtime::Counters counters = runtime::ReadCounters(loaded_);
    std::map<std::string, uint64_t> expected, got;
    for (const interpret::Fault& fault : machine_.faults()) {
      if (fault.count > 0) expected[fault.name] = fault.count;
    }
    for (size_t i = 0; i < counters.faults.size(); ++i) {
      if (counters.faults[i] > 0) got[info_.faults[i]] += counters.faults[i];
    }
    auto text = [](const std::map<std::string, uint64_t>& faults) {
      std::string list;
      for (const auto& [name, count] : faults) list += fmt::format("{} {}; ", name, count);
      return list;
    };
    if (expected != got) Differ("the count of faults", text(expected), text(got));
    if (counters.all_lost() > 0) Fail(Result::kFailed, "events were lost");
    for (size_t i = 0; counts_rules_ && i < counters.rules.size() && i < machine_.rules().size();
         ++i) {
      if (counters.rules[i] == machine_.rules()[i]) continue;
      Differ(fmt::format("the count of rule {}", i), std::to_string(machine_.rules()[i]),
             std::to_string(counters.rules[i]));
    }
  }

  void CompareEntries(uint32_t index) {
    const sema::State& state = program_.states[index];
    const object::State& stored = info_.states[index];
    if (sema::IsSlots(state.kind) || stored.map.empty()) return;
    auto map = loaded_.OpenState(stored);
    if (!map) return;  // one that no program uses is not made
    map->SetNow(machine_.world().now);
    bool queue = state.kind == sema::StateKind::kQueue || state.kind == sema::StateKind::kStack;
    if (queue) return CompareQueue(index, *map);
    auto listed = map->List();
    if (!listed) return Fail(Result::kFailed, listed.failure().message);
    bool with_value = stored.value.has_value();
    bool fixed = !state.key || state.kind == sema::StateKind::kArray;
    auto canonical = [&](std::vector<object::Entry> entries) {
      std::vector<std::pair<Bytes, Bytes>> sorted;
      for (object::Entry& entry : entries) {
        bool zero = std::ranges::all_of(entry.value, [](uint8_t byte) { return byte == 0; });
        if (fixed && zero) continue;
        sorted.emplace_back(std::move(entry.key), with_value ? std::move(entry.value) : Bytes());
      }
      std::ranges::sort(sorted);
      return sorted;
    };
    auto expected = canonical(machine_.Entries(sema::StateId{index})),
         got = canonical(std::move(*listed));
    if (expected == got) return;
    auto text = [](const auto& entries, const auto& others) {
      std::string list;
      for (const auto& entry : entries) {
        if (std::ranges::find(others, entry) != others.end()) continue;
        list += fmt::format("[{}] {}; ", Hex(entry.first), Hex(entry.second));
      }
      return list.empty() ? std::string("(nothing more)") : list;
    };
    Differ("state " + state.name, text(expected, got), text(got, expected));
  }

  // In the order in which it gives them; a queue can only be looked at by taking all out.
  void CompareQueue(uint32_t index, const runtime::StateMap& map) {
    const sema::State& state = program_.states[index];
    std::vector<object::Entry> got;
    while (got.size() <= state.capacity) {
      auto next = map.Pop();
      if (!next) return Fail(Result::kFailed, next.failure().message);
      if (!*next) break;
      got.push_back({{}, std::move(**next)});
    }
    auto text = [](const std::vector<object::Entry>& entries) {
      std::string list;
      for (const object::Entry& entry : entries) list += Hex(entry.value) + "; ";
      return list;
    };
    std::string expected = text(machine_.Entries(sema::StateId{index})), found = text(got);
    if (expected != found) return Differ("state " + state.name, expected, found);
    if (state.kind == sema::StateKind::kStack) std::ranges::reverse(got);
    if (auto failure = map.Put(got)) Fail(Result::kFailed, failure->message);
  }

  const sema::Program& program_;
  const object::ObjectInfo& info_;
  runtime::Loaded& loaded_;
  bool counts_rules_;
  const CaseOptions& options_;
  CaseReport& report_;
  Choices choices_;
  interpret::Machine machine_;
  runtime::ProgramRunner runner_;
  PacketMaker packets_;
  std::vector<ContextMaker> contexts_;
  std::span<uint8_t> world_;
  std::optional<Wire> wire_;       // if the pipeline takes it
  std::optional<Bytes> received_;  // what came out of it last
  uint32_t block_ = 0;
  Bytes sent_;
  std::vector<uint8_t> events_;
};

std::string ErrorsOf(const diag::Diagnostics& diagnostics, const SourceSet& sources) {
  std::string text;
  for (const auto& diagnostic : diagnostics.Sorted()) {
    if (diagnostic.severity == diag::Severity::kError)
      text += diag::RenderText(diagnostic, sources, {});
  }
  return text;
}

}  // namespace

const char* NameOf(Result result) {
  constexpr const char* kNames[] = {"same",         "too large",
                                    "undetermined", "refused by the checker",
                                    "not compiled", "rejected by the verifier",
                                    "different",    "failed"};
  return kNames[static_cast<size_t>(result)];
}

CaseReport RunCase(const std::string& source, const CaseOptions& options) {
  CaseReport report;
  driver::Options driver_options;
  driver_options.path = "generated.np";
  driver_options.text = source;
  std::optional<driver::Checked> checked;
  {
    Clock clock(report.microseconds[0]);
    checked.emplace(driver::Check(driver_options));
  }
  if (checked->ok() && TakesWire(options)) {
    driver_options.text = source + WireTests(*checked->program);
    checked.emplace(driver::Check(driver_options));
  }
  if (!checked->ok()) {
    report.result = Result::kRefused;
    report.details = ErrorsOf(checked->diagnostics, checked->sources);
    return report;
  }
  report.coverage = CoverageOf(*checked->program);
  if (checked->program->hooks.empty()) return report;  // shrunk to nothing
  driver::Compiled compiled;
  {
    Clock clock(report.microseconds[1]);
    compiled = driver::Compile(*checked);
  }
  if (!compiled.ok) {
    report.result = compiled.too_large ? Result::kTooLarge : Result::kNotCompiled;
    report.details = compiled.failure;
    return report;
  }
  auto file = runtime::ReadObject(std::move(compiled.object));
  if (!file) {
    report.result = Result::kFailed;
    report.details = file.failure().message;
    return report;
  }
  runtime::LoadOptions load;
  load.test = true;
  load.count_rules = options.seed % 2 == 0 && !file->info.count_rules_flag.empty();
  std::optional<runtime::Result<runtime::Loaded>> loaded;
  {
    Clock clock(report.microseconds[2]);
    loaded.emplace(runtime::Load(*file, load));
  }
  if (!*loaded) {
    const runtime::Failure& failure = loaded->failure();
    report.result = failure.exit == runtime::Exit::kRefused ? Result::kRejected : Result::kFailed;
    report.details = failure.message;
    for (const std::string& detail : failure.details) report.details += "\n  " + detail;
    size_t tail = failure.log.size() > 3000 ? failure.log.size() - 3000 : 0;
    report.details += "\n" + failure.log.substr(tail);
    return report;
  }
  {
    Clock clock(report.microseconds[3]);
    runtime::OnFirstProcessor first;  // whose copies of states `per cpu` are compared
    auto comparison = std::make_unique<Comparison>(*checked, source, *file, **loaded,
                                                   load.count_rules, options, report);
    comparison->Run();
  }
  return report;
}

}  // namespace netc::differential
