// `become`: the frame's end is moved, and all of it is written anew. Checksums are made of what
// stands there then, the innermost first.
#include "compiler/lower/body.h"

namespace netc::lower {

using ir::BinaryOp;
using sema::Checksum;
using sema::OuterHeader;

namespace {
ir::Type Sum() {
  return ir::Unsigned(32);
}
}  // namespace

// Bytes in the packet, which are there: it has just been made as long.
ir::VarId Body::PlaceOf(uint32_t at, uint32_t size, ir::Type type) {
  ir::VarId place = code_.NewVar("place", type.Pointer());
  ir::Access access{place, ir::Num(at), size, nullptr, {}, false, std::nullopt};
  access.fail = code_.Within([&] { code_.Add(ir::Exit{context_.block.on_abort, std::nullopt}); });
  code_.Add(std::move(access));
  return place;
}

void Body::SumMade(const OuterHeader& layer) {
  const sema::Header& header = context_.program.header(layer.header);
  const HeaderLayout& layout = context_.program.layout(layer.header);
  ir::Type bytes{.kind = ir::TypeKind::kBytes, .decl = layer.summed};
  ir::VarId summed = PlaceOf(layer.at, layer.summed, bytes);
  ir::VarId total =
      code_.Keep("total", Sum(),
                 ir::CallTo("netc_sum_bytes", Sum(), code_.Use(summed), ir::Num(layer.summed)));
  for (const sema::ExprPtr& summand : layer.summands) {
    ir::ExprPtr value = Value(*summand);
    ir::ExprPtr more;
    if (types_.table().IsNumber(summand->type)) {
      more = ir::CallTo("netc_sum_number", Sum(), ir::CastTo(Sum(), std::move(value)));
    } else {
      ir::VarId address = code_.Keep("summand", std::move(value));
      more = ir::CallTo("netc_sum_bytes", Sum(), ir::Pointing(code_.Use(address)),
                        ir::Num(types_.table().SizeOf(summand->type)));
    }
    code_.Set(total, ir::Op(BinaryOp::kAdd, code_.Use(total), std::move(more)));
  }
  bool or_none = header.checksum->algorithm == Checksum::Algorithm::kOnesComplementOrNone;
  uint32_t member = layout.fields[header.checksum->field].member;
  ir::Type type = context_.program.lowered.structs[layout.layout].members[member].type;
  ir::VarId place = PlaceOf(layer.at, header.fixed_size, ir::StructType(layout.layout));
  code_.Add(ir::Assign{
      ir::MemberOf(code_.Use(place), member, type),
      ir::CallTo(or_none ? "netc_sum_end_or_none" : "netc_sum_end", type, code_.Use(total))});
}

void Body::WriteMade(const sema::Effect& node, std::vector<ir::ExprPtr>& values, ir::VarId failed) {
  const ir::Type number = ir::Signed(32);
  std::vector<ir::VarId> made;
  for (size_t i = 0; i < node.layers.size(); ++i) {
    made.push_back(code_.Keep("made", std::move(values[i])));
  }
  for (const char* name : {"data", "data_end"}) context_.hook.context.insert(name);
  ir::ExprPtr more =
      ir::Op(BinaryOp::kSub, ir::Num(node.total, number), ir::CastTo(number, PacketLength()));
  code_.Set(failed, ir::CallTo(std::string(node.row->helper), ir::Signed(64), ir::ContextArgument(),
                               std::move(more)));
  code_.When(ir::Not(code_.Use(failed)), [&] {
    code_.Add(ir::Reload{});
    uint32_t end = 0;
    auto clear = [&](uint32_t to) {
      if (to == end) return;
      ir::Type zeros{.kind = ir::TypeKind::kBytes, .decl = to - end};
      ir::VarId place = PlaceOf(end, to - end, zeros);
      code_.Add(ir::Assign{ir::Pointed(code_.Use(place)), ir::Make(zeros, ir::Aggregate{})});
    };
    for (size_t i = 0; i < node.layers.size(); ++i) {
      uint32_t size = context_.program.header(node.layers[i].header).fixed_size;
      clear(node.layers[i].at);
      WriteAt(node.layers[i].at, made[i], size, false);
      end = node.layers[i].at + size;
    }
    clear(node.total);
    for (size_t i = node.layers.size(); i-- > 0;) {
      if (node.layers[i].summed > 0) SumMade(node.layers[i]);
    }
  });
}

// As with `encap`: what is on the stack is declared in a block of its own.
ir::VarId Body::Become(const sema::Effect& node) {
  std::vector<ir::ExprPtr> values = ValuesOf(node).layers;
  ir::VarId failed = code_.Keep("failed", ir::Signed(64), ir::Num(~0ull, ir::Signed(64)));
  ir::Block block = code_.Within([&] { WriteMade(node, values, failed); });
  code_.Add(ir::Labeled{"", std::move(block)});
  return failed;
}

}  // namespace netc::lower
