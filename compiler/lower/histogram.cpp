// Histograms: `record` finds the bucket, and adds one to it.
#include <algorithm>

#include "compiler/lower/body.h"

namespace netc::lower {

// The bucket that the value falls in; the last has no end.
ir::ExprPtr Body::Bucket(const sema::State& histogram, ir::ExprPtr value) {
  ir::Type u64 = ir::Unsigned(64);
  ir::ExprPtr number = histogram.step == 0 ? ir::CallTo("netc_log2", u64, std::move(value))
                                           : ir::Op(ir::BinaryOp::kDiv, std::move(value),
                                                    ir::Num(histogram.step, u64));
  ir::VarId at = code_.Keep("bucket", u64, std::move(number));
  code_.Add(ir::Opaque{at});
  code_.When(ir::Op(ir::BinaryOp::kGe, code_.Use(at), ir::Num(histogram.buckets, u64)),
             [&] { code_.Set(at, ir::Num(histogram.buckets - 1, u64)); });
  return code_.Use(at);
}

void Body::RecordValue(const sema::HistogramRecord& node) {
  const sema::State& histogram = state(node.state);
  ir::Type u64 = ir::Unsigned(64);
  ir::ExprPtr address = KeyAddress(node.state, node.key.get());
  ir::ExprPtr value = ir::CastTo(u64, Value(*node.value));
  ir::ExprPtr entry = LookupAt(node.state, ir::Clone(*address));
  if (node.key) {
    // A new entry is made of zeros: a value of this size doesn't fit on the stack.
    uint32_t bytes = histogram.buckets * 8;
    context_.program.lowered.zeros = std::max(context_.program.lowered.zeros, bytes);
    ir::Type pointer = entry->type;
    ir::VarId found = std::get<ir::Variable>(entry->node).id;
    code_.When(ir::Not(ir::Clone(*entry)), [&] {
      code_.Add(ir::Do{ir::CallTo("bpf_map_update_elem", ir::Signed(64), Map(node.state),
                                  ir::Clone(*address), ir::Name("&netc_zeros", pointer),
                                  ir::Num(1 /* BPF_NOEXIST */))});
      code_.Set(found,
                ir::CallTo("bpf_map_lookup_elem", pointer, Map(node.state), ir::Clone(*address)));
    });
  }
  ir::ExprPtr at = Bucket(histogram, std::move(value));
  ir::ExprPtr there = ir::CastTo(ir::Bool(), ir::Clone(*entry));
  ir::Block add = Scoped([&] {
    ir::ExprPtr cell = ir::Make(u64, ir::Element{ir::Clone(*entry), std::move(at)});
    if (Alone(histogram)) {
      ir::ExprPtr sum = ir::Op(ir::BinaryOp::kAdd, ir::Clone(*cell), ir::Num(1, u64));
      code_.Add(ir::Assign{std::move(cell), std::move(sum)});
    } else {
      code_.Add(ir::Do{
          ir::CallTo("__sync_fetch_and_add", u64, ir::Pointing(std::move(cell)), ir::Num(1, u64))});
    }
  });
  ir::Block full;
  if (node.key) full = Scoped([&] { CountFault(histogram.name + " is full"); });
  code_.Add(ir::If{std::move(there), std::move(add), std::move(full)});
}

}  // namespace netc::lower
