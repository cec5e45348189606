// `pace`: a line of a pacer says when the packet departs, the context tells the kernel.
#include "compiler/lower/body.h"

namespace netc::lower {

using ir::BinaryOp;

// What counts of the packet: of a segmented one (GSO) also the headers that each further
// segment gets. Some hooks have the kernel's own count, made before the program could lengthen
// the packet; in the others it is what is not payload, if all segments are full.
ir::ExprPtr Body::BytesOnWire() {
  constexpr uint64_t kLeastHeaders = 40;  // IPv4 and TCP
  ir::Type u32 = ir::Unsigned(32);
  const hooks::Hook& hook = *context_.block.hook;
  const hooks::Field* wire = hook.FindField("wire_len");
  bool counted = wire && wire->readable();
  ir::VarId bytes = code_.Keep("bytes", u32, PacketLength());
  ir::VarId segments = code_.Keep("segments", u32, context_.Context("gso_segs", u32));
  code_.When(ir::Op(BinaryOp::kGt, code_.Use(segments), ir::Num(1)), [&] {
    if (counted) {
      ir::VarId all = code_.Keep("all", u32, context_.Context("wire_len", u32));
      code_.When(ir::Op(BinaryOp::kGt, code_.Use(all), code_.Use(bytes)),
                 [&] { code_.Set(bytes, code_.Use(all)); });
      return;
    }
    ir::VarId payload =
        code_.Keep("payload", u32,
                   ir::Op(BinaryOp::kMul, code_.Use(segments), context_.Context("gso_size", u32)));
    ir::VarId headers = code_.Keep("headers", ir::Num(kLeastHeaders));
    code_.When(
        ir::Op(BinaryOp::kGt, code_.Use(bytes),
               ir::Op(BinaryOp::kAdd, code_.Use(payload), ir::Num(kLeastHeaders))),
        [&] { code_.Set(headers, ir::Op(BinaryOp::kSub, code_.Use(bytes), code_.Use(payload))); });
    ir::ExprPtr further = ir::Op(BinaryOp::kSub, code_.Use(segments), ir::Num(1));
    code_.Set(bytes, ir::Op(BinaryOp::kAdd, code_.Use(bytes),
                            ir::Op(BinaryOp::kMul, std::move(further), code_.Use(headers))));
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
