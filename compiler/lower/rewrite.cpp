// Writes to header fields. The checksums that cover them: settle.cpp.
#include <algorithm>

#include "compiler/lower/body.h"
#include "compiler/lower/settle.h"

namespace netc::lower {

using ir::BinaryOp;
using sema::HeaderRef;

namespace {

uint32_t BytesOf(ir::Type type) {
  return type.kind == ir::TypeKind::kAddress6 ? 16
         : type.kind == ir::TypeKind::kMac    ? 6
                                              : type.bits / 8;
}

}  // namespace

void Body::AssignField(const sema::AssignField& node) {
  if (!context_.slots.contains(node.header)) return;  // never reached: it is absent in this hook
  const FieldPlace place = context_.program.layout(node.header.header).fields[node.field];
  ir::ExprPtr value = Value(*node.value);
  if (place.more.empty()) {
    return AssignPart(node.header, node.field, place, 0, std::move(value));
  }
  // Sums change by each part in turn, as they would by all of it.
  uint32_t below = 0;
  for (const FieldPart& part : place.more) below += part.bits;
  ir::Type host = ir::Unsigned(64);
  ir::VarId all = code_.Keep("all", host, ir::CastTo(host, std::move(value)));
  auto assign = [&](const FieldPart& part) {
    ir::ExprPtr bits = code_.Use(all);
    if (below > 0) bits = ir::Op(BinaryOp::kShr, std::move(bits), ir::Num(below, host));
    AssignPart(node.header, node.field, {part, false, {}}, below, std::move(bits));
  };
  assign(place);
  for (const FieldPart& part : place.more) {
    below -= part.bits;
    assign(part);
  }
}

// Bits of a field that lie in one member.
void Body::AssignPart(HeaderRef header, uint32_t field, const FieldPlace& place, uint32_t below,
                      ir::ExprPtr value) {
  const HeaderLayout& layout = context_.program.layout(header.header);
  const ir::StructMember member =
      context_.program.lowered.structs[layout.layout].members[place.member];
  Rewrite rewrite;
  rewrite.header = header;
  rewrite.offset = MemberOffset(header, place.member);
  rewrite.size = BytesOf(member.type);
  rewrite.place = place;
  rewrite.below = below;
  rewrite.pointer = PointerTo(header);
  auto unit = [&] { return ir::MemberOf(ir::Clone(*rewrite.pointer), place.member, member.type); };
  rewrite.before = code_.Keep("before", unit());
  rewrite.after =
      code_.Keep("after", member.type, NewUnit(place, code_.Use(rewrite.before), std::move(value)));
  Settler settler(*this, rewrite);
  if (context_.MayStandBeside(header)) {
    StoreTag(rewrite, place.member, settler);
    return settler.Finish();
  }
  ir::ExprPtr flags = settler.Run(sema::CoveringsOf(context_.program.checked, header, field));
  if (ir::ExprPtr call = StoreInPacket(rewrite, place.member, std::move(flags))) {
    settler.Note(std::move(call));
  }
  settler.Finish();
}

// Where pointers don't reach, what is written to is a copy on the stack: the same bytes
// are stored through the hook's helper, which reaches all of the packet. With an skb the
// helper keeps the sum that the device made of the packet, too.
ir::ExprPtr Body::StoreInPacket(const Rewrite& rewrite, uint32_t member, ir::ExprPtr flags) {
  ir::Type type = code_.Use(rewrite.after)->type;
  std::string store(context_.block.hook->packet.store);
  bool skb = context_.hook.packet.method == ir::AccessMethod::kPull;
  if (!skb) {
    code_.Add(ir::Assign{ir::MemberOf(ir::Clone(*rewrite.pointer), member, type),
                         code_.Use(rewrite.after)});
    if (context_.hook.packet.method == ir::AccessMethod::kDirect) return nullptr;
  }
  ir::Call call{store, {}};
  call.arguments.push_back(ir::ContextArgument());
  call.arguments.push_back(OffsetOf(rewrite.header, rewrite.offset));
  call.arguments.push_back(ir::Pointing(code_.Use(rewrite.after)));
  call.arguments.push_back(ir::Num(rewrite.size));
  if (skb) call.arguments.push_back(std::move(flags));
  ir::ExprPtr stored = ir::Make(ir::Signed(64), std::move(call));
  if (skb) return stored;
  code_.Add(ir::Do{std::move(stored)});
  return nullptr;
}

// A tag beside the packet is taken off and put on again: the context can't be written.
// Nothing sums a tag.
void Body::StoreTag(const Rewrite& rewrite, uint32_t member, Settler& settler) {
  ir::SlotId slot = context_.slots.at(rewrite.header);
  const ir::Struct& layout = context_.program.lowered.structs[context_.slot(slot).layout];
  auto copied = [&](uint32_t index) {
    ir::ExprPtr copy = ir::Make(ir::StructType(context_.slot(slot).layout), ir::HeaderCopy{slot});
    return ir::MemberOf(std::move(copy), index, layout.members[index].type);
  };
  ir::Block beside = code_.Within([&] {
    code_.Add(ir::Assign{copied(member), code_.Use(rewrite.after)});
    ir::ExprPtr kind =
        ir::CastTo(ir::Network(16), context_.Context("vlan_proto", ir::Unsigned(32)));
    ir::VarId proto = code_.Keep("proto", std::move(kind));
    settler.Note(ir::CallTo("bpf_skb_vlan_pop", ir::Signed(64), ir::ContextArgument()));
    settler.Note(ir::CallTo("bpf_skb_vlan_push", ir::Signed(64), ir::ContextArgument(),
                            code_.Use(proto), ir::Swapped(copied(0))));
  });
  ir::Block in_packet = code_.Within([&] {
    if (ir::ExprPtr call = StoreInPacket(rewrite, member, ir::Num(1)))
      settler.Note(std::move(call));
  });
  code_.Add(ir::If{ir::Op(BinaryOp::kEq, OffsetOf(rewrite.header, 0), ir::Num(0)),
                   std::move(beside), std::move(in_packet)});
}

// Members stand side by side.
uint32_t Body::MemberOffset(HeaderRef ref, uint32_t member) {
  uint32_t layout = context_.program.layout(ref.header).layout;
  uint32_t offset = 0;
  for (uint32_t i = 0; i < member; ++i) {
    offset += BytesOf(context_.program.lowered.structs[layout].members[i].type);
  }
  return offset;
}

// The member with the field's bits replaced.
ir::ExprPtr Body::NewUnit(const FieldPlace& place, ir::ExprPtr before, ir::ExprPtr value) {
  ir::Type type = before->type;
  if (!type.is_number() && !type.is_network()) return value;
  ir::Type host = ir::Unsigned(type.bits);
  if (value->type.is_network() && place.whole) return value;
  value = ir::CastTo(host, std::move(value));
  if (!place.whole) {
    uint64_t mask = ((1ull << place.bits) - 1) << place.shift;
    uint64_t all = type.bits >= 64 ? ~0ull : (1ull << type.bits) - 1;
    ir::ExprPtr old = type.is_network() ? ir::Swapped(std::move(before)) : std::move(before);
    if (place.shift > 0)
      value = ir::Op(BinaryOp::kShl, std::move(value), ir::Num(place.shift, host));
    ir::ExprPtr rest = ir::Op(BinaryOp::kAnd, std::move(old), ir::HexNum(all & ~mask, host));
    ir::ExprPtr bits = ir::Op(BinaryOp::kAnd, std::move(value), ir::HexNum(mask, host));
    value = ir::Op(BinaryOp::kOr, std::move(rest), std::move(bits));
  }
  return type.is_network() ? ir::Swapped(std::move(value)) : std::move(value);
}

ir::ExprPtr Body::OffsetOf(HeaderRef ref, uint32_t bytes) {
  ir::ExprPtr start = ir::Make(ir::Unsigned(32), ir::HeaderOffset{context_.slots.at(ref)});
  return bytes == 0 ? std::move(start) : ir::Op(BinaryOp::kAdd, std::move(start), ir::Num(bytes));
}

void Body::Abort(const std::string& fault) {
  CountFault(fault);
  code_.Add(ir::Exit{context_.block.on_abort, std::nullopt});
}

// Packet pointers are made again from the offsets that were kept.
void Body::AddReload() {
  ++moves_;
  ir::Reload reload;
  if (context_.hook.packet.by_offset) return code_.Add(std::move(reload));
  for (const auto& [ref, slot] : context_.slots) {
    if (!context_.IsOption(ref)) reload.keep.push_back(slot);
  }
  reload.fail = code_.Within([&] { code_.Add(ir::Exit{context_.block.on_abort, std::nullopt}); });
  code_.Add(std::move(reload));
}

}  // namespace netc::lower
