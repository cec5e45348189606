// Tunnels. Without an skb the frame's begin is moved and all is written anew; with one the
// kernel makes room behind the link header, and is told what will stand there, so that
// a packet that is yet to be cut into segments (GSO) is cut with its outer headers.
#include "compiler/hooks/encap.h"

#include <fmt/format.h>

#include <iterator>

#include "compiler/lower/body.h"
#include "compiler/sema/constant.h"

namespace netc::lower {

using ir::BinaryOp;
using sema::Effect;

namespace {

// include/uapi/linux/bpf.h
constexpr uint64_t kRecomputeSum = 1;

uint64_t Constant(std::string_view name) {
  return *hooks::FindConstant(name);
}

ir::Type Result() {
  return ir::Signed(64);
}
ir::Type Int() {
  return ir::Signed(32);
}

}  // namespace

// The values of the outer headers, and of what changes in the frame's first. What must
// happen before is written here.
Body::TunnelValues Body::ValuesOf(const Effect& node) {
  TunnelValues values;
  std::vector<const sema::Expr*> operands;
  for (const sema::OuterHeader& layer : node.layers) {
    for (const sema::ExprPtr& argument : layer.arguments) operands.push_back(argument.get());
  }
  for (const sema::FrontChange& change : node.front) {
    if (change.value) operands.push_back(change.value.get());
  }
  std::vector<ir::ExprPtr> all = InOrder(operands);
  auto next = std::make_move_iterator(all.begin());
  for (const sema::OuterHeader& layer : node.layers) {
    auto count = static_cast<ptrdiff_t>(layer.arguments.size());
    values.layers.push_back(HeaderValue(layer.header, {next, next + count}, std::nullopt, nullptr));
    next += count;
  }
  for (const sema::FrontChange& change : node.front) {
    values.front.push_back(change.value ? *next++ : nullptr);
  }
  if (node.guard) values.guard = Condition(*node.guard);
  return values;
}

// Each is on the stack, with its lengths and its sum.
std::vector<ir::VarId> Body::OuterHeaders(const Effect& node, TunnelValues& values) {
  std::vector<ir::VarId> outer;
  for (size_t i = 0; i < node.layers.size(); ++i) {
    const sema::Header& header = context_.program.header(node.layers[i].header);
    const HeaderLayout& layout = context_.program.layout(node.layers[i].header);
    ir::VarId made = code_.Keep("outer_" + header.name, std::move(values.layers[i]));
    outer.push_back(made);
    bool sums = header.checksum && header.checksum->covers == sema::Checksum::Covers::kHeader;
    if (!sums) continue;
    uint32_t member = layout.fields[header.checksum->field].member;
    ir::Type sum = context_.program.lowered.structs[layout.layout].members[member].type;
    code_.Add(ir::Assign{
        ir::MemberOf(code_.Use(made), member, sum),
        ir::CallTo("netc_sum_of", sum, ir::Pointing(code_.Use(made)), ir::Num(header.fixed_size))});
  }
  return outer;
}

// The copy of the frame's first header says what will follow it, and where it goes.
void Body::ChangeFront(ir::VarId front, const Effect& node, TunnelValues& values) {
  const HeaderLayout& layout = context_.program.layout(node.carrier.header);
  const auto& members = context_.program.lowered.structs[layout.layout].members;
  for (size_t i = 0; i < node.front.size(); ++i) {
    const sema::FrontChange& change = node.front[i];
    uint32_t member = layout.fields[change.field].member;
    ir::Type type = members[member].type;
    ir::ExprPtr value = std::move(values.front[i]);
    if (!value) value = ir::MemberOf(code_.Use(front), layout.fields[change.from].member, type);
    if (type.is_network() && !value->type.is_network()) value = ir::Swapped(std::move(value));
    code_.Add(ir::Assign{ir::MemberOf(code_.Use(front), member, type), std::move(value)});
  }
}

// Writes a header from the stack. With an skb by the kernel's function, which also keeps
// what a device has summed of the packet where the header `counts` there.
void Body::WriteAt(uint32_t at, ir::VarId header, uint32_t size, bool counts) {
  if (context_.hook.packet.method == ir::AccessMethod::kPull) {
    code_.When(ir::CallTo(std::string(context_.block.hook->packet.store), Result(),
                          ir::ContextArgument(), ir::Num(at), ir::Pointing(code_.Use(header)),
                          ir::Num(size), ir::Num(counts ? kRecomputeSum : 0)),
               [&] { code_.Add(ir::Exit{context_.block.on_abort, std::nullopt}); });
    return;
  }
  ir::VarId place = code_.NewVar("place", code_.Use(header)->type.Pointer());
  ir::Access access{place, ir::Num(at), size, nullptr, {}, false, std::nullopt};
  access.fail = code_.Within([&] { code_.Add(ir::Exit{context_.block.on_abort, std::nullopt}); });
  code_.Add(std::move(access));
  code_.Add(ir::Assign{ir::Pointed(code_.Use(place)), code_.Use(header)});
}

// Headers are declared in a block of their own, behind all labels: else Clang would not know
// where their lives end, and each tunnel of a hook would have its own room on the stack.
ir::VarId Body::Encap(const Effect& node) {
  TunnelValues values = ValuesOf(node);
  ir::VarId failed = code_.Keep("failed", Result(), ir::Num(~0ull, Result()));
  ir::Block block = code_.Within([&] { WriteTunnel(node, values, failed); });
  code_.Add(ir::Labeled{"", std::move(block)});
  return failed;
}

void Body::WriteTunnel(const Effect& node, TunnelValues& values, ir::VarId failed) {
  bool skb = context_.hook.packet.method == ir::AccessMethod::kPull;
  uint32_t link_bytes = context_.program.header(node.carrier.header).fixed_size;
  std::vector<ir::VarId> outer = OuterHeaders(node, values);
  ir::VarId front = FrontOf(node.carrier);
  std::optional<ir::VarId> carried;
  if (node.of_frame && skb) carried = code_.Keep("carried", code_.Use(front));
  ChangeFront(front, node, values);
  uint64_t flags = 0;
  uint32_t room = node.of_frame ? link_bytes : 0;
  for (const sema::OuterHeader& layer : node.layers) {
    const sema::Header& header = context_.program.header(layer.header);
    room += header.fixed_size;
    if (const auto* flag = hooks::FindEncapFlag(header.name)) flags |= Constant(flag->flag);
  }
  if (node.of_frame) {
    uint64_t shift = Constant("BPF_ADJ_ROOM_ENCAP_L2_SHIFT");
    flags |= Constant("BPF_F_ADJ_ROOM_ENCAP_L2_ETH") | uint64_t{link_bytes} << shift;
  }
  code_.When(std::move(values.guard), [&] {
    ir::Call call{std::string(node.row->helper), {}};
    call.arguments.push_back(ir::ContextArgument());
    call.arguments.push_back(ir::Num(skb ? room : 0ull - room, Int()));
    if (skb) {
      call.arguments.push_back(ir::Num(Constant("BPF_ADJ_ROOM_MAC")));
      call.arguments.push_back(ir::HexNum(flags, ir::Unsigned(64)));
    }
    code_.Set(failed, ir::Make(Result(), std::move(call)));
    code_.When(ir::Not(code_.Use(failed)), [&] {
      if (!skb) code_.Add(ir::Reload{});
      WriteAt(0, front, link_bytes, false);
      uint32_t at = link_bytes;
      for (size_t i = 0; i < outer.size(); ++i) {
        uint32_t size = context_.program.header(node.layers[i].header).fixed_size;
        WriteAt(at, outer[i], size, true);
        at += size;
      }
      if (carried) WriteAt(at, *carried, link_bytes, true);
    });
  });
}

// A number that depends on which of the headers the packet has.
ir::ExprPtr Body::OfFamily(const std::vector<Effect::Family>& families, ir::Type type,
                           const std::function<uint64_t(const Effect::Family&)>& number) {
  ir::ExprPtr chosen;
  for (size_t i = families.size(); i-- > 0;) {
    ir::ExprPtr own = ir::Num(number(families[i]), type);
    chosen = chosen ? ir::Make(type, ir::Conditional{context_.HeaderPresent(families[i].header),
                                                     std::move(own), std::move(chosen)})
                    : std::move(own);
  }
  return chosen;
}

// Bytes from the frame's begin to what is inside.
ir::ExprPtr Body::InsideAt(const Effect& node) {
  ir::ExprPtr at;
  for (size_t i = node.inside.size(); i-- > 0;) {
    ir::ExprPtr own = OffsetOf(node.inside[i], 0);
    at = at ? ir::Make(ir::Unsigned(32), ir::Conditional{context_.HeaderPresent(node.inside[i]),
                                                         std::move(own), std::move(at)})
            : std::move(own);
  }
  return at;
}

ir::VarId Body::Decap(const Effect& node) {
  // No header that the pipeline names carries a frame: none of its packets comes here.
  if (node.of_frame && !context_.slots.contains(node.inside[0]))
    return code_.Keep("failed", Result(), ir::Num(~0ull, Result()));
  bool skb = context_.hook.packet.method == ir::AccessMethod::kPull;
  uint32_t link_bytes = context_.program.header(node.carrier.header).fixed_size;
  TunnelValues values = ValuesOf(node);
  std::optional<ir::VarId> front;
  if (!node.of_frame) {
    front = FrontOf(node.carrier);
  } else if (skb) {
    front = code_.Keep("front", ir::Pointed(PointerTo(node.inside[0])));
  }
  if (front) ChangeFront(*front, node, values);
  bool keeps_link = skb || !node.of_frame;
  ir::VarId bytes = code_.Keep("bytes", Int(), ir::CastTo(Int(), InsideAt(node)));
  // The inner frame's link header goes with what is before it, and is written again.
  uint32_t less = keeps_link && !node.of_frame ? link_bytes : 0;
  if (less > 0) {
    code_.Set(bytes, ir::Op(BinaryOp::kSub, code_.Use(bytes), ir::Num(less, Int())));
  }
  ir::VarId failed = code_.Keep("failed", Result(), ir::Num(~0ull, Result()));
  auto shorten = [&] {
    ir::Call call{std::string(node.row->helper), {}};
    call.arguments.push_back(ir::ContextArgument());
    call.arguments.push_back(
        skb ? ir::Make(Int(), ir::Unary{ir::UnaryOp::kNegate, code_.Use(bytes)})
            : code_.Use(bytes));
    if (skb) {
      // Segments stay as long as their sender made them.
      call.arguments.push_back(ir::Num(Constant("BPF_ADJ_ROOM_MAC")));
      call.arguments.push_back(ir::HexNum(Constant("BPF_F_ADJ_ROOM_FIXED_GSO"), ir::Unsigned(64)));
    }
    code_.Set(failed, ir::Make(Result(), std::move(call)));
  };
  code_.When(std::move(values.guard), [&] {
    if (skb) ChangeFamily(node, bytes, failed, shorten);
    if (!skb) shorten();
    if (!front) return;
    code_.When(ir::Not(code_.Use(failed)), [&] {
      if (!skb) code_.Add(ir::Reload{});
      WriteAt(0, *front, link_bytes, false);
    });
  });
  return failed;
}

// An skb says which family it is of. bpf_skb_change_proto says the other, and makes the
// packet longer or shorter by the difference of their headers, before the rest is cut: the
// flags of bpf_skb_adjust_room for it are no older than Linux 6.3.
void Body::ChangeFamily(const Effect& node, ir::VarId bytes, ir::VarId failed,
                        const std::function<void()>& shorten) {
  auto link = [&](const auto& families) {
    return OfFamily(families, ir::Unsigned(16), [](const auto& family) { return family.value; });
  };
  auto size = [&](const auto& families) {
    return OfFamily(families, Int(), [&](const auto& family) {
      return uint64_t{context_.program.header(family.header.header).fixed_size};
    });
  };
  bool same = node.inner_ip.size() == 1 && node.outer_ip.size() == 1 &&
              node.inner_ip[0].value == node.outer_ip[0].value;
  if (same) return shorten();
  ir::VarId inner = code_.Keep("inner_type", link(node.inner_ip));
  ir::VarId outer = code_.Keep("outer_type", link(node.outer_ip));
  ir::ExprPtr more = ir::Op(BinaryOp::kSub, size(node.inner_ip), size(node.outer_ip));
  ir::VarId grows = code_.Keep("grows", std::move(more));
  ir::Block change = code_.Within([&] {
    code_.Set(failed, ir::CallTo("bpf_skb_change_proto", Result(), ir::ContextArgument(),
                                 ir::Swapped(code_.Use(inner)), ir::Num(0)));
    code_.When(ir::Not(code_.Use(failed)), [&] {
      code_.Set(bytes, ir::Op(BinaryOp::kAdd, code_.Use(bytes), code_.Use(grows)));
      shorten();
      // Half of it has happened, and can't be taken back.
      code_.When(code_.Use(failed), [&] {
        Abort(fmt::format("{} failed in {}", node.row->word, context_.block.name));
      });
    });
  });
  ir::Block plain = code_.Within(shorten);
  code_.Add(ir::If{ir::Op(BinaryOp::kNe, code_.Use(inner), code_.Use(outer)), std::move(change),
                   std::move(plain)});
}

}  // namespace netc::lower
