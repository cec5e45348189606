// Entries that expire, and maps that are swapped whole: what a lookup of them takes.
#include "compiler/lower/body.h"
#include "compiler/lower/state_map.h"

namespace netc::lower {

namespace {
// Members of the struct that state_map.cpp makes.
constexpr uint32_t kValue = 0, kFirstTime = 1;
}  // namespace

// The entry, unless it has expired. Who finds it uses it.
ir::ExprPtr Body::Alive(sema::StateId id, ir::ExprPtr address) {
  const sema::State& declared = state(id);
  ir::Type timed = *context_.program.lowered.maps[static_cast<size_t>(id)].value;
  ir::Type value = types_.struct_of(timed).members[kValue].type;
  ir::Type u64 = ir::Unsigned(64);
  ir::VarId held =
      code_.Keep("held", timed.Pointer(),
                 ir::CallTo("bpf_map_lookup_elem", timed.Pointer(), Map(id), std::move(address)));
  ir::VarId now = code_.Keep("now", u64, ir::CallTo("netc_now", u64));
  ir::VarId entry = code_.Keep("entry", value.Pointer(), ir::Name("NULL", value.Pointer()));
  ir::ExprPtr alive = ir::CastTo(ir::Bool(), code_.Use(held));
  auto time = [&](uint32_t index) { return ir::MemberOf(code_.Use(held), index, u64); };
  uint32_t times = static_cast<uint32_t>(types_.struct_of(timed).members.size()) - kFirstTime;
  for (uint32_t i = 0; i < times; ++i) {
    ir::ExprPtr later = ir::Op(ir::BinaryOp::kGt, time(kFirstTime + i), code_.Use(now));
    alive = ir::Op(ir::BinaryOp::kBoth, std::move(alive), std::move(later));
  }
  code_.When(std::move(alive), [&] {
    if (declared.idle_ns) {
      ir::ExprPtr next =
          ir::Op(ir::BinaryOp::kAdd, code_.Use(now), ir::Num(*declared.idle_ns, u64));
      code_.Add(ir::Assign{time(kFirstTime + times - 1), std::move(next)});
    }
    code_.Set(entry, ir::Pointing(ir::MemberOf(code_.Use(held), kValue, value)));
  });
  return code_.Use(entry);
}

// The value with the times at which it is gone, in a variable of its own.
ir::VarId Body::Timed(sema::StateId id, ir::ExprPtr value) {
  const sema::State& declared = state(id);
  ir::Type timed = *context_.program.lowered.maps[static_cast<size_t>(id)].value;
  ir::Type u64 = ir::Unsigned(64);
  ir::VarId now = code_.Keep("now", u64, ir::CallTo("netc_now", u64));
  // All of it is cleared first: padding must be zero.
  ir::VarId made = code_.Keep("made", timed, Zero(timed));
  const std::vector<ir::StructMember> members = types_.struct_of(timed).members;
  code_.Add(ir::Assign{ir::MemberOf(code_.Use(made), kValue, members[kValue].type),
                       ir::CastTo(members[kValue].type, std::move(value))});
  uint32_t index = kFirstTime;
  for (const std::optional<uint64_t>* after : {&declared.expires_ns, &declared.idle_ns}) {
    if (!*after) continue;
    ir::ExprPtr gone = ir::Op(ir::BinaryOp::kAdd, code_.Use(now), ir::Num(**after, u64));
    code_.Add(ir::Assign{ir::MemberOf(code_.Use(made), index++, u64), std::move(gone)});
  }
  return made;
}

ir::ExprPtr Body::Renew(sema::StateId id, ir::ExprPtr address, ir::ExprPtr value) {
  const sema::State& declared = state(id);
  ir::VarId made = Timed(id, std::move(value));
  uint32_t bytes = declared.value ? types_.table().SizeOf(*declared.value) : 1;
  uint32_t times = declared.expires_ns && declared.idle_ns ? 2 : 1;
  return ir::CallTo("netc_renew", ir::Bool(), Map(id), std::move(address),
                    ir::Pointing(code_.Use(made)), ir::Num((bytes + 7) / 8 * 8), ir::Num(times));
}

void Body::CountTimed(sema::StateId id, ir::ExprPtr address, ir::ExprPtr amount) {
  const sema::State& declared = state(id);
  ir::Type u64 = ir::Unsigned(64);
  ir::VarId made = Timed(id, ir::Clone(*amount));
  ir::ExprPtr counted = ir::CallTo("netc_count_timed", ir::Bool(), Map(id), std::move(address),
                                   ir::Pointing(code_.Use(made)), std::move(amount),
                                   ir::Num(declared.expires_ns && declared.idle_ns ? 2 : 1),
                                   ir::Num(declared.idle_ns.value_or(0), u64));
  code_.When(ir::Not(std::move(counted)), [&] { CountFault(declared.name + " is full"); });
}

// In the map that the state's own holds at this moment.
ir::ExprPtr Body::SwapHeld(sema::StateId id, ir::ExprPtr address) {
  ir::Type pointer = context_.program.lowered.maps[static_cast<size_t>(id)].value->Pointer();
  ir::Type any = ir::Type{}.Pointer();
  ir::VarId map = code_.Keep("map", any, ir::CallTo("netc_held", any, Map(id)));
  ir::VarId entry = code_.Keep("entry", pointer, ir::Name("NULL", pointer));
  code_.When(ir::CastTo(ir::Bool(), code_.Use(map)), [&] {
    code_.Set(entry,
              ir::CallTo("bpf_map_lookup_elem", pointer, code_.Use(map), std::move(address)));
  });
  return code_.Use(entry);
}

}  // namespace netc::lower
