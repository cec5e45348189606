// Effects that move the packet's ends. The kernel's helper does it whole or not at
// all; packet pointers die either way, so what is used later is found again, and
// only that.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/lower/body.h"
#include "compiler/lower/parse.h"
#include "compiler/sema/constant.h"

namespace netc::lower {

using ir::BinaryOp;
using sema::EffectKind;
using sema::HeaderRef;

namespace {

// More than any packet has. A larger number would come out as another sign.
constexpr uint32_t kMostBytes = 0xffff;

ir::Type S64() {
  return ir::Signed(64);
}

ir::ExprPtr Negative(ir::ExprPtr bytes) {
  return ir::Make(ir::Signed(32), ir::Unary{ir::UnaryOp::kNegate, std::move(bytes)});
}

uint64_t AsNumber(const sema::Expr& constant) {
  return sema::AsConstant(constant)->number;
}

// The bytes at the packet's begin, as a value that can be assigned.
ir::Type BytesType(uint32_t count) {
  return {.kind = ir::TypeKind::kBytes, .decl = count};
}

}  // namespace

Uses Body::UsesLater() const {
  Uses uses;
  for (const auto& [block, next] : around_) {
    uses.Add(UsesOf(context_.program.checked, std::span(*block).subspan(next)));
  }
  return uses;
}

// Nothing is read again that no statement can ask for. A later rewrite needs
// headers that it doesn't name (those whose checksum covers it): then all are.
void Body::Reparse(const sema::Effect& node) {
  known_.readable.clear();
  ++moves_;
  ++reparses_;
  ir::Packet& packet = context_.hook.packet;
  if (!packet.parse) return;
  Uses uses = UsesLater();
  uses.Add(UsesOf(context_.program.checked, node.then));
  uses.Add(UsesOf(context_.program.checked, node.otherwise));
  if (uses.headers.empty()) return;
  HookContext part = context_;
  if (uses.rewritten.empty()) {
    part.plan =
        MakeParsePlan(context_.program.checked, context_.block.hook->packet.start, uses.headers);
  }
  part.function_suffix = fmt::format("_{}", packet.reparsers.size() + 2);
  packet.reparsers.push_back(ParserOf(part));
  code_.Add(ir::Reparse{static_cast<uint32_t>(packet.reparsers.size() - 1)});
}

// trim, grow, pop of bytes: one call, with the number kept where it means the same
// to the kernel.
ir::VarId Body::MoveEnd(const sema::Effect& node) {
  ir::ExprPtr written = ir::CastTo(ir::Unsigned(32), Value(*node.arguments[0]));
  bool constant = std::holds_alternative<ir::Number>(written->node);
  bool fits = constant && std::get<ir::Number>(written->node).value <= kMostBytes;
  ir::VarId bytes{};
  if (!fits) bytes = code_.Keep("bytes", std::move(written));
  auto number = [&] {
    return fits ? ir::Num(AsNumber(*node.arguments[0]), ir::Signed(32))
                : ir::CastTo(ir::Signed(32), code_.Use(bytes));
  };
  bool skb = context_.hook.packet.method == ir::AccessMethod::kPull;
  ir::VarId failed = code_.Keep("failed", S64(), ir::Num(~0ull, S64()));
  auto call = [&] {
    ir::ExprPtr argument = node.effect == EffectKind::kTrim ? Negative(number()) : number();
    if (skb) {
      ir::ExprPtr length = ir::CastTo(ir::Signed(32), context_.Context("len", ir::Unsigned(32)));
      argument = ir::Op(BinaryOp::kAdd, std::move(length), std::move(argument));
    }
    ir::Call made{std::string(node.row->helper), {}};
    made.arguments.push_back(ir::ContextArgument());
    made.arguments.push_back(std::move(argument));
    if (skb) made.arguments.push_back(ir::Num(0));
    code_.Set(failed, ir::Make(S64(), std::move(made)));
  };
  // bpf_skb_change_tail takes the new length as a u32: one below zero is refused by
  // the kernel as too long (net/core/filter.c, __bpf_skb_max_len).
  if (fits) {
    call();
  } else {
    code_.When(ir::Op(BinaryOp::kLe, code_.Use(bytes), ir::Num(kMostBytes)), call);
  }
  return failed;
}

// The first bytes of the frame, as far as its first header reaches, copied.
ir::VarId Body::FrontOf(HeaderRef carrier) {
  const HeaderLayout& layout = context_.program.layout(carrier.header);
  const sema::Header& header = context_.program.header(carrier.header);
  ir::Type type = ir::StructType(layout.layout);
  // An effect before this one may have failed, and moved the packet's bytes all the same.
  if (moves_ > 0) code_.Add(ir::Reload{});
  ir::VarId pointer = code_.NewVar("begin", type.Pointer());
  // A header was found at some offset: Clang knows that the begin is there too, and leaves the
  // test of it out; the verifier doesn't.
  ir::VarId at = code_.Keep("front_at", ir::Num(0));
  code_.Add(ir::Opaque{at});
  ir::Access access{pointer, code_.Use(at), header.fixed_size, nullptr, {}, false, std::nullopt};
  access.fail = code_.Within([&] { code_.Add(ir::Exit{context_.block.on_abort, std::nullopt}); });
  code_.Add(std::move(access));
  for (const char* name : {"data", "data_end"}) context_.hook.context.insert(name);
  return code_.Keep("front", type, ir::Pointed(code_.Use(pointer)));
}

void Body::SetLink(ir::VarId front, const sema::Effect& node, ir::ExprPtr value) {
  const HeaderLayout& layout = context_.program.layout(node.carrier.header);
  const FieldPlace& place = layout.fields[node.link];
  ir::Type type = context_.program.lowered.structs[layout.layout].members[place.member].type;
  code_.Add(ir::Assign{ir::MemberOf(code_.Use(front), place.member, type), std::move(value)});
}

// After the frame's begin has moved: its first header stands there again.
void Body::WriteFront(ir::VarId front, HeaderRef carrier) {
  const sema::Header& header = context_.program.header(carrier.header);
  code_.Add(ir::Reload{});
  ir::VarId pointer = code_.NewVar("begin", code_.Use(front)->type.Pointer());
  ir::Access access{pointer, ir::Num(0), header.fixed_size, nullptr, {}, false, std::nullopt};
  access.fail = code_.Within([&] { code_.Add(ir::Exit{context_.block.on_abort, std::nullopt}); });
  code_.Add(std::move(access));
  code_.Add(ir::Assign{ir::Pointed(code_.Use(pointer)), code_.Use(front)});
}

// The value's bits from `below` on, as they lie in the part of their field.
static void AddBits(ir::Aggregate& header, const std::vector<ir::StructMember>& members,
                    const FieldPart& part, uint32_t below, ir::ExprPtr value) {
  ir::Type type = members[part.member].type;
  if (below > 0) {
    ir::Type wide = ir::Unsigned(64);
    value = ir::Op(BinaryOp::kShr, ir::CastTo(wide, std::move(value)), ir::Num(below, wide));
  }
  ir::Type host = ir::Unsigned(type.bits);
  value = ir::CastTo(host, std::move(value));
  if (part.bits < type.bits) {
    value = ir::Op(BinaryOp::kAnd, std::move(value), ir::HexNum((1ull << part.bits) - 1, host));
  }
  if (part.shift > 0) {
    value = ir::Op(BinaryOp::kShl, std::move(value), ir::Num(part.shift, host));
  }
  if (type.is_network()) value = ir::Swapped(std::move(value));
  ir::ExprPtr& member = header.members[part.member];
  member = member ? ir::Op(BinaryOp::kOr, std::move(member), std::move(value)) : std::move(value);
}

// The new header as a struct, of one argument a field; its field `link` is `next`.
ir::ExprPtr Body::HeaderValue(sema::HeaderId id, std::vector<ir::ExprPtr> values,
                              std::optional<uint32_t> link, ir::ExprPtr next) {
  const HeaderLayout& layout = context_.program.layout(id);
  std::vector<ir::StructMember> members = context_.program.lowered.structs[layout.layout].members;
  ir::Aggregate header;
  header.members.resize(members.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const FieldPlace& place = layout.fields[i];
    ir::Type type = members[place.member].type;
    ir::ExprPtr& member = header.members[place.member];
    if (i == link) {
      member = std::move(next);
      continue;
    }
    ir::ExprPtr value = std::move(values[i]);
    bool number = type.is_number() || type.is_network();
    if (place.whole && (!number || value->type == type)) {
      member = std::move(value);
      continue;
    }
    if (value->type.is_network()) value = ir::Swapped(std::move(value));
    if (!place.more.empty()) value = Repeatable("value", std::move(value));
    uint32_t below = 0;
    for (size_t k = place.more.size(); k-- > 0;) {
      AddBits(header, members, place.more[k], below, ir::Clone(*value));
      below += place.more[k].bits;
    }
    AddBits(header, members, place, below, std::move(value));
  }
  return ir::Make(ir::StructType(layout.layout), std::move(header));
}

ir::VarId Body::PushHeader(const sema::Effect& node) {
  const HeaderLayout& layout = context_.program.layout(node.header.header);
  const sema::Header& header = context_.program.header(node.header.header);
  const HeaderLayout& carrier = context_.program.layout(node.carrier.header);
  const ir::StructMember link =
      context_.program.lowered.structs[carrier.layout].members[carrier.fields[node.link].member];
  ir::VarId front = FrontOf(node.carrier);
  ir::ExprPtr next = ir::MemberOf(code_.Use(front), carrier.fields[node.link].member, link.type);
  ir::VarId pushed = code_.Keep(
      header.name, ir::StructType(layout.layout),
      HeaderValue(node.header.header, InOrder(node.arguments), node.next, std::move(next)));
  SetLink(front, node, ir::HexNum(node.value, link.type));
  ir::VarId failed =
      code_.Keep("failed", ir::CallTo(std::string(node.row->helper), S64(), ir::ContextArgument(),
                                      ir::Num(0ull - header.fixed_size, ir::Signed(32))));
  code_.When(ir::Not(code_.Use(failed)), [&] {
    WriteFront(front, node.carrier);
    ir::VarId place = code_.NewVar("place", code_.Use(pushed)->type.Pointer());
    uint32_t at = context_.program.header(node.carrier.header).fixed_size;
    ir::Access access{place, ir::Num(at), header.fixed_size, nullptr, {}, false, std::nullopt};
    access.fail = code_.Within([&] { code_.Add(ir::Exit{context_.block.on_abort, std::nullopt}); });
    code_.Add(std::move(access));
    code_.Add(ir::Assign{ir::Pointed(code_.Use(place)), code_.Use(pushed)});
  });
  return failed;
}

// Fails where the header does not stand right behind the frame's first.
ir::VarId Body::PopHeader(const sema::Effect& node) {
  const HeaderLayout& layout = context_.program.layout(node.header.header);
  const sema::Header& header = context_.program.header(node.header.header);
  const HeaderLayout& carrier = context_.program.layout(node.carrier.header);
  uint32_t link = carrier.fields[node.link].member;
  ir::Type type = context_.program.lowered.structs[carrier.layout].members[link].type;
  ir::ExprPtr next = ir::MemberOf(PointerTo(node.header), layout.fields[node.next].member, type);
  ir::VarId after = code_.Keep("next", type, std::move(next));
  ir::VarId front = FrontOf(node.carrier);
  ir::VarId failed = code_.Keep("failed", S64(), ir::Num(~0ull, S64()));
  ir::ExprPtr here;
  for (const sema::HeaderPlace& place : header.places) {
    for (uint64_t value : place.values) {
      ir::ExprPtr test = ir::Op(BinaryOp::kEq, ir::MemberOf(code_.Use(front), link, type),
                                ir::HexNum(value, type));
      here = here ? ir::Op(BinaryOp::kEither, std::move(here), std::move(test)) : std::move(test);
    }
  }
  code_.When(std::move(here), [&] {
    SetLink(front, node, code_.Use(after));
    code_.Set(failed, ir::CallTo(std::string(node.row->helper), S64(), ir::ContextArgument(),
                                 ir::Num(header.fixed_size, ir::Signed(32))));
    code_.When(ir::Not(code_.Use(failed)), [&] { WriteFront(front, node.carrier); });
  });
  return failed;
}

// Whether another header that leads on to the same selector may be passed over before it.
static bool MayStandBehindOthers(const sema::Program& program, sema::HeaderId id) {
  const auto& places = program.headers[static_cast<size_t>(id)].places;
  auto shares = [&](const sema::NextHeader& next, const sema::Header& other) {
    auto on = [&](const sema::HeaderPlace& place) { return place.selector == next.selector; };
    return std::any_of(places.begin(), places.end(), on) &&
           std::any_of(other.places.begin(), other.places.end(), on);
  };
  for (uint32_t i = 0; i < program.headers.size(); ++i) {
    const sema::Header& other = program.headers[i];
    if (sema::HeaderId{i} == id) continue;
    if (std::any_of(other.next.begin(), other.next.end(),
                    [&](const auto& next) { return shares(next, other); }))
      return true;
  }
  return false;
}

// With an skb, a tag is the kernel's to keep: in the packet or beside it.
ir::VarId Body::PushTag(const sema::Effect& node) {
  ir::ExprPtr tag;
  const sema::Header& header = context_.program.header(node.header.header);
  for (size_t i = 0; i < node.arguments.size(); ++i) {
    const sema::HeaderField& field = header.fields[i];
    if (i == node.next) continue;
    ir::ExprPtr value = ir::CastTo(ir::Unsigned(16), Value(*node.arguments[i]));
    uint32_t shift = 16 - field.bit_offset - field.bits;
    if (shift > 0)
      value = ir::Op(BinaryOp::kShl, std::move(value), ir::Num(shift, ir::Unsigned(16)));
    tag = tag ? ir::Op(BinaryOp::kOr, std::move(tag), std::move(value)) : std::move(value);
  }
  return code_.Keep("failed",
                    ir::CallTo(std::string(node.row->helper), S64(), ir::ContextArgument(),
                               ir::HexNum(node.value, ir::Network(16)), std::move(tag)));
}

// bpf_skb_vlan_pop does nothing, and succeeds, where the frame doesn't begin with a tag: the
// one that was found stands behind another header.
ir::VarId Body::PopTag(const sema::Effect& node) {
  auto pop = [&] {
    return ir::CallTo(std::string(node.row->helper), S64(), ir::ContextArgument());
  };
  if (!MayStandBehindOthers(context_.program.checked, node.header.header))
    return code_.Keep("failed", pop());
  ir::VarId failed = code_.Keep("failed", S64(), ir::Num(~0ull, S64()));
  uint32_t first = context_.program.header(node.carrier.header).fixed_size;
  auto stands = [&](uint32_t at) {
    return ir::Op(BinaryOp::kEq, OffsetOf(node.header, 0), ir::Num(at));
  };
  code_.When(ir::Op(BinaryOp::kEither, stands(0), stands(first)),
             [&] { code_.Set(failed, pop()); });
  return failed;
}

ir::VarId Body::PushBytes(const sema::Effect& node) {
  auto count = static_cast<uint32_t>(AsNumber(*node.arguments[0]));
  bool skb = context_.hook.packet.method == ir::AccessMethod::kPull;
  if (skb) {  // bpf_skb_change_head clears what it adds
    return code_.Keep("failed", ir::CallTo(std::string(node.row->helper), S64(),
                                           ir::ContextArgument(), ir::Num(count), ir::Num(0)));
  }
  ir::VarId failed =
      code_.Keep("failed", ir::CallTo(std::string(node.row->helper), S64(), ir::ContextArgument(),
                                      ir::Num(0ull - count, ir::Signed(32))));
  for (const char* name : {"data", "data_end"}) context_.hook.context.insert(name);
  code_.When(ir::Not(code_.Use(failed)), [&] {
    code_.Add(ir::Reload{});
    ir::VarId pointer = code_.NewVar("begin", BytesType(count).Pointer());
    ir::Access access{pointer, ir::Num(0), count, nullptr, {}, false, std::nullopt};
    access.fail = code_.Within([&] { code_.Add(ir::Exit{context_.block.on_abort, std::nullopt}); });
    code_.Add(std::move(access));
    code_.Add(
        ir::Assign{ir::Pointed(code_.Use(pointer)), ir::Make(BytesType(count), ir::Aggregate{})});
  });
  return failed;
}

void Body::LowerEffect(const sema::Effect& node) {
  bool skb = context_.hook.packet.method == ir::AccessMethod::kPull;
  ir::VarId failed{};
  std::string what = std::string(node.row->word);
  switch (node.effect) {
    case EffectKind::kTrim:
    case EffectKind::kGrow:
    case EffectKind::kPopBytes:
      failed = MoveEnd(node);
      break;
    case EffectKind::kPushBytes:
      failed = PushBytes(node);
      break;
    case EffectKind::kPushHeader:
      failed = skb ? PushTag(node) : PushHeader(node);
      break;
    case EffectKind::kPopHeader:
      failed = skb ? PopTag(node) : PopHeader(node);
      break;
    case EffectKind::kEncap:
      failed = Encap(node);
      what += " " + std::string(node.row->kind);
      break;
    case EffectKind::kBecome:
      failed = Become(node);
      break;
    case EffectKind::kDecap:
      failed = Decap(node);
      break;
    case EffectKind::kAssign:
      failed = code_.Keep("failed",
                          ir::CallTo(std::string(node.row->helper), S64(), ir::ContextArgument(),
                                     Value(*node.arguments[0]), ir::Num(0)));
      break;
    case EffectKind::kClone:
      failed = CloneTo(node);
      break;
    case EffectKind::kPace:
      failed = Pace(node);
      break;
  }
  bool header = node.effect == EffectKind::kPushHeader || node.effect == EffectKind::kPopHeader;
  if (header) what += " " + context_.program.header(node.header.header).name;
  if (node.row->changes == hooks::Changes::kEnds) Reparse(node);
  ir::Block otherwise = Scoped([&] {
    if (node.has_otherwise) {
      Statements(node.otherwise);
    } else {
      Abort(fmt::format("{} failed in {}", what, context_.block.name));
    }
  });
  ir::Block then = Scoped([&] { Statements(node.then); });
  code_.Add(ir::If{code_.Use(failed), std::move(otherwise), std::move(then)});
}

}  // namespace netc::lower
