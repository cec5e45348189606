#include "runtime/test_run.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <optional>

#include "compiler/hooks/hooks.h"
#include "compiler/object/host_order.h"
#include "compiler/object/value.h"
#include "runtime/counters.h"
#include "runtime/events.h"
#include "runtime/first_processor.h"
#include "runtime/libbpf_options.h"
#include "runtime/permission.h"
#include "runtime/scratch_net.h"
#include "runtime/test_device.h"

namespace netc::runtime {

using object::Bytes;
using object::TestOutcome;
using object::TestResult;

namespace {

// Returned by test-run where a program type has none (include/linux/errno.h); not
// in user space's errno.h.
constexpr int kNotSupported = 524;
// Room that encapsulation may need beyond the packet that was sent.
constexpr size_t kGrowth = 4096;
constexpr const char* kWorldSection = ".data.test";

class Execution {
 public:
  Execution(Loaded& loaded, const object::TestPlan& plan)
      : loaded_(loaded),
        info_(loaded.info()),
        plan_(plan),
        program_(info_.programs[plan.program]) {}

  Result<TestOutcome> Run();

 private:
  struct Seen {
    const object::Event* event;
    Bytes record;
  };

  void Do(const object::ChangeState& step);
  void Do(const object::SetWorld& step);
  void Do(const object::SetParameter& step);
  void Do(const object::AddRoute& step) { AddToWorld(step); }
  void Do(const object::AddListener& step) { AddToWorld(step); }
  void Do(const object::Send& step);
  void Do(const object::ExpectVerdict& step);
  void Do(const object::ExpectPacket& step);
  void Do(const object::ExpectState& step);
  void Do(const object::ExpectQueue& step);
  void Do(const object::ExpectEvent& step);
  void Do(const object::ExpectNoEvent& step);
  void Do(const object::ExpectFault& step);

  template <typename Thing>
  void AddToWorld(const Thing& thing) {
    if (auto failure = EnterWorld()) return Fail(*failure);
    if (auto failure = net_->Add(thing)) Fail(*failure);
  }
  Status EnterWorld() {
    if (net_) return std::nullopt;
    auto entered = ScratchNet::Enter();
    if (!entered) return entered.failure();
    net_.emplace(std::move(*entered));
    return RouteThroughStates();
  }

  // States of interfaces hold the one that the routes leave by in place of `lo`.
  Status RouteThroughStates() {
    for (const object::State& state : info_.states) {
      if (state.kind != "interfaces" || state.initial.empty()) continue;
      object::Entry entry;
      entry.key.resize(state.key->size);
      auto name = [&](std::string_view text) {
        std::copy(text.begin(), text.end(), entry.key.begin());
      };
      auto maps = loaded_.OpenMaps(state);
      if (!maps) return maps.failure();
      for (const StateMap& map : *maps) {
        name("lo");
        if (auto removed = map.Remove(entry.key); !removed) return removed.failure();
        name(ScratchNet::kDevice);
        if (auto failure = map.Put({entry})) return failure;
        entry.key.assign(entry.key.size(), 0);
      }
    }
    return std::nullopt;
  }

  // Copies leave in the test's own namespace: slots hold its `lo`.
  Status KeepCopies() {
    if (auto failure = EnterWorld()) return failure;
    for (const object::State& state : info_.states) {
      if (state.kind != "devices" || state.initial.empty()) continue;
      auto maps = loaded_.OpenMaps(state);
      if (!maps) return maps.failure();
      for (object::Entry entry : state.initial) {
        entry.value.assign(state.value->size, 0);
        std::copy_n("lo", 2, entry.value.begin());
        for (const StateMap& map : *maps) {
          if (auto failure = map.Put({entry})) return failure;
        }
      }
    }
    return std::nullopt;
  }

