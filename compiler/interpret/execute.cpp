// Statements: what each does, and where control goes behind it.
#include <algorithm>
#include <bit>
#include <cstring>

#include "compiler/interpret/arithmetic.h"
#include "compiler/interpret/describe.h"
#include "compiler/interpret/interpreter.h"

namespace netc::interpret {

using sema::TypeKind;

namespace {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

// Locals that are structs have memory of their own; the others that have memory are
// bound to entries later.
Interpreter::Frame Interpreter::Enter(const std::vector<sema::Local>& locals) {
  Frame frame;
  frame.declared = &locals;
  uint8_t* memory = arena_.Take(locals.size() * sizeof(Local));
  frame.locals = new (memory) Local[std::max<size_t>(locals.size(), 1)];
  for (size_t i = 0; i < locals.size(); ++i) {
    bool owns = IsInMemory(types(), locals[i].type) && !locals[i].in_place;
    if (owns) frame.locals[i].memory = arena_.Take(types().SizeOf(locals[i].type));
  }
  return frame;
}

void Interpreter::SetLocal(sema::LocalId id, const Value& value) {
  Local& local = frame_->locals[static_cast<size_t>(id)];
  if (local.memory && !local.entry) {
    Store(types(), (*frame_->declared)[static_cast<size_t>(id)].type, value, local.memory);
  } else {
    local = {value, nullptr, nullptr, 0};
  }
}

Interpreter::Flow Interpreter::Execute(const sema::Block& block) {
  for (const sema::Statement& statement : block) {
    Arena::Mark mark = arena_.mark();
    Flow flow = Execute(statement);
    arena_.Release(mark);
    if (flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

Interpreter::Flow Interpreter::Execute(const sema::Statement& statement) {
  return std::visit(
      Overloaded{
          [&](const sema::Let& n) {
            SetLocal(n.local, Evaluate(*n.value));
            return Flow::kNext;
          },
          [&](const sema::StateRemove& n) {
            store(n.state).Remove(KeyOf(n.state, n.key.get()));
            return Flow::kNext;
          },
          [&](const sema::Return& n) {
            if (!n.value) return Flow::kReturn;
            frame_->result = Evaluate(*n.value);
            if (frame_->result_memory) {
              Store(types(), n.value->type, frame_->result, frame_->result_memory);
            }
            return Flow::kReturn;
          },
          [&](const sema::Break&) { return Flow::kBreak; },
          [&](const sema::Continue&) { return Flow::kContinue; },
          [&](const sema::Evaluate& n) {
            Evaluate(*n.value);
            return Flow::kNext;
          },
          [&](const sema::AssignConnection&) -> Flow {
            throw NotInterpretable{"a connection's fields are the kernel's"};
          },
          [&](const auto& n) -> Flow {
            if constexpr (!requires { this->Execute(n); }) {
              throw NotInterpretable{"a statement that the interpreter doesn't know yet"};
              return Flow::kEnd;
            } else if constexpr (std::is_void_v<decltype(this->Execute(n))>) {
              this->Execute(n);
              return Flow::kNext;
            } else {
              return this->Execute(n);
            }
          },
      },
      statement.node);
}

void Interpreter::Execute(const sema::AssignLocal& node) {
  Local& local = frame_->locals[static_cast<size_t>(node.local)];
  if (!local.memory) {
    local.value = Evaluate(*node.value);
    return;
  }
  Part place = PlaceOf((*frame_->declared)[static_cast<size_t>(node.local)].type, node.path);
  Value value = Evaluate(*node.value);
  Store(types(), place.type, value, MemoryOf(local) + place.offset);
}

Interpreter::Flow Interpreter::Execute(const sema::If& node) {
  bool holds = Holds(*node.condition);
  Flow flow = Execute(holds ? node.then : node.otherwise);
  // A rule decided only if its verdict ended the hook.
  if (holds && node.rule && flow == Flow::kEnd) CountRule(*node.rule);
  return flow;
}

Interpreter::Flow Interpreter::Execute(const sema::IfLet& node) {
  Found found = EvaluateOptional(*node.optional);
  if (!found.there) return Execute(node.otherwise);
  Bind(node.local, found);
  return Execute(node.then);
}

Interpreter::Flow Interpreter::Execute(const sema::Match& node) {
  Value subject = Evaluate(*node.subject);
  for (const sema::Match::Arm& arm : node.arms) {
    bool matches = std::any_of(arm.patterns.begin(), arm.patterns.end(), [&](const auto& pattern) {
      return Contains(pattern, node.subject->type, subject);
    });
    if (matches) return Execute(arm.body);
  }
  return Execute(node.otherwise);
}

Interpreter::Flow Interpreter::Execute(const sema::For& node) {
  uint64_t first = Evaluate(*node.first).number, last = Evaluate(*node.last).number;
  for (uint64_t i = first; i < last; ++i) {
    SetLocal(node.local, Value::Of(i));
    Flow flow = Execute(node.body);
    if (flow == Flow::kBreak) break;
    if (flow == Flow::kReturn || flow == Flow::kEnd) return flow;
  }
  return Flow::kNext;
}

// Where the slot is empty, the next statement runs.
Interpreter::Flow Interpreter::Execute(const sema::Verdict& node) {
  std::optional<uint64_t> argument;
  for (const sema::ExprPtr& each : node.arguments) {
    uint64_t number = Evaluate(*each).number;
    if (!argument) argument = number;  // behind it: the next hop, which is the kernel's to know
  }
  if (node.target) {
    std::span<const uint8_t> slot =
        BytesOf(*StateOf(*node.target).key, Value::Of(argument.value_or(0)));
    if (!store(*node.target).Find(slot)) return Flow::kNext;
  }
  outcome_.verdict = node.verdict;
  outcome_.argument = argument;
  if (node.rule) CountRule(*node.rule);
  return Flow::kEnd;
}

Interpreter::Flow Interpreter::Execute(const sema::StateWrite& node) {
  StateStore& state = store(node.state);
  auto key = KeyOf(node.state, node.key.get());
  std::span<const uint8_t> value;
  if (node.value) value = BytesOf(*StateOf(node.state).value, Evaluate(*node.value));
  if (state.Write(key, value, world.processor)) return Flow::kNext;
  if (!node.otherwise.empty()) return Execute(node.otherwise);
  CountFault(FaultOf(StateOf(node.state)));
  return Flow::kNext;
}

// A place in an entry that is there; nothing is inserted.
Interpreter::Flow Interpreter::Execute(const sema::StateUpdate& node) {
  StateStore& state = store(node.state);
  auto key = KeyOf(node.state, node.key.get());
  uint64_t value = Evaluate(*node.value).number;
  StateStore::Cell cell = state.Find(key);
  if (!cell) {
    if (node.has_otherwise) return Execute(node.otherwise);
    CountFault(StateOf(node.state).name + " has no such entry");
    return Flow::kNext;
  }
  Part place = PlaceOf(*StateOf(node.state).value, node.path);
  uint8_t* memory = cell.value + state.OffsetOf(world.processor) + place.offset;
  uint64_t before = Load(types(), place.type, memory).number;
  Store(types(), place.type, Value::Of(Binary(types(), place.type, node.op, before, value)),
        memory);
  return Flow::kNext;
}

void Interpreter::Execute(const sema::HistogramRecord& node) {
  const sema::State& histogram = StateOf(node.state);
  StateStore& state = store(node.state);
  auto key = KeyOf(node.state, node.key.get());
  uint64_t value = Evaluate(*node.value).number;
  StateStore::Cell cell = state.FindOrMake(key);
  if (!cell) return CountFault(FaultOf(histogram));
  uint64_t bucket =
      histogram.step == 0 ? static_cast<uint64_t>(std::bit_width(value)) : value / histogram.step;
  bucket = std::min<uint64_t>(bucket, histogram.buckets - 1);
  uint8_t* memory = cell.value + state.OffsetOf(world.processor) + 8 * bucket;
  uint64_t count = 0;
  std::memcpy(&count, memory, sizeof count);
  ++count;
  std::memcpy(memory, &count, sizeof count);
}

void Interpreter::Execute(const sema::CounterAdd& node) {
  StateStore& state = store(node.state);
  auto key = KeyOf(node.state, node.key.get());
  uint64_t amount = Evaluate(*node.amount).number;
  StateStore::Cell cell = state.FindOrMake(key);
  if (!cell) return CountFault(FaultOf(StateOf(node.state)));
  uint8_t* memory = cell.value + state.OffsetOf(world.processor);
  uint64_t count = 0;
  std::memcpy(&count, memory, sizeof count);
  count += amount;
  std::memcpy(memory, &count, sizeof count);
}

void Interpreter::Execute(const sema::Emit& node) {
  const sema::Event& event = program_.events[static_cast<size_t>(node.event)];
  uint8_t* record = arena_.Take(event.size);
  auto number = static_cast<uint32_t>(node.event);
  std::memcpy(record, &number, 4);
  std::memcpy(record + 4, &event.size, 4);
  for (size_t i = 0; i < node.fields.size(); ++i) {
    Store(types(), event.fields[i].type, Evaluate(*node.fields[i]),
          record + event.fields[i].offset);
  }
  outcome_.events.insert(outcome_.events.end(), record, record + event.size);
}

void Interpreter::CountRule(uint32_t rule) {
  outcome_.rule = rule;
  if (rule >= rules.size()) rules.resize(rule + 1);
  ++rules[rule];
}

void Interpreter::CountFault(const std::string& name) {
  auto found = std::find_if(faults.begin(), faults.end(),
                            [&](const Fault& fault) { return fault.name == name; });
  if (found == faults.end()) found = faults.insert(faults.end(), Fault{name, 0});
  ++found->count;
  outcome_.fault = name;
}

}  // namespace netc::interpret
