// State: lookups, membership, counters, limiters, updates.
#include <fmt/format.h>

#include <cassert>

#include "compiler/lower/body.h"
#include "compiler/lower/state_map.h"

namespace netc::lower {

using ir::BinaryOp;
using sema::StateKind;

namespace {
constexpr uint64_t kAny = 0, kNoExist = 1;  // BPF_ANY, BPF_NOEXIST (include/uapi/linux/bpf.h)

ir::ExprPtr Truth(ir::ExprPtr pointer) {
  return ir::CastTo(ir::Bool(), std::move(pointer));
}
}  // namespace

ir::ExprPtr Zero(ir::Type type) {
  if (type.is_number() || type.is_network() || type.kind == ir::TypeKind::kBool)
    return ir::Num(0, type);
  return ir::Make(type, ir::Aggregate{});
}

ir::ExprPtr Body::Map(sema::StateId id) {
  return ir::Make(ir::Type{}.Pointer(), ir::MapRef{static_cast<uint32_t>(id)});
}

// Puts the key on the stack and yields its address.
ir::ExprPtr Body::KeyAddress(sema::StateId id, const sema::Expr* key) {
  const ir::Map& map = context_.program.lowered.maps[static_cast<size_t>(id)];
  if (!key) return ir::Pointing(code_.Use(code_.Keep("key", ir::Num(0))));
  ir::ExprPtr value = Value(*key);
  bool prefix = IsPrefixMap(state(id).kind);
  if (prefix && value->type != *map.key) {
    uint32_t bits = types_.table().SizeOf(key->type) * 8;
    ir::Aggregate aggregate;
    aggregate.members.push_back(ir::Num(bits));
    aggregate.members.push_back(std::move(value));
    value = ir::Make(*map.key, std::move(aggregate));
  }
  if (const ir::VarId* given = WholeVar(*value); given && value->type == *map.key) {
    return ir::Pointing(code_.Use(*given));
  }
  return ir::Pointing(
      code_.Use(code_.Keep("key", *map.key, ir::CastTo(*map.key, std::move(value)))));
}

// The entry's address in a new variable; null where there is none.
ir::ExprPtr Body::Lookup(sema::StateId id, const sema::Expr* key) {
  if (sema::IsStorage(state(id).scope)) return Storage(id, *key, nullptr);
  return LookupAt(id, KeyAddress(id, key));
}

ir::ExprPtr Body::LookupAt(sema::StateId id, ir::ExprPtr address) {
  if (IsTimed(state(id))) return Alive(id, std::move(address));
  if (state(id).swappable) return SwapHeld(id, std::move(address));
  const ir::Map& map = context_.program.lowered.maps[static_cast<size_t>(id)];
  ir::Type pointer = map.value->Pointer();
  return code_.Use(code_.Keep(
      "entry", pointer, ir::CallTo("bpf_map_lookup_elem", pointer, Map(id), std::move(address))));
}

ir::ExprPtr Body::StateContains(const sema::StateContains& node) {
  if (sema::IsStorage(state(node.state).scope)) {
    return Truth(Storage(node.state, *node.key, nullptr));
  }
  ir::ExprPtr address = KeyAddress(node.state, node.key.get());
  if (IsTimed(state(node.state)) || state(node.state).swappable) {
    return Truth(LookupAt(node.state, std::move(address)));
  }
  ir::Type pointer = ir::Type{}.Pointer();
  return Truth(ir::CallTo("bpf_map_lookup_elem", pointer, Map(node.state), std::move(address)));
}

ir::ExprPtr Body::StateRead(const sema::StateRead& node, sema::TypeId id) {
  ir::Type type = types_.Of(id);
  ir::ExprPtr entry = Lookup(node.state, node.key.get());
  ir::ExprPtr there = Truth(ir::Clone(*entry));
  ir::ExprPtr value = ir::Pointed(std::move(entry));
  ir::ExprPtr none = Zero(type);
  return ir::Make(
      type, ir::Conditional{std::move(there), ir::CastTo(type, std::move(value)), std::move(none)});
}

// Inserts if absent and looks again, since another CPU may have been faster; where
// the map is full, the value itself is the result.
ir::ExprPtr Body::OrInsert(const sema::OrInsert& node, sema::TypeId id) {
  if (sema::IsStorage(state(node.state).scope)) return StorageOrInsert(node, id);
  ir::Type type = types_.Of(id);
  ir::ExprPtr address = KeyAddress(node.state, node.key.get());
  ir::ExprPtr found = LookupAt(node.state, ir::Clone(*address));
  ir::VarId entry = std::get<ir::Variable>(found->node).id;
  ir::VarId fresh = code_.Keep("fresh", type, Zero(type));
  code_.Add(ir::If{
      ir::Not(code_.Use(entry)),
      Scoped([&] {
        code_.Set(fresh, Value(*node.value));
        code_.Add(ir::Do{IsTimed(state(node.state))
                             ? Renew(node.state, ir::Clone(*address), code_.Use(fresh))
                             : ir::CallTo("bpf_map_update_elem", ir::Signed(64), Map(node.state),
                                          ir::Clone(*address), ir::Pointing(code_.Use(fresh)),
                                          ir::Num(kNoExist))});
        code_.Set(entry, LookupAt(node.state, ir::Clone(*address)));
      }),
      {}});
  return ir::Make(type, ir::Conditional{Truth(code_.Use(entry)), ir::Pointed(code_.Use(entry)),
                                        code_.Use(fresh)});
}

ir::ExprPtr Body::Take(const sema::LimiterTake& node) {
  const sema::State& limiter = state(node.state);
  ir::Type u64 = ir::Unsigned(64);
  bool bits = types_.table()[limiter.rate->type].kind == sema::TypeKind::kBitrate;
  ir::ExprPtr rate = ir::CastTo(u64, Value(*limiter.rate));
  ir::ExprPtr burst = ir::CastTo(u64, Value(*limiter.burst));
  ir::ExprPtr address = KeyAddress(node.state, node.key.get());
  ir::ExprPtr amount = node.amount ? ir::CastTo(u64, Value(*node.amount)) : ir::Num(1, u64);
  const char* function = bits ? "netc_take_bytes" : "netc_take";
  return code_.Use(
      code_.Keep("taken", ir::CallTo(function, ir::Bool(), Map(node.state), std::move(address),
                                     std::move(rate), std::move(burst), std::move(amount))));
}

Body::Optional Body::OptionalOf(const sema::Expr& expr) {
  if (const auto* lookup = std::get_if<sema::StateLookup>(&expr.node)) {
    ir::ExprPtr entry = Lookup(lookup->state, lookup->key.get());
    ir::ExprPtr present = Truth(ir::Clone(*entry));
    return {std::move(present), std::move(entry), true};
  }
  if (const auto* take = std::get_if<sema::QueueTake>(&expr.node)) {
    return Next(*take, types_.table()[expr.type].element);
  }
  if (const auto* pick = std::get_if<sema::RingPick>(&expr.node)) return Pick(*pick);
  if (const auto* element = std::get_if<sema::ElementOf>(&expr.node)) {
    return ElementOrNone(*element);
  }
  if (const auto* payload = std::get_if<sema::PayloadRead>(&expr.node)) return Payload(*payload);
  if (const auto* value = std::get_if<sema::ValueRead>(&expr.node)) return ReadValue(*value);
  if (const auto* word = std::get_if<sema::WordRead>(&expr.node)) return Word(*word, expr.type);
  if (const auto* call = std::get_if<sema::HelperCall>(&expr.node))
    return OptionalCall(*call, expr.type);
  ir::ExprPtr value = Value(expr);
  return {ir::Num(1, ir::Bool()), std::move(value), false};
}

// In place, the local is the pointer itself; else it is a copy.
void Body::BindLocal(sema::LocalId id, Optional& optional) {
  Frame& frame = frames_.back();
  const sema::Local& local = (*frame.locals)[static_cast<size_t>(id)];
  if (optional.in_place && local.in_place) {
    frame.vars[id] = std::get<ir::Variable>(optional.value->node).id;
    return;
  }
  ir::ExprPtr value =
      optional.in_place ? ir::Pointed(std::move(optional.value)) : std::move(optional.value);
  ir::VarId var = VarOf(id);
  code_.Add(ir::Declare{var, ir::CastTo(types_.Of(local.type), std::move(value))});
}

void Body::CountFault(const std::string& what) {
  uint32_t fault = context_.program.Fault(what);
  code_.Add(ir::Do{ir::CallTo("netc_fault", ir::Type{}, ir::Num(fault))});
}

bool Body::Alone(const sema::State& state) const {
  return state.scope == sema::StateScope::kCpu &&
         context_.block.hook->reentry == hooks::Reentry::kNone;
}

void Body::Add(const sema::CounterAdd& node) {
  const sema::State& counter = state(node.state);
  if (sema::IsStorage(counter.scope)) return StorageAdd(node);
  ir::Type u64 = ir::Unsigned(64);
  auto amount_of = [&] { return Repeatable("amount", ir::CastTo(u64, Value(*node.amount))); };
  if (!node.key) {
    ir::ExprPtr amount = amount_of();
    ir::ExprPtr entry = Lookup(node.state, node.key.get());
    bool plain = Alone(counter);
    code_.When(Truth(ir::Clone(*entry)), [&] {
      if (plain) {
        ir::ExprPtr sum = ir::Op(BinaryOp::kAdd, ir::Pointed(ir::Clone(*entry)), std::move(amount));
        code_.Add(ir::Assign{ir::Pointed(ir::Clone(*entry)), std::move(sum)});
      } else {
        code_.Add(
            ir::Do{ir::CallTo("__sync_fetch_and_add", u64, ir::Clone(*entry), std::move(amount))});
      }
    });
    return;
  }
  ir::ExprPtr address = KeyAddress(node.state, node.key.get());
  ir::ExprPtr amount = amount_of();
  if (IsTimed(counter)) return CountTimed(node.state, std::move(address), std::move(amount));
  ir::ExprPtr counted =
      ir::CallTo("netc_count", ir::Bool(), Map(node.state), std::move(address), std::move(amount));
  code_.When(ir::Not(std::move(counted)), [&] { CountFault(counter.name + " is full"); });
}

void Body::Write(const sema::StateWrite& node) {
  if (sema::IsStorage(state(node.state).scope)) return StorageWrite(node);
  const ir::Map& map = context_.program.lowered.maps[static_cast<size_t>(node.state)];
  bool queue = IsQueue(state(node.state).kind);
  ir::ExprPtr address = queue ? nullptr : KeyAddress(node.state, node.key.get());
  ir::ExprPtr value = node.value ? Value(*node.value) : ir::Num(1, ir::Unsigned(8));
  ir::VarId kept = IsTimed(state(node.state))
                       ? Timed(node.state, std::move(value))
                       : code_.Keep("value", *map.value, ir::CastTo(*map.value, std::move(value)));
  ir::ExprPtr item = ir::Pointing(code_.Use(kept));
  ir::ExprPtr failed;
  if (queue) {
    failed = ir::CallTo("bpf_map_push_elem", ir::Signed(64), Map(node.state), std::move(item),
                        ir::Num(kAny));
  } else {
    failed = ir::CallTo("bpf_map_update_elem", ir::Signed(64), Map(node.state), std::move(address),
                        std::move(item), ir::Num(kAny));
  }
  ir::Block otherwise = Scoped([&] {
    if (node.otherwise.empty()) {
      CountFault(state(node.state).name + " is full");
    } else {
      Statements(node.otherwise);
    }
  });
  code_.Add(ir::If{std::move(failed), std::move(otherwise), {}});
}

void Body::Remove(const sema::StateRemove& node) {
  if (sema::IsStorage(state(node.state).scope)) return StorageRemove(node);
  ir::ExprPtr address = KeyAddress(node.state, node.key.get());
  code_.Add(ir::Do{
      ir::CallTo("bpf_map_delete_elem", ir::Signed(64), Map(node.state), std::move(address))});
}

}  // namespace netc::lower
