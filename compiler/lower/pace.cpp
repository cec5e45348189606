// `pace`: a line of a pacer says when the packet departs, the context tells the kernel.
#include "compiler/lower/body.h"

namespace netc::lower {

using ir::BinaryOp;

// What counts of the packet: of a segmented one (GSO) also the headers that each segment gets,
// where the hook knows how much that is. The kernel counted them before the program could
// lengthen the packet.
ir::ExprPtr Body::BytesOnWire() {
  ir::Type u32 = ir::Unsigned(32);
  const hooks::Hook& hook = *context_.block.hook;
  const hooks::Field* wire = hook.FindField("wire_len");
  if (!wire || !wire->readable()) return PacketLength();
  ir::VarId bytes = code_.Keep("bytes", u32, PacketLength());
  ir::ExprPtr segmented = ir::Op(BinaryOp::kGt, context_.Context("gso_segs", u32), ir::Num(1));
  code_.When(std::move(segmented), [&] {
    ir::VarId all = code_.Keep("all", u32, context_.Context("wire_len", u32));
    code_.When(ir::Op(BinaryOp::kGt, code_.Use(all), code_.Use(bytes)),
               [&] { code_.Set(bytes, code_.Use(all)); });
  });
  return code_.Use(bytes);
}

ir::VarId Body::Pace(const sema::Effect& node) {
  ir::Type u64 = ir::Unsigned(64);
  const sema::State& pacer = state(node.pacer);
  ir::ExprPtr key = KeyAddress(node.pacer, pacer.key ? node.arguments[0].get() : nullptr);
  ir::ExprPtr rate = Repeatable("rate", ir::CastTo(u64, Value(*node.arguments.back())));
  ir::ExprPtr bytes = ir::CastTo(u64, BytesOnWire());
  ir::VarId departs = code_.Keep(
      "departs", ir::CallTo("netc_pace", u64, Map(node.pacer), std::move(key), std::move(rate),
                            std::move(bytes), ir::Num(pacer.horizon_ns, u64)));
  ir::VarId failed =
      code_.Keep("failed", ir::Op(BinaryOp::kEq, code_.Use(departs), ir::HexNum(~0ull, u64)));
  // A later time that the packet has already is kept: TCP's own pacing, say.
  ir::ExprPtr later = ir::Op(BinaryOp::kGt, code_.Use(departs), context_.Context("tstamp", u64));
  code_.When(ir::Not(code_.Use(failed)), [&] {
    code_.When(std::move(later), [&] { StoreContext("tstamp", -1, code_.Use(departs)); });
  });
  return failed;
}

}  // namespace netc::lower
