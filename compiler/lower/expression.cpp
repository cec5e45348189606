#include <algorithm>
#include <cassert>
#include <cstring>

#include "compiler/lower/body.h"

namespace netc::lower {

using sema::TypeKind;

namespace {
template <typename... F>
struct Overload : F... {
  using F::operator()...;
};
uint64_t LowBits(uint32_t bits) {
  return bits >= 64 ? ~0ull : (1ull << bits) - 1;
}
}  // namespace

ir::ExprPtr Body::Value(const sema::Expr& expr) {
  return std::visit(
      Overload{
          [&](const sema::Constant& n) { return ConstantOf(expr.type, n); },
          [&](const sema::LocalRef& n) { return ReadLocal(n); },
          [&](const sema::ParamRef& n) -> ir::ExprPtr {
            const sema::Param& param =
                context_.program.checked.params[static_cast<size_t>(n.param)];
            if (param.is_const) return Value(*param.value);
            return ir::Name(CName(param.name), types_.Of(param.type));
          },
          [&](const sema::FieldRead& n) { return Read(n, expr.type); },
          [&](const sema::Present& n) { return Present(n); },
          [&](const sema::FieldOf& n) { return FieldOf(n); },
          [&](const sema::StructValue& n) { return StructValue(n, expr.type); },
          [&](const sema::ElementOf& n) { return Element(n); },
          [&](const sema::QueueTake&) -> ir::ExprPtr {
            assert(!"an optional is bound before it is used");
            return nullptr;
          },
          [&](const sema::RingPick&) -> ir::ExprPtr {
            assert(!"an optional is bound before it is used");
            return nullptr;
          },
          [&](const sema::Unary& n) {
            auto op =
                n.op == sema::UnaryOp::kNegate ? ir::UnaryOp::kNegate : ir::UnaryOp::kComplement;
            return Narrow(ir::Make(types_.Of(expr.type), ir::Unary{op, Value(*n.operand)}),
                          expr.type);
          },
          [&](const sema::Binary& n) { return Arithmetic(n, expr.type); },
          [&](const sema::Compare& n) { return Compare(n); },
          [&](const sema::Not& n) { return ir::Not(Value(*n.operand)); },
          [&](const sema::And& n) { return All(n); },
          [&](const sema::Or& n) { return Any(n.operands); },
          [&](const sema::Select& n) { return Select(n); },
          [&](const sema::Contains& n) {
            return Contains(Value(*n.subject), n.subject->type, n.elements);
          },
          [&](const sema::Convert& n) { return Convert(*n.operand, expr.type); },
          [&](const sema::IfPresent& n) { return IfPresent(n); },
          [&](const sema::StateContains& n) { return StateContains(n); },
          [&](const sema::StateLookup&) -> ir::ExprPtr {
            assert(!"an optional is bound before it is used");
            return nullptr;
          },
          [&](const sema::StateRead& n) { return StateRead(n, expr.type); },
          [&](const sema::OrInsert& n) { return OrInsert(n, expr.type); },
          [&](const sema::LimiterTake& n) { return Take(n); },
          [&](const sema::ContextField& n) { return Context(n, expr.type); },
          [&](const sema::ArgumentRead& n) {
            ir::Type u64 = ir::Unsigned(64);
            return ir::CastTo(types_.Of(expr.type),
                              ir::Name("ctx[" + std::to_string(n.index) + "]", u64));
          },
          [&](const sema::ValueRead&) -> ir::ExprPtr {
            assert(!"an optional is bound before it is used");
            return nullptr;
          },
          [&](const sema::WordRead& n) { return KnownWord(n, expr.type); },
          [&](const sema::SocketTest& n) { return SocketTest(n.level); },
          [&](const sema::BuiltinCall& n) { return Builtin(n, expr.type); },
          [&](const sema::PayloadRead&) -> ir::ExprPtr {
            assert(!"an optional is bound before it is used");
            return nullptr;
          },
          [&](const sema::FunctionCall& n) { return Inline(n, expr.type); },
          [&](const sema::CCall& n) { return CallC(n, expr.type); },
          [&](const sema::HelperCall& n) { return CallKernel(n, expr.type); },
          [&](const sema::ObjectField& n) { return ReadObject(n, expr.type); },
          [&](const sema::OwnObject&) -> ir::ExprPtr {
            assert(!"only state that is kept for it asks for it");
            return nullptr;
          },
          [&](const sema::Zero&) -> ir::ExprPtr {
            ir::Type type = types_.Of(expr.type);
            bool number = type.is_number() || type.is_network() || type.kind == ir::TypeKind::kBool;
            return number ? ir::Num(0, type) : ir::Make(type, ir::Aggregate{});
          },
          [&](const sema::KfuncCall& n) { return Kernel(n, expr.type); },
          [&](const sema::ConnectionRead& n) {
            return ir::CastTo(types_.Of(expr.type), Connection(n));
          },
      },
      expr.node);
}

ir::ExprPtr Body::ConstantOf(sema::TypeId id, const sema::Constant& constant) {
  ir::Type type = types_.Of(id);
  switch (types_.table()[id].kind) {
    case TypeKind::kIpv4: {
      uint64_t value = 0;
      for (int i = 0; i < 4; ++i) value = value << 8 | constant.bytes[i];
      return ir::HexNum(value, type);
    }
    case TypeKind::kIpv6:
    case TypeKind::kIp:
    case TypeKind::kMac:
      return ir::Make(type, ir::Literal{constant.bytes});
    case TypeKind::kString: {
      ir::Literal literal;
      std::memcpy(literal.bytes.data(), constant.text.data(),
                  std::min(constant.text.size(), literal.bytes.size()));
      return ir::Make(type, literal);
    }
    case TypeKind::kPrefix: {
      sema::TypeId element = types_.table()[id].element;
      ir::Aggregate aggregate;
      aggregate.members.push_back(ir::Num(constant.number));
      aggregate.members.push_back(ConstantOf(element, constant));
      return ir::Make(type, std::move(aggregate));
    }
    default:
      return ir::Num(constant.number & LowBits(type.bits), type);
  }
}

ir::ExprPtr Body::Read(const sema::FieldRead& node, sema::TypeId id) {
  const HeaderLayout& layout = context_.program.layout(node.header.header);
  const FieldPlace& place = layout.fields[node.field];
  bool self = node.header.scope == sema::Scope::kSelf;
  if (self && first_byte_) return ReadFirstByte(node, id);
  // Never reached: in this hook the header is absent. A function may serve others, too.
  if (!self && !context_.slots.contains(node.header)) return ConstantOf(id, {});
  ir::ExprPtr pointer = self ? code_.Use(self_pointer_) : PointerTo(node.header);
  ir::Type type = types_.Of(id);
  sema::TypeId declared = context_.program.header(node.header.header).fields[node.field].type;
  if (!place.more.empty()) return Narrow(ReadParts(layout, place, *pointer, type), declared);
  ir::Type unit = context_.program.lowered.structs[layout.layout].members[place.member].type;
  ir::ExprPtr value = ir::MemberOf(std::move(pointer), place.member, unit);
  if (!self && NamesTag(node) && unit == ir::Network(16)) return LinkOfTag(std::move(value), type);
  if (place.whole && (type.is_network() || !type.is_number())) {
    return type.kind == ir::TypeKind::kBool
               ? ir::Op(ir::BinaryOp::kNe, std::move(value), ir::Num(0, unit))
               : std::move(value);
  }
  if (unit.is_network()) value = ir::Swapped(std::move(value));
  if (place.whole) return ir::CastTo(type, std::move(value));
  ir::Type host = value->type;
  uint64_t mask = LowBits(place.bits);
  if (type.kind == ir::TypeKind::kBool) {
    ir::ExprPtr bit =
        ir::Op(ir::BinaryOp::kAnd, std::move(value), ir::HexNum(mask << place.shift, host));
    return ir::Op(ir::BinaryOp::kNe, std::move(bit), ir::Num(0, host));
  }
  if (place.shift > 0) value = ir::Op(ir::BinaryOp::kShr, std::move(value), ir::Num(place.shift));
  if (place.shift + place.bits < host.bits) {
    value = ir::Op(ir::BinaryOp::kAnd, std::move(value), ir::HexNum(mask, host));
  }
  value = ir::CastTo(type, std::move(value));
  return type.is_signed ? Narrow(std::move(value), declared) : std::move(value);
}

// A field that reaches over several members, put together.
ir::ExprPtr Body::ReadParts(const HeaderLayout& layout, const FieldPlace& place,
                            const ir::Expr& pointer, ir::Type type) {
  uint32_t bits = place.bits;
  for (const FieldPart& part : place.more) bits += part.bits;
  ir::Type host = ir::Unsigned(bits > 32 ? 64 : 32);
  const auto& members = context_.program.lowered.structs[layout.layout].members;
  ir::ExprPtr whole;
  auto add = [&](const FieldPart& part) {
    ir::Type unit = members[part.member].type;
    ir::ExprPtr value = ir::MemberOf(ir::Clone(pointer), part.member, unit);
    if (unit.is_network()) value = ir::Swapped(std::move(value));
    // What is taken of eight bytes may stand above the bits of the whole.
    ir::Type wide = unit.bits == 64 ? ir::Unsigned(64) : host;
    value = ir::CastTo(wide, std::move(value));
    if (part.shift > 0) {
      value = ir::Op(ir::BinaryOp::kShr, std::move(value), ir::Num(part.shift, wide));
    }
    if (part.shift + part.bits < unit.bits) {
      value = ir::Op(ir::BinaryOp::kAnd, std::move(value), ir::HexNum(LowBits(part.bits), wide));
    }
    value = ir::CastTo(host, std::move(value));
    bits -= part.bits;
    if (bits > 0) value = ir::Op(ir::BinaryOp::kShl, std::move(value), ir::Num(bits, host));
    whole =
        whole ? ir::Op(ir::BinaryOp::kOr, std::move(whole), std::move(value)) : std::move(value);
  };
  add(place);
  for (const FieldPart& part : place.more) add(part);
  return ir::CastTo(type, std::move(whole));
}

// Whether this field says in a tagged frame that a tag follows, which it doesn't where the
// tag stands beside the packet.
bool Body::NamesTag(const sema::FieldRead& node) const {
  const ParsePlan& plan = context_.plan;
  if (!plan.first || *plan.first != node.header) return false;
  const auto& next = context_.program.header(node.header.header).next;
  if (next.size() != 1 || next[0].field != node.field) return false;
  return std::any_of(plan.parsed.begin(), plan.parsed.end(),
                     [&](sema::HeaderRef ref) { return context_.MayStandBeside(ref); });
}

ir::ExprPtr Body::LinkOfTag(ir::ExprPtr in_packet, ir::Type type) {
  ir::ExprPtr tag = ir::CastTo(ir::Network(16), context_.Context("vlan_proto", ir::Unsigned(32)));
  ir::ExprPtr test =
      ir::Op(ir::BinaryOp::kNe, context_.Context("vlan_present", ir::Unsigned(32)), ir::Num(0));
  return ir::Make(type,
                  ir::Conditional{std::move(test), ir::CastTo(type, ir::Swapped(std::move(tag))),
                                  ir::CastTo(type, ir::Swapped(std::move(in_packet)))});
}

ir::VarId Body::VarOf(sema::LocalId id) {
  Frame& frame = frames_.back();
  if (auto found = frame.vars.find(id); found != frame.vars.end()) return found->second;
  const sema::Local& local = (*frame.locals)[static_cast<size_t>(id)];
  ir::Type type = types_.Of(local.type);
  ir::VarId var = code_.NewVar(local.name.empty() ? "value" : local.name,
                               local.in_place ? type.Pointer() : type);
  frame.vars.emplace(id, var);
  return var;
}

ir::ExprPtr Body::ReadLocal(const sema::LocalRef& node) {
  bool in_place = (*frames_.back().locals)[static_cast<size_t>(node.local)].in_place;
  ir::ExprPtr use = code_.Use(VarOf(node.local));
  return in_place && use->type.is_pointer() ? ir::Pointed(std::move(use)) : std::move(use);
}

ir::ExprPtr Body::FieldOf(const sema::FieldOf& node) {
  ir::ExprPtr object = Value(*node.object);
  uint32_t member = types_.MemberIndex(node.object->type, node.field);
  if (auto* deref = std::get_if<ir::Deref>(&object->node)) object = std::move(deref->pointer);
  ir::Type type = types_.struct_of(types_.Of(node.object->type)).members[member].type;
  ir::ExprPtr value = ir::MemberOf(std::move(object), member, type);
  const sema::StructDecl& decl = types_.table().struct_of(node.object->type);
  return decl.kernel ? InOrderOf(types_.Of(decl.fields[node.field].type), std::move(value))
                     : std::move(value);
}

ir::ExprPtr Body::StructValue(const sema::StructValue& node, sema::TypeId id) {
  ir::Type type = types_.Of(id);
  if (types_.table()[id].kind == TypeKind::kArray) {
    return ir::Make(type, ir::Aggregate{InOrder(node.fields)});
  }
  if (types_.table().struct_of(id).kernel) {
    ir::VarId made = code_.Keep("made", type, ir::Make(type, ir::Aggregate{}));
    for (uint32_t i = 0; i < node.fields.size(); ++i) {
      if (!node.fields[i]) continue;
      ir::Type member = types_.struct_of(type).members[i].type;
      ir::ExprPtr value = InOrderOf(member, Value(*node.fields[i]));
      code_.Add(ir::Assign{ir::MemberOf(code_.Use(made), i, member), std::move(value)});
    }
    return code_.Use(made);
  }
  ir::Aggregate aggregate;
  aggregate.members.resize(types_.struct_of(type).members.size());
  std::vector<ir::ExprPtr> fields = InOrder(node.fields);
  for (uint32_t i = 0; i < fields.size(); ++i) {
    aggregate.members[types_.MemberIndex(id, i)] = std::move(fields[i]);
  }
  return ir::Make(type, std::move(aggregate));
}

// Drops bits above the type's, where it is narrower than what holds it; a signed
// number's highest bit that is left is its sign again.
ir::ExprPtr Body::Narrow(ir::ExprPtr value, sema::TypeId id) {
  uint32_t bits = types_.BitsOf(id);
  ir::Type type = value->type;
  if (!type.is_number() || bits >= type.bits) return value;
  value = ir::Op(ir::BinaryOp::kAnd, std::move(value), ir::Num(LowBits(bits), type));
  if (!type.is_signed) return value;
  ir::ExprPtr sign = ir::Num(1ull << (bits - 1), type);
  value = ir::Op(ir::BinaryOp::kXor, std::move(value), ir::Clone(*sign));
  return ir::Op(ir::BinaryOp::kSub, std::move(value), std::move(sign));
}

ir::ExprPtr Body::Convert(const sema::Expr& operand, sema::TypeId to) {
  ir::ExprPtr value = Value(operand);
  ir::Type type = types_.Of(to);
  if (value->type == type) {
    return types_.BitsOf(to) < types_.BitsOf(operand.type) ? Narrow(std::move(value), to)
                                                           : std::move(value);
  }
  if (type.kind == ir::TypeKind::kAddress6 && value->type.is_network()) {
    return ir::CallTo("netc_mapped", type, std::move(value));
  }
  if (type.is_network() && value->type.kind == ir::TypeKind::kAddress6) {
    return ir::PartOf(Repeatable("address", std::move(value)), 3);  // of ::ffff:a.b.c.d
  }
  if (type.kind == ir::TypeKind::kBool && value->type.is_number()) {
    ir::Type from = value->type;
    return ir::Op(ir::BinaryOp::kNe, std::move(value), ir::Num(0, from));
  }
  if (type.is_network() != value->type.is_network()) value = ir::Swapped(std::move(value));
  return Narrow(ir::CastTo(type, std::move(value)), to);
}

// The value as an expression that may be written more than once.
ir::ExprPtr Body::Repeatable(const std::string& name, ir::ExprPtr value) {
  bool plain = std::holds_alternative<ir::Variable>(value->node) ||
               std::holds_alternative<ir::Number>(value->node) ||
               std::holds_alternative<ir::Literal>(value->node);
  if (plain) return value;
  return code_.Use(code_.Keep(name, std::move(value)));
}

ir::ExprPtr Body::Context(const sema::ContextField& node, sema::TypeId id) {
  const hooks::Field& field = context_.block.hook->fields[node.field];
  ir::Type type = types_.Of(id);
  std::string name(field.name);
  if (node.word >= 0) return context_.Context(name, ir::Unsigned(32), node.word);
  if (type.kind == ir::TypeKind::kAddress6) {
    ir::Aggregate words;
    for (int i = 0; i < 4; ++i) words.members.push_back(context_.Context(name, ir::Network(32), i));
    return ir::Make(type, std::move(words));
  }
  uint32_t bits = std::min<uint32_t>(field.size * 8, 64);
  if (field.order == hooks::ByteOrder::kHost) {
    return ir::CastTo(type, context_.Context(name, ir::Unsigned(bits)));
  }
  ir::ExprPtr raw = context_.Context(name, ir::Network(bits));
  if (field.order == hooks::ByteOrder::kBig16 && bits != 16) {
    raw = ir::CastTo(ir::Network(16), std::move(raw));
  }
  if (type.is_network()) return raw;
  return ir::CastTo(type, ir::Swapped(std::move(raw)));
}

}  // namespace netc::lower