  Result<StateMap> Open(uint32_t state) const {
    auto map = loaded_.OpenState(info_.states[state]);
    if (map) map->SetNow(now_);
    return map;
  }
  void SendOnce(const Bytes& packet);
  void KeepLinkHeader(const Bytes& sent);
  bool CanUseDevice() const;
  void SendOnDevice(const Bytes& packet);
  void Fail(std::string message, std::vector<std::string> details = {});
  void Fail(const Failure& failure) { Fail(failure.message, failure.details); }
  void Check(std::optional<object::Mismatch> mismatch) {
    if (mismatch) Fail(std::move(mismatch->message), std::move(mismatch->details));
  }
  std::vector<std::string> WhoDecided() const;

  Loaded& loaded_;
  const object::ObjectInfo& info_;
  const object::TestPlan& plan_;
  const object::Program& program_;
  EventReader reader_;
  std::deque<Seen> events_;
  const object::Step* step_ = nullptr;
  std::optional<ScratchNet> net_;     // once a step needs one
  std::optional<TestDevice> device_;  // in it
  Counters before_;                   // the last packet
  uint64_t now_ = 0;
  int64_t code_ = 0;
  Bytes packet_;
  TestOutcome outcome_;
};

void Execution::Fail(std::string message, std::vector<std::string> details) {
  outcome_.problems.push_back({step_->place, step_->text, std::move(message), std::move(details)});
}

void Execution::Do(const object::ChangeState& step) {
  auto map = Open(step.state);
  if (!map) return Fail(map.failure());
  if (!step.remove) {
    if (auto failure = map->Put({{step.key, step.value}})) Fail(*failure);
    return;
  }
  if (auto removed = map->Remove(step.key); !removed) Fail(removed.failure());
}

// A program that reads no time and no chance has no world, and none is missed.
void Execution::Do(const object::SetWorld& step) {
  if (step.what == object::SetWorld::What::kNow) now_ = step.value;
  auto world = loaded_.Variable(kWorldSection, info_.test_world);
  size_t offset = static_cast<size_t>(step.what) * sizeof(uint64_t);
  if (info_.test_world.empty() || world.size() < offset + sizeof(uint64_t)) return;
  std::memcpy(world.data() + offset, &step.value, sizeof step.value);
}

void Execution::Do(const object::SetParameter& step) {
  const object::Parameter& parameter = info_.parameters[step.parameter];
  if (auto failure = loaded_.SetParameter(parameter, step.value)) Fail(*failure);
}

void Execution::Do(const object::Send& step) {
  for (uint32_t i = 0; i < step.times && outcome_.result == TestResult::kPassed; ++i) {
    SendOnce(step.packet);
  }
}

void Execution::SendOnce(const Bytes& packet) {
  const hooks::Hook* hook = hooks::FindHook(program_.hook);
  if (hook && (!hook->test_run.supported || hook->test_run.least_bytes == 0)) {
    outcome_.result = TestResult::kSkipped;
    outcome_.reason =
        fmt::format("the kernel can't run {} programs on a test's packets", hook->name);
    return;
  }
  if (program_.sends_copies && !net_) {
    if (auto failure = KeepCopies()) return Fail(*failure);
  }
  before_ = ReadCounters(loaded_);
  packet_.assign(packet.size() + kGrowth, 0);
  auto run = Options<bpf_test_run_opts>();
  run.data_in = packet.data();
  run.data_size_in = static_cast<uint32_t>(packet.size());
  run.data_out = packet_.data();
  run.data_size_out = static_cast<uint32_t>(packet_.size());
  run.repeat = 1;
  if (bpf_prog_test_run_opts(bpf_program__fd(loaded_.FindProgram(program_)), &run) != 0) {
    int error = errno;
    packet_.clear();
    if (error == kNotSupported || error == EOPNOTSUPP) {
      outcome_.result = TestResult::kSkipped;
      outcome_.reason = fmt::format("this kernel cannot test-run {} programs", program_.hook);
      return;
    }
    if (error == EINVAL && CanUseDevice()) return SendOnDevice(packet);
    return Fail(fmt::format("the kernel does not take this packet of {} bytes: {}", packet.size(),
                            std::strerror(error)));
  }
  packet_.resize(std::min<size_t>(run.data_size_out, packet_.size()));
  KeepLinkHeader(packet);
  // Codes are of type int in every hook; -1 is tc's `pass`.
  code_ = static_cast<int32_t>(run.retval);
  reader_.Read();
}

// A link header that the program doesn't see comes back as zeros.
void Execution::KeepLinkHeader(const Bytes& sent) {
  constexpr size_t kLinkHeader = 14;
  const hooks::Hook* hook = hooks::FindHook(program_.hook);
  if (hook == nullptr || hook->packet.start != hooks::PacketStart::kNetwork) return;
  std::copy_n(sent.begin(), std::min({kLinkHeader, sent.size(), packet_.size()}), packet_.begin());
}

// Which programs tell their verdict is the compiler's to know: netc_world is larger
// where one does.
bool Execution::CanUseDevice() const {
  auto world = loaded_.Variable(kWorldSection, info_.test_world);
  return program_.hook.starts_with("tc.") && world.size() >= 5 * sizeof(uint64_t);
}

void Execution::SendOnDevice(const Bytes& packet) {
  packet_.clear();
  if (auto failure = EnterWorld()) return Fail(*failure);
  if (!device_) {
    auto attached = TestDevice::Attach(loaded_, program_);
    if (!attached) return Fail(attached.failure());
    device_.emplace(std::move(*attached));
  }
  auto outcome = device_->Send(packet);
  if (!outcome) return Fail(outcome.failure());
  code_ = outcome->code;
  if (outcome->packet) packet_ = std::move(*outcome->packet);
  reader_.Read();
}

std::vector<std::string> Execution::WhoDecided() const {
  Counters now = ReadCounters(loaded_);
  for (const object::Rule& rule : program_.rules) {
    bool counted = rule.index < now.rules.size() && rule.index < before_.rules.size();
    if (!counted || rule.verdict.empty()) continue;
    if (now.rules[rule.index] == before_.rules[rule.index]) continue;
    return {object::Decided(rule.place, rule.text)};
  }
  for (size_t i = 0; i < now.faults.size() && i < before_.faults.size(); ++i) {
    if (now.faults[i] != before_.faults[i]) return {fmt::format("counted: {}", info_.faults[i])};
  }
  if (now.rules.empty()) return {};
  return {object::NoRuleDecided()};
}

void Execution::Do(const object::ExpectVerdict& step) {
  if (std::find(step.codes.begin(), step.codes.end(), code_) != step.codes.end()) return;
  Fail(fmt::format("expected `{}`, got {}", step.word, object::VerdictWord(program_, code_)),
       WhoDecided());
}

void Execution::Do(const object::ExpectPacket& step) {
  Check(object::Compare(step, packet_));
}

void Execution::Do(const object::ExpectState& step) {
  const object::State& state = info_.states[step.state];
  auto map = Open(step.state);
  if (!map) return Fail(map.failure());
  auto found = map->Get(step.key);
  if (!found) return Fail(found.failure());
  Check(object::Compare(step, state, *found));
}

void Execution::Do(const object::ExpectQueue& step) {
  const object::State& state = info_.states[step.state];
  auto map = Open(step.state);
  if (!map) return Fail(map.failure());
  auto next = step.peek ? map->Get({}) : map->Pop();
  if (!next) return Fail(next.failure());
  Check(object::Compare(step, state, *next));
}

void Execution::Do(const object::ExpectEvent& step) {
  const object::Event& event = info_.events[step.event];
  if (events_.empty()) return Check(object::Compare(step, event, nullptr, nullptr));
  Seen seen = std::move(events_.front());
  events_.pop_front();
  Check(object::Compare(step, event, seen.event, seen.record.data()));
}

void Execution::Do(const object::ExpectNoEvent& step) {
  if (events_.empty()) return;
  Check(object::Compare(step, events_.front().event, events_.front().record.data()));
}

void Execution::Do(const object::ExpectFault& step) {
  std::vector<uint64_t> counts = ReadCounters(loaded_).faults;
  std::vector<std::pair<std::string, uint64_t>> faults;
  for (size_t i = 0; i < info_.faults.size(); ++i) {
    faults.emplace_back(info_.faults[i], i < counts.size() ? counts[i] : 0);
  }
  Check(object::Compare(step, faults));
}

Result<TestOutcome> Execution::Run() {
  auto reader =
      EventReader::Open(loaded_, [this](const object::Event& event, const uint8_t* record) {
        events_.push_back({&event, Bytes(record, record + event.size)});
      });
  if (!reader) return reader.failure();
  reader_ = std::move(*reader);
  for (const object::Step& step : plan_.steps) {
    step_ = &step;
    std::visit([this](const auto& what) { Do(what); }, step.what);
    if (outcome_.result == TestResult::kSkipped) return outcome_;
  }
  if (!outcome_.problems.empty()) outcome_.result = TestResult::kFailed;
  return outcome_;
}

// A plan comes from the same compiler as its object; a mistake between them must
// not become a read beyond an array.
struct Indices {
  const object::ObjectInfo& info;

