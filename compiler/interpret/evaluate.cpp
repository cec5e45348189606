// Expressions: what each yields. Operands from left to right, each once.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "compiler/interpret/arithmetic.h"
#include "compiler/interpret/interpreter.h"
#include "compiler/interpret/limiter.h"

namespace netc::interpret {

using sema::Builtin;
using sema::Expr;
using sema::TypeId;
using sema::TypeKind;

namespace {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

template <typename Operands>
bool IsAnyNull(const Operands& operands) {
  return std::any_of(operands.begin(), operands.end(), [](const auto& each) { return !each; });
}

}  // namespace

Value Interpreter::EvaluateIn(const Self& self, const Expr& expr) {
  const Self* outer = std::exchange(self_, &self);
  Value value = Evaluate(expr);
  self_ = outer;
  return value;
}

Value Interpreter::Evaluate(const Expr& expr) {
  auto truth = [](bool holds) { return Value::Of(holds ? 1 : 0); };
  return std::visit(
      Overloaded{
          [&](const sema::Constant& n) { return Value{n.number, n.bytes, nullptr}; },
          [&](const sema::LocalRef& n) { return ReadLocal(n.local, expr.type); },
          [&](const sema::ParamRef& n) {
            return Load(types(), expr.type, parameters_[static_cast<size_t>(n.param)].data());
          },
          [&](const sema::FieldRead& n) { return ReadField(n); },
          [&](const sema::Present& n) { return truth(IsPresent(n.header)); },
          [&](const sema::FieldOf& n) {
            Value object = Evaluate(*n.object);
            const sema::StructField& field = types().struct_of(n.object->type).fields[n.field];
            return Load(types(), field.type, object.memory + field.offset);
          },
          [&](const sema::StructValue& n) {
            uint8_t* memory = arena_.Take(types().SizeOf(expr.type));
            bool is_struct = types()[expr.type].kind == sema::TypeKind::kStruct;
            if (is_struct && types().struct_of(expr.type).kernel) {
              throw NotInterpretable{"a struct of the kernel's"};
            }
            for (uint32_t i = 0; i < n.fields.size(); ++i) {
              auto [offset, type] = PartOf(expr.type, i);
              Store(types(), type, Evaluate(*n.fields[i]), memory + offset);
            }
            return Value{0, {}, memory};
          },
          [&](const sema::Unary& n) {
            return Value::Of(Unary(types(), expr.type, n.op, Evaluate(*n.operand).number));
          },
          [&](const sema::Binary& n) {
            uint64_t left = Evaluate(*n.left).number;
            return Value::Of(Binary(types(), expr.type, n.op, left, Evaluate(*n.right).number));
          },
          [&](const sema::Compare& n) {
            Value left = Evaluate(*n.left), right = Evaluate(*n.right);
            TypeId type = n.left->type;
            if (n.op == sema::CompareOp::kEq || n.op == sema::CompareOp::kNe) {
              return truth(Equal(types(), type, left, right) == (n.op == sema::CompareOp::kEq));
            }
            return truth(Compare(types()[type].is_signed, n.op, left.number, right.number));
          },
          [&](const sema::Not& n) { return truth(!Holds(*n.operand)); },
          [&](const sema::And& n) {
            return truth(std::all_of(n.operands.begin(), n.operands.end(),
                                     [&](const auto& each) { return Holds(*each); }));
          },
          [&](const sema::Or& n) {
            return truth(std::any_of(n.operands.begin(), n.operands.end(),
                                     [&](const auto& each) { return Holds(*each); }));
          },
          [&](const sema::Select& n) { return Evaluate(Holds(*n.condition) ? *n.yes : *n.no); },
          [&](const sema::Contains& n) {
            Value subject = Evaluate(*n.subject);
            return truth(std::any_of(n.elements.begin(), n.elements.end(), [&](const auto& each) {
              return Contains(each, n.subject->type, subject);
            }));
          },
          [&](const sema::Convert& n) {
            return Convert(types(), expr.type, n.operand->type, Evaluate(*n.operand));
          },
          [&](const sema::IfPresent& n) {
            if (types()[n.optional->type].kind != sema::TypeKind::kOptional) {
              SetLocal(n.local, Evaluate(*n.optional));
              return truth(Holds(*n.condition));
            }
            Found found = EvaluateOptional(*n.optional);
            if (!found.there) return truth(false);
            Bind(n.local, found);
            return truth(Holds(*n.condition));
          },
          [&](const sema::StateContains& n) {
            return truth(static_cast<bool>(store(n.state).Find(KeyOf(n.state, n.key.get()))));
          },
          [&](const sema::StateRead& n) {
            StateStore& state = store(n.state);
            StateStore::Cell cell = state.Find(KeyOf(n.state, n.key.get()));
            if (!cell) return Value{};
            return Load(types(), expr.type, cell.value + state.OffsetOf(world.processor));
          },
          [&](const sema::OrInsert& n) { return OrInsert(n); },
          [&](const sema::LimiterTake& n) { return truth(TakeFrom(n)); },
          [&](const sema::ContextField& n) { return ReadWord(n); },
          [&](const sema::WordRead& n) { return ReadWord(n).value; },  // that has one for certain
          [&](const sema::SocketTest& n) { return truth(HasSocket(n)); },
          [&](const sema::BuiltinCall& n) { return CallBuiltin(n, expr.type); },
          [&](const sema::FunctionCall& n) { return CallFunction(n); },
          [&](const sema::CCall& n) -> Value {
            const sema::CFunction& function = program_.c_functions[n.function];
            throw NotInterpretable{
                fmt::format("`{}` is a function of the user's C", function.name)};
          },
          [&](const sema::HelperCall& n) -> Value {
            throw NotInterpretable{fmt::format("`{}` is the kernel's", n.name())};
          },
          [&](const sema::KfuncCall& n) -> Value {
            throw NotInterpretable{fmt::format("`{}` is the kernel's", n.kfunc->name)};
          },
          [&](const sema::ConnectionRead&) -> Value {
            throw NotInterpretable{"a connection's fields are the kernel's"};
          },
          [&](const sema::ElementOf& n) {  // whose index is known to be below the length
            Value object = Evaluate(*n.object);
            uint64_t index = Evaluate(*n.index).number;
            auto [offset, type] = PartOf(n.object->type, static_cast<uint32_t>(index));
            return Load(types(), type, object.memory + offset);
          },
          [&](const sema::ObjectField&) -> Value {
            throw NotInterpretable{"an object's fields are the kernel's"};
          },
          [&](const sema::Zero&) -> Value {
            bool is_struct = types()[expr.type].kind == sema::TypeKind::kStruct;
            if (is_struct && types().struct_of(expr.type).kernel) {
              throw NotInterpretable{"a struct of the kernel's"};
            }
            return Load(types(), expr.type, arena_.Take(types().SizeOf(expr.type)));
          },
          [&](const sema::OwnObject&) -> Value {
            throw NotInterpretable{"state beside an object of the kernel's"};
          },
          // Optionals are bound before they are used.
          [&](const auto&) -> Value {
            throw NotInterpretable{"an expression that the interpreter doesn't know yet"};
          },
      },
      expr.node);
}

// Where a field of a struct or an element of an array lies, and its type.
Interpreter::Part Interpreter::PartOf(TypeId type, uint32_t index) const {
  if (types()[type].kind == TypeKind::kArray) {
    TypeId element = types()[type].element;
    return {index * types().SizeOf(element), element};
  }
  const sema::StructField& field = types().struct_of(type).fields[index];
  return {field.offset, field.type};
}

Interpreter::Part Interpreter::PlaceOf(TypeId type, const sema::Path& path) {
  Part place{0, type};
  for (const sema::PathStep& step : path) {
    uint64_t index = step.index ? Evaluate(*step.index).number : step.field;
    Part part = PartOf(place.type, static_cast<uint32_t>(index));
    place = {place.offset + part.offset, part.type};
  }
  return place;
}

// --- Locals ---

uint8_t* Interpreter::MemoryOf(Local& local) {
  bool gone = local.entry && local.entry->version != local.version;
  if (gone && undetermined.empty()) {
    undetermined = "an entry was used behind its removal or replacement";
  }
  return local.memory;
}

Value Interpreter::ReadLocal(sema::LocalId id, TypeId type) {
  Local& local = frame_->locals[static_cast<size_t>(id)];
  return local.memory ? Load(types(), type, MemoryOf(local)) : local.value;
}

void Interpreter::Bind(sema::LocalId id, const Found& found) {
  Local& local = frame_->locals[static_cast<size_t>(id)];
  const sema::Local& declared = (*frame_->declared)[static_cast<size_t>(id)];
  if (declared.in_place && found.memory) {
    local = {{}, found.memory, found.cell.entry, found.cell.entry->version};
    return;
  }
  SetLocal(id, found.memory ? Load(types(), declared.type, found.memory) : found.value);
}

// --- Packet ---

Value Interpreter::ReadField(const sema::FieldRead& read) {
  sema::HeaderRef ref = Resolve(read.header);
  bool own = self_ && ref.header == self_->header && ref.scope == self_->scope;
  uint32_t at = own ? self_->where.at : At(ref).at;
  const sema::HeaderField& field = HeaderOf(ref.header).fields[read.field];
  Value value;
  if (IsAddress(types(), field.type)) {
    std::memcpy(value.address.data(), packet_.data() + at + field.bit_offset / 8, field.bits / 8);
  } else {
    uint64_t bits = ReadBits(packet_.data() + at, field.bit_offset, field.bits);
    value.number = Wrap(types(), field.type, bits);
  }
  return value;
}

Interpreter::Found Interpreter::EvaluateOptional(const Expr& expr) {
  if (const auto* lookup = std::get_if<sema::StateLookup>(&expr.node)) {
    StateStore& state = store(lookup->state);
    StateStore::Cell cell = state.Find(KeyOf(lookup->state, lookup->key.get()));
    if (!cell) return {};
    return {true, {}, cell, cell.value + state.OffsetOf(world.processor)};
  }
  if (const auto* take = std::get_if<sema::QueueTake>(&expr.node)) {
    auto next = store(take->state).Next(!take->peek);
    if (!next) return {};
    TypeId type = *StateOf(take->state).value;
    return {true,
            Load(types(), type, BytesOf(type, Load(types(), type, next->data())).data()),
            {},
            nullptr};
  }
  if (const auto* pick = std::get_if<sema::RingPick>(&expr.node)) return PickFrom(*pick);
  if (const auto* element = std::get_if<sema::ElementOf>(&expr.node)) {
    Value object = Evaluate(*element->object);
    uint64_t index = Evaluate(*element->index).number;
    if (index >= types()[element->object->type].count) return {};
    auto [offset, type] = PartOf(element->object->type, static_cast<uint32_t>(index));
    return {true, Load(types(), type, object.memory + offset), {}, nullptr};
  }
  if (const auto* word = std::get_if<sema::WordRead>(&expr.node)) return ReadWord(*word);
  const auto* payload = std::get_if<sema::PayloadRead>(&expr.node);
  if (!payload) return {true, Evaluate(expr), {}, nullptr};
  uint64_t offset = Evaluate(*payload->offset).number;
  const Occurrence& after = At(Resolve(payload->after));
  uint64_t at = uint64_t{after.at} + after.size + offset;
  if (at + payload->bits / 8 > after.limit) return {};
  return {true, Value::Of(ReadBits(packet_.data() + at, 0, payload->bits)), {}, nullptr};
}

// --- Sets ---

bool Interpreter::Contains(const sema::Contains::Element& element, TypeId type,
                           const Value& subject) {
  using Form = sema::Contains::Element::Form;
  bool is_signed = types()[type].is_signed;
  switch (element.form) {
    case Form::kValue: {
      Value value{element.first.number, element.first.bytes, nullptr};
      return Equal(types(), type, subject, value);
    }
    case Form::kRange:
      return Compare(is_signed, sema::CompareOp::kGe, subject.number, element.first.number) &&
             Compare(is_signed, sema::CompareOp::kLe, subject.number, element.last.number);
    case Form::kPrefix: {
      // Addresses of one family are in no prefix of the other.
      bool crosses = types()[type].kind == TypeKind::kIp && element.length < 96 &&
                     IsMappedIpv4(subject.address.data());
      return !crosses &&
             SharePrefix(subject.address.data(), element.first.bytes.data(), element.length);
    }
  }
  return false;
}

// --- State ---

std::span<const uint8_t> Interpreter::BytesOf(TypeId type, const Value& value) {
  uint32_t size = types().SizeOf(type);
  uint8_t* memory = arena_.Take(size);
  Store(types(), type, value, memory);
  return {memory, size};
}

std::span<const uint8_t> Interpreter::KeyOf(sema::StateId state, const Expr* key) {
  if (!key) return {};
  if (sema::IsStorage(StateOf(state).scope)) {
    throw NotInterpretable{"state beside an object of the kernel's"};
  }
  return BytesOf(*StateOf(state).key, Evaluate(*key));
}

Interpreter::Found Interpreter::PickFrom(const sema::RingPick& node) {
  const sema::State& ring = StateOf(node.state);
  std::span<const uint8_t> key;
  if (node.key) key = BytesOf(*ring.ring_key, Evaluate(*node.key));
  uint32_t hash = static_cast<uint32_t>(Evaluate(*node.amount).number);
  std::span<const uint8_t> member = store(node.state).Pick(key, hash);
  if (member.empty()) return {};
  // A copy: the buckets may be filled anew while it is held.
  Value value = Load(types(), ring.member, member.data());
  return {true, Load(types(), ring.member, BytesOf(ring.member, value).data()), {}, nullptr};
}

Value Interpreter::OrInsert(const sema::OrInsert& node) {
  StateStore& state = store(node.state);
  TypeId type = *StateOf(node.state).value;
  auto key = KeyOf(node.state, node.key.get());
  uint32_t offset = state.OffsetOf(world.processor);
  if (StateStore::Cell cell = state.Find(key)) {
    return Load(types(), type, BytesOf(type, Load(types(), type, cell.value + offset)).data());
  }
  auto value = BytesOf(type, Evaluate(*node.value));
  bool fresh = false;
  StateStore::Cell cell = state.FindOrMake(key, &fresh);
  if (!cell) return Load(types(), type, value.data());
  if (fresh) std::copy(value.begin(), value.end(), cell.value + offset);
  return Load(types(), type, BytesOf(type, Load(types(), type, cell.value + offset)).data());
}

bool Interpreter::TakeFrom(const sema::LimiterTake& node) {
  const sema::State& limiter = StateOf(node.state);
  auto key = KeyOf(node.state, node.key.get());
  uint64_t amount = node.amount ? Evaluate(*node.amount).number : 1;
  uint64_t rate = Evaluate(*limiter.rate).number, burst = Evaluate(*limiter.burst).number;
  StateStore& state = store(node.state);
  uint32_t offset = state.OffsetOf(world.processor);
  StateStore::Cell cell = state.Find(key);
  uint64_t t = 0;
  if (cell) std::memcpy(&t, cell.value + offset, sizeof t);
  bool bits = types()[limiter.rate->type].kind == TypeKind::kBitrate;
  auto next =
      bits ? TakeBytes(t, world.now, rate, burst, amount) : Take(t, world.now, rate, burst, amount);
  if (!next) return false;
  if (!cell) cell = state.FindOrMake(key);
  if (!cell) return false;
  std::memcpy(cell.value + offset, &*next, sizeof *next);
  return true;
}

// Of a segmented packet with the headers of all segments: as the hook tells, or, where it
// doesn't, of what is not payload, if all segments are full.
uint64_t Interpreter::BytesOnWire() const {
  const hooks::Field* wire = block_->hook->FindField("packet.wire_length");
  auto given = [&](std::string_view word) { return GivenWord(word).value_or(Value::Of(0)).number; };
  uint64_t length = PacketLength(), segments = given("packet.gso_segs");
  if (segments <= 1) return length;
  if (wire && wire->readable()) return std::max(length, given(wire->word));
  uint64_t payload = segments * given("packet.gso_size");
  return length + (segments - 1) * (length > payload + 40 ? length - payload : 40);
}

bool Interpreter::Pace(const sema::Effect& node) {
  const sema::State& pacer = StateOf(node.pacer);
  auto key = KeyOf(node.pacer, pacer.key ? node.arguments[0].get() : nullptr);
  uint64_t rate = Evaluate(*node.arguments.back()).number;
  StateStore& state = store(node.pacer);
  StateStore::Cell cell = rate == 0 ? StateStore::Cell{} : state.Find(key);
  uint64_t free = 0;
  if (cell) std::memcpy(&free, cell.value, sizeof free);
  auto departure = interpret::Pace(free, world.now, rate, BytesOnWire(), pacer.horizon_ns);
  if (!departure) return false;
  if (!cell) cell = state.FindOrMake(key);
  if (!cell) return false;
  std::memcpy(cell.value, &departure->free, sizeof departure->free);
  uint64_t own = GivenWord("packet.tstamp").value_or(Value::Of(0)).number;
  if (departure->at > own) AssignWord("packet.tstamp", departure->at);
  return true;
}

// --- Calls ---

Value Interpreter::CallBuiltin(const sema::BuiltinCall& call, TypeId type) {
  std::array<Value, 3> arguments;
  for (size_t i = 0; i < call.arguments.size(); ++i) arguments[i] = Evaluate(*call.arguments[i]);
  uint64_t a = arguments[0].number, b = arguments[1].number;
  bool is_signed = types()[type].is_signed;
  switch (call.builtin) {
    case Builtin::kNow:
      return Value::Of(world.now);
    case Builtin::kRandom:
      return Value::Of(world.random);
    case Builtin::kCpu:
      return Value::Of(world.cpu);
    case Builtin::kNumaNode:
      return Value::Of(world.numa_node);
    case Builtin::kPacketLength:
      return Value::Of(PacketLength());
    case Builtin::kHash: {
      auto bytes = BytesOf(call.arguments[0]->type, arguments[0]);
      return Value::Of(Hash(bytes.data(), bytes.size()));
    }
    case Builtin::kMulDiv:
      return Value::Of(MulDiv(a, b, arguments[2].number));
    case Builtin::kMin:
      return Value::Of(Compare(is_signed, sema::CompareOp::kLt, a, b) ? a : b);
    case Builtin::kMax:
      return Value::Of(Compare(is_signed, sema::CompareOp::kGt, a, b) ? a : b);
    case Builtin::kAbs:
      return Value::Of(is_signed && a >> 63 != 0 ? Wrap(types(), type, 0 - a) : a);
    case Builtin::kHeaderSize:
      return Value::Of(self_->where.size);
    case Builtin::kExtent:
      return Value::Of(self_->where.limit - self_->where.at);
  }
  return {};
}

// It knows nothing of its caller, and its arguments are values.
Value Interpreter::CallFunction(const sema::FunctionCall& call) {
  const sema::Function& function = program_.functions[static_cast<size_t>(call.function)];
  Arena::Mark mark = arena_.mark();
  bool makes_struct = IsInMemory(types(), function.result);
  uint8_t* result = makes_struct ? arena_.Take(types().SizeOf(function.result)) : nullptr;
  if (makes_struct) mark = arena_.mark();
  Frame frame = Enter(function.locals);
  frame.result_memory = result;
  std::vector<Value> arguments(call.arguments.size());
  for (size_t i = 0; i < arguments.size(); ++i) arguments[i] = Evaluate(*call.arguments[i]);
  Frame* caller = std::exchange(frame_, &frame);
  for (size_t i = 0; i < arguments.size(); ++i) SetLocal(function.parameters[i], arguments[i]);
  Execute(function.body);
  frame_ = caller;
  arena_.Release(mark);
  if (!makes_struct) return frame.result;
  return Value{0, {}, result};
}

}  // namespace netc::interpret
