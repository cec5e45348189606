// Rings: the table of the key, and in it the bucket that the hash leads to.
#include <fmt/format.h>

#include "compiler/lower/body.h"

namespace netc::lower {

namespace {
// Numbers of enum bpf_map_type (include/uapi/linux/bpf.h).
constexpr uint32_t kArrayOfMaps = 12, kHashOfMaps = 13;
}  // namespace

uint32_t ProgramContext::TablesFor(sema::StateId ring) {
  auto [found, fresh] = tables.emplace(ring, lowered.maps.size());
  if (!fresh) return found->second;
  const sema::State& state = checked.states[static_cast<size_t>(ring)];
  const ir::Map& members = lowered.maps[static_cast<size_t>(ring)];
  ir::Map map;
  map.name = members.name + "_tables";
  map.comment = fmt::format("Who has which bucket of {}.", members.name);
  map.type = state.ring_key ? "BPF_MAP_TYPE_HASH_OF_MAPS" : "BPF_MAP_TYPE_ARRAY_OF_MAPS";
  map.type_number = state.ring_key ? kHashOfMaps : kArrayOfMaps;
  map.key = state.ring_key ? types.Of(*state.ring_key) : ir::Unsigned(32);
  map.value = types.Of(state.member);
  map.entries = state.ring_key ? members.entries : 1;
  map.table_of = static_cast<uint32_t>(ring);
  map.buckets = state.buckets;
  lowered.maps.push_back(std::move(map));
  return found->second;
}

Body::Optional Body::Pick(const sema::RingPick& node) {
  uint32_t tables = context_.program.TablesFor(node.state);
  const ir::Map map = context_.program.lowered.maps[tables];
  ir::Type pointer = map.value->Pointer(), any = ir::Type{}.Pointer();
  ir::ExprPtr key = node.key ? ir::CastTo(*map.key, Value(*node.key)) : ir::Num(0);
  ir::VarId kept = code_.Keep("key", *map.key, std::move(key));
  ir::Type u32 = ir::Unsigned(32);
  ir::ExprPtr hash = ir::CastTo(u32, Value(*node.amount));
  ir::VarId bucket = code_.Keep(
      "bucket", u32, ir::Op(ir::BinaryOp::kRem, std::move(hash), ir::Num(map.buckets, u32)));
  ir::VarId table =
      code_.Keep("table", any,
                 ir::CallTo("bpf_map_lookup_elem", any, ir::Make(any, ir::MapRef{tables}),
                            ir::Pointing(code_.Use(kept))));
  ir::VarId member = code_.Keep("member", pointer, ir::Name("NULL", pointer));
  code_.When(ir::CastTo(ir::Bool(), code_.Use(table)), [&] {
    code_.Set(member, ir::CallTo("bpf_map_lookup_elem", pointer, code_.Use(table),
                                 ir::Pointing(code_.Use(bucket))));
  });
  return {ir::CastTo(ir::Bool(), code_.Use(member)), code_.Use(member), true};
}

}  // namespace netc::lower