  bool Key(uint32_t state, const Bytes& key) const {
    return state < info.states.size() &&
           key.size() == (info.states[state].key ? info.states[state].key->size : 0);
  }
  bool operator()(const object::ChangeState& step) const {
    return Key(step.state, step.key) &&
           (step.remove ||
            step.value.size() ==
                (info.states[step.state].value ? info.states[step.state].value->size : 0));
  }
  bool operator()(const object::ExpectState& step) const {
    if (!Key(step.state, step.key)) return false;
    const auto& type = info.states[step.state].value;
    if (step.element) {
      return type && type->form == object::Form::kArray && *step.element < type->count &&
             step.value && step.value->size() == type->element.front().size;
    }
    return !step.value || (type && step.value->size() == type->size);
  }
  bool operator()(const object::ExpectQueue& step) const {
    if (step.state >= info.states.size()) return false;
    const auto& type = info.states[step.state].value;
    return type && (!step.value || step.value->size() == type->size);
  }
  bool operator()(const object::SetParameter& step) const {
    return step.parameter < info.parameters.size() &&
           step.value.size() == info.parameters[step.parameter].type.size;
  }
  bool operator()(const object::ExpectEvent& step) const {
    if (step.event >= info.events.size()) return false;
    const auto& fields = info.events[step.event].fields;
    return std::all_of(step.fields.begin(), step.fields.end(), [&](const auto& field) {
      return field.first < fields.size() && field.second.size() == fields[field.first].type.size;
    });
  }
  template <typename Other>
  bool operator()(const Other&) const {
    return true;
  }
};

bool FitsObject(const object::ObjectInfo& info, const object::TestPlan& plan) {
  if (plan.program >= info.programs.size()) return false;
  return std::all_of(plan.steps.begin(), plan.steps.end(), [&](const object::Step& step) {
    return std::visit(Indices{info}, step.what);
  });
}

}  // namespace

Result<TestOutcome> RunTest(const ObjectFile& file, const object::TestPlan& plan,
                            bool taken_before) {
  if (!FitsObject(file.info, plan)) {
    return Failure{Exit::kPipeline,
                   fmt::format("test \"{}\" does not fit its object", plan.name),
                   {"this is a bug in netc"},
                   plan.place};
  }
  LoadOptions options;
  options.test = true;
  options.count_rules = !file.info.count_rules_flag.empty();
  if (taken_before) options.only = file.info.programs[plan.program].function;
  auto loaded = Load(file, options);
  if (!loaded) return loaded.failure();
  if (loaded->FindProgram(file.info.programs[plan.program]) == nullptr) {
    return Failure{Exit::kPipeline,
                   fmt::format("the object has no program for test \"{}\"", plan.name)};
  }
  OnFirstProcessor here;
  return Execution(*loaded, plan).Run();
}

}  // namespace netc::runtime
