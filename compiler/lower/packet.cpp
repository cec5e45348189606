// Bytes behind the headers.
#include <tuple>

#include "compiler/lower/body.h"
#include "compiler/lower/options.h"

namespace netc::lower {

using ir::BinaryOp;

// What a packet can be long at most; offsets beyond it lead nowhere, and the
// verifier wants packet offsets below 65,536 (MAX_PACKET_OFF).
static constexpr uint32_t kFarthest = 0x7fff;

Body::Optional Body::Payload(const sema::PayloadRead& node) {
  ir::Type type = ir::Unsigned(node.bits);
  ir::Type raw = node.bits == 8 ? ir::Unsigned(8) : ir::Network(node.bits);
  if (!context_.slots.contains(node.after)) {  // never reached: it is absent in this hook
    return {ir::Num(0, ir::Bool()), ir::Num(0, type), false};
  }
  ir::SlotId slot = context_.slots.at(node.after);
  const sema::Header& header = context_.program.header(node.after.header);

  ir::ExprPtr size = ir::Num(header.fixed_size);
  if (header.size) {
    // The size's own fields are read through the header's pointer.
    ir::VarId pointer = code_.Keep(context_.program.NameOf(node.after), PointerTo(node.after));
    auto outer = std::tuple(self_, self_pointer_, self_extent_);
    SetSelf(node.after, pointer);
    if (TakesExtent(*header.size)) {
      bool bounded = context_.slot(slot).keep_end;
      SetExtent(Extent(ir::Make(ir::Unsigned(32), ir::HeaderOffset{slot}),
                       bounded ? ir::Make(ir::Unsigned(32), ir::HeaderEnd{slot}) : nullptr));
    }
    size = Value(*header.size);
    std::tie(self_, self_pointer_, self_extent_) = outer;
  }
  ir::ExprPtr at = ir::Make(ir::Unsigned(32), ir::HeaderOffset{slot});
  ir::ExprPtr start = ir::Op(BinaryOp::kAdd, ir::Clone(*at), std::move(size));
  if (context_.slot(slot).beside && context_.plan.first) {
    // Behind a tag beside the packet stands what is behind the frame's first header.
    uint32_t first = context_.program.header(context_.plan.first->header).fixed_size;
    start =
        ir::Make(ir::Unsigned(32), ir::Conditional{ir::Op(BinaryOp::kNe, std::move(at), ir::Num(0)),
                                                   std::move(start), ir::Num(first)});
  }
  ir::VarId offset = code_.Keep("offset", ir::CastTo(ir::Unsigned(32), Value(*node.offset)));
  ir::VarId found = code_.Keep("found", ir::Bool(), ir::Num(0, ir::Bool()));
  ir::VarId value = code_.Keep("value", type, ir::Num(0, type));
  code_.When(ir::Op(BinaryOp::kLe, code_.Use(offset), ir::Num(kFarthest)), [&] {
    ir::VarId at = code_.Keep("from", ir::Op(BinaryOp::kAdd, std::move(start), code_.Use(offset)));
    code_.When(ir::Op(BinaryOp::kLe, code_.Use(at), ir::Num(kFarthest)), [&] {
      ir::VarId bytes = code_.NewVar("bytes", raw.Pointer());
      ir::Access access{bytes, code_.Use(at), node.bits / 8, nullptr, {}, false, std::nullopt};
      access.read_through_helper = context_.hook.packet.method != ir::AccessMethod::kDirect;
      access.optional = true;
      if (context_.slot(slot).keep_end)
        access.limit = ir::Make(ir::Unsigned(32), ir::HeaderEnd{slot});
      code_.Add(std::move(access));
      code_.When(ir::CastTo(ir::Bool(), code_.Use(bytes)), [&] {
        ir::ExprPtr read = ir::Pointed(code_.Use(bytes));
        code_.Set(value, read->type.is_network() ? ir::Swapped(std::move(read)) : std::move(read));
        code_.Set(found, ir::Num(1, ir::Bool()));
      });
    });
  });
  return {code_.Use(found), code_.Use(value), false};
}

ir::VarId Body::Extent(ir::ExprPtr begin, ir::ExprPtr limit) {
  ir::VarId end = code_.Keep("end", PacketLength());
  if (limit) {
    ir::ExprPtr nearer = ir::Op(BinaryOp::kLt, ir::Clone(*limit), code_.Use(end));
    code_.When(std::move(nearer), [&] { code_.Set(end, std::move(limit)); });
  }
  return code_.Keep("extent", ir::Op(BinaryOp::kSub, code_.Use(end), std::move(begin)));
}

}  // namespace netc::lower
