#include "compiler/interpret/test_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "compiler/interpret/describe.h"
#include "compiler/interpret/interpret.h"
#include "compiler/object/host_order.h"

namespace netc::interpret {

using object::Bytes;

namespace {

using Words = std::vector<std::pair<std::string, uint64_t>>;

// What the hook's words say of a test's packet, where it isn't 0: it comes from `lo`,
// whose address is all zeros (section 15).
Words WordsOf(const hooks::Hook& hook, const Bytes& packet) {
  constexpr uint64_t kGroup = 2, kOtherHost = 3;   // include/uapi/linux/if_packet.h
  constexpr uint64_t kFamily4 = 2, kFamily6 = 10;  // AF_INET, AF_INET6
  if (!hook.FindField("packet.ifindex")) return {{"packet.ingress_ifindex", 1}};
  Words words = {{"packet.ifindex", 1}};
  if (packet.size() < 14) return words;
  bool to_all_zeros =
      std::all_of(packet.begin(), packet.begin() + 6, [](uint8_t b) { return b == 0; });
  uint64_t type = (packet[0] & 1) != 0 ? kGroup : to_all_zeros ? 0 : kOtherHost;
  words.emplace_back("packet.type", type);
  if (packet[12] == 0x08 && packet[13] == 0x00) words.emplace_back("sk.family", kFamily4);
  if (packet[12] == 0x86 && packet[13] == 0xdd) words.emplace_back("sk.family", kFamily6);
  return words;
}

class TestRun {
 public:
  TestRun(const SourceSet& sources, const sema::Program& program, const object::TestPlan& plan)
      : program_(program),
        plan_(plan),
        block_(DescribeBlock(sources, program.hooks[plan.program])),
        machine_(program) {
    for (uint32_t i = 0; i < program.events.size(); ++i) {
      kinds_.push_back(DescribeEvent(program, sema::EventId{i}));
    }
  }

  object::TestOutcome Run() {
    const hooks::Hook& hook = *program_.hooks[plan_.program].hook;
    if (!hook.test_run.supported || hook.test_run.least_bytes == 0) {
      Skip(fmt::format("{} programs take no packet that a test could send", hook.name));
      return std::move(outcome_);
    }
    for (const object::Step& step : plan_.steps) {
      step_ = &step;
      std::visit([this](const auto& what) { Do(what); }, step.what);
      if (outcome_.result == object::TestResult::kSkipped) return std::move(outcome_);
    }
    if (!outcome_.problems.empty()) outcome_.result = object::TestResult::kFailed;
    return std::move(outcome_);
  }

 private:
  void Skip(std::string reason) {
    outcome_ = {object::TestResult::kSkipped, {}, std::move(reason)};
  }
  void Fail(std::string message, std::vector<std::string> details = {}) {
    outcome_.problems.push_back(
        {step_->place, step_->text, std::move(message), std::move(details)});
  }
  void Check(std::optional<object::Mismatch> mismatch) {
    if (mismatch) Fail(std::move(mismatch->message), std::move(mismatch->details));
  }

