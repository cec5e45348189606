#include <algorithm>
#include <cstring>

#include "compiler/interpret/describe.h"
#include "compiler/interpret/interpret.h"
#include "compiler/interpret/interpreter.h"
#include "compiler/sema/constant.h"

namespace netc::interpret {

using object::Bytes;

namespace {
constexpr uint32_t kLinkHeader = 14;
}

Interpreter::Interpreter(const sema::Program& program, uint32_t processors)
    : program_(program), protocols_(program) {
  for (const sema::State& state : program.states)
    stores_.emplace_back(program, state, world, processors);
  Reset();
}

void Interpreter::Reset() {
  for (StateStore& store : stores_) store.Reset();
  parameters_.clear();
  for (const sema::Param& param : program_.params) {
    parameters_.push_back(sema::ConstantBytes(program_.types, *param.value).value_or(Bytes{}));
  }
  size_t count = 0;
  for (const sema::HookBlock& block : program_.hooks) {
    count = std::max<size_t>(count, block.first_rule + block.rules.size());
  }
  rules.assign(count, 0);
  faults.clear();
  undetermined.clear();
}

const Outcome& Interpreter::On(uint32_t block, std::span<const uint8_t> packet) {
  block_ = &program_.hooks[block];
  bool hides_link = block_->hook->packet.start == hooks::PacketStart::kNetwork;
  packet_.Set(packet, hides_link ? kLinkHeader : 0);
  network_at_ = kLinkHeader;
  tag_beside_ = world.from_device && HasTag();
  in_tunnel_ = false;
  protocol_.reset();
  self_ = nullptr;
  assigned_.clear();
  arena_.Release({});
  outcome_.verdict = nullptr;
  outcome_.rule.reset();
  outcome_.fault.clear();
  outcome_.argument.reset();
  outcome_.events.clear();
  outcome_.not_interpretable.clear();
  WalkPacket();
  Frame frame = Enter(block_->locals);
  frame_ = &frame;
  try {
    if (Execute(block_->body) != Flow::kEnd) outcome_.verdict = block_->at_end;
  } catch (const CannotRead&) {
    CountFault(UnreadableIn(*block_));
    outcome_.verdict = block_->unreadable;
  } catch (const NotInterpretable& reason) {
    outcome_.verdict = nullptr;
    outcome_.not_interpretable = reason.why;
  }
  self_ = nullptr;
  frame_ = nullptr;
  outcome_.tag = TakeTagOut();
  outcome_.packet = packet_.whole();
  for (size_t i = 0; i < stores_.size() && undetermined.empty(); ++i) {
    if (stores_[i].gave_way())
      undetermined = "an entry of `" + program_.states[i].name + "` gave way";
  }
  return outcome_;
}

struct Machine::Parts {
  Interpreter run;
};

Machine::Machine(const sema::Program& program, uint32_t processors)
    : parts_(new Parts{Interpreter(program, processors)}) {}
Machine::~Machine() = default;
Machine::Machine(Machine&&) noexcept = default;
Machine& Machine::operator=(Machine&&) noexcept = default;

World& Machine::world() {
  return parts_->run.world;
}

const Outcome& Machine::Run(uint32_t block, std::span<const uint8_t> packet) {
  return parts_->run.On(block, packet);
}

void Machine::Reset() {
  parts_->run.Reset();
}

void Machine::SetParameter(sema::ParamId parameter, std::span<const uint8_t> value) {
  parts_->run.parameters()[static_cast<size_t>(parameter)].assign(value.begin(), value.end());
}

bool Machine::Put(sema::StateId state, std::span<const uint8_t> key,
                  std::span<const uint8_t> value) {
  return parts_->run.store(state).Put(key, value);
}

bool Machine::Remove(sema::StateId state, std::span<const uint8_t> key) {
  return parts_->run.store(state).RemoveKey(key);
}

std::optional<Bytes> Machine::Get(sema::StateId state, std::span<const uint8_t> key) const {
  return parts_->run.store(state).Get(key);
}

std::optional<Bytes> Machine::Next(sema::StateId state, bool take) {
  return parts_->run.store(state).Next(take);
}

std::vector<object::Entry> Machine::Entries(sema::StateId state) const {
  return parts_->run.store(state).Entries();
}

const std::vector<uint64_t>& Machine::rules() const {
  return parts_->run.rules;
}
const std::vector<Fault>& Machine::faults() const {
  return parts_->run.faults;
}
const std::string& Machine::undetermined() const {
  return parts_->run.undetermined;
}

std::vector<Bytes> Outcome::EventRecords() const {
  std::vector<Bytes> records;
  for (size_t at = 0; at + 8 <= events.size();) {
    uint32_t size = 0;
    std::memcpy(&size, events.data() + at + 4, sizeof size);
    records.emplace_back(events.begin() + static_cast<std::ptrdiff_t>(at),
                         events.begin() + static_cast<std::ptrdiff_t>(at + size));
    at += size;
  }
  return records;
}

}  // namespace netc::interpret