  void Do(const object::ChangeState& step) {
    sema::StateId state{step.state};
    if (step.remove) {
      machine_.Remove(state, step.key);
    } else if (!machine_.Put(state, step.key, step.value)) {
      Fail(fmt::format("`{}` has no room for this", program_.states[step.state].name));
    }
  }
  void Do(const object::SetWorld& step) {
    World& world = machine_.world();
    switch (step.what) {
      case object::SetWorld::What::kNow:
        world.now = step.value;
        break;
      case object::SetWorld::What::kRandom:
        world.random = static_cast<uint32_t>(step.value);
        break;
      case object::SetWorld::What::kCpu:
        world.cpu = static_cast<uint32_t>(step.value);
        break;
    }
  }
  void Do(const object::SetParameter& step) {
    machine_.SetParameter(sema::ParamId{step.parameter}, step.value);
  }
  template <typename Other>
  void Do(const Other&) {
    Skip("the interpreter doesn't know this step yet");
  }
  void Do(const object::AddRoute&) { Skip("routes are the kernel's"); }
  void Do(const object::AddListener&) { Skip("listeners are the kernel's"); }
  void Do(const object::Send& step) {
    machine_.world().words = WordsOf(*program_.hooks[plan_.program].hook, step.packet);
    for (uint32_t i = 0; i < step.times && outcome_.result == object::TestResult::kPassed; ++i) {
      last_ = machine_.Run(plan_.program, step.packet);
      if (!last_.not_interpretable.empty()) return Skip(last_.not_interpretable);
      if (!machine_.undetermined().empty()) return Skip(machine_.undetermined());
      for (Bytes& record : last_.EventRecords()) events_.push_back(std::move(record));
    }
    packet_.assign(last_.packet.begin(), last_.packet.end());
  }

  std::vector<std::string> WhoDecided() const {
    for (const object::Rule& rule : block_.rules) {
      if (last_.rule == rule.index && !rule.verdict.empty()) {
        return {object::Decided(rule.place, rule.text)};
      }
    }
    if (!last_.fault.empty()) return {"counted: " + last_.fault};
    bool has_rules = std::any_of(program_.hooks.begin(), program_.hooks.end(),
                                 [](const auto& hook) { return !hook.rules.empty(); });
    if (!has_rules) return {};
    return {object::NoRuleDecided()};
  }

  void Do(const object::ExpectVerdict& step) {
    int64_t code = last_.verdict ? last_.verdict->code : 0;
    if (std::find(step.codes.begin(), step.codes.end(), code) != step.codes.end()) return;
    Fail(fmt::format("expected `{}`, got {}", step.word, object::VerdictWord(block_, code)),
         WhoDecided());
  }
  void Do(const object::ExpectPacket& step) { Check(object::Compare(step, packet_)); }
  void Do(const object::ExpectState& step) {
    const sema::State& state = program_.states[step.state];
    Check(object::Compare(step, DescribeState(program_, state),
                          machine_.Get(sema::StateId{step.state}, step.key)));
  }
  void Do(const object::ExpectQueue& step) {
    sema::StateId state{step.state};
    Check(object::Compare(step, DescribeState(program_, program_.states[step.state]),
                          machine_.Next(state, !step.peek)));
  }
  const object::Event* KindOf(const Bytes& record) const {
    return &kinds_[object::LoadUnsigned(record.data(), 4)];
  }
  void Do(const object::ExpectEvent& step) {
    const object::Event& event = kinds_[step.event];
    if (events_.empty()) return Check(object::Compare(step, event, nullptr, nullptr));
    Bytes record = std::move(events_.front());
    events_.pop_front();
    Check(object::Compare(step, event, KindOf(record), record.data()));
  }
  void Do(const object::ExpectNoEvent& step) {
    if (events_.empty()) return;
    Check(object::Compare(step, KindOf(events_.front()), events_.front().data()));
  }
  void Do(const object::ExpectFault& step) {
    std::vector<std::pair<std::string, uint64_t>> counts;
    for (const std::string& name : FaultNames(program_)) {
      counts.emplace_back(name, 0);
      for (const Fault& fault : machine_.faults()) {
        if (fault.name == name) counts.back().second = fault.count;
      }
    }
    Check(object::Compare(step, counts));
  }

  const sema::Program& program_;
  const object::TestPlan& plan_;
  object::Program block_;
  std::vector<object::Event> kinds_;
  Machine machine_;
  Outcome last_;
  Bytes packet_;
  std::deque<Bytes> events_;
  const object::Step* step_ = nullptr;
  object::TestOutcome outcome_;
};

}  // namespace

object::TestOutcome RunTest(const SourceSet& sources, const sema::Program& program,
                            const object::TestPlan& plan) {
  return TestRun(sources, program, plan).Run();
}

}  // namespace netc::interpret
