// Presence, comparisons, membership, `and`, `or`.
#include <algorithm>
#include <cassert>

#include "compiler/lower/body.h"

namespace netc::lower {

using ir::BinaryOp;

// An unreadable header ends the hook; what was tested on the way here isn't
// tested again.
ir::ExprPtr Body::Present(const sema::Present& node) {
  if (!context_.slots.contains(node.header)) return ir::Num(0, ir::Bool());
  if (context_.IsOption(node.header)) return OptionPresent(node.header);
  if (context_.hook.unreadable && known_.readable.insert(node.header).second) {
    auto test = ir::Make(ir::Bool(), ir::Unreadable{context_.Mask({node.header})});
    code_.When(std::move(test), [&] { code_.Add(ir::FailUnreadable{}); });
  }
  return context_.HeaderPresent(node.header);
}

// (a and b) and c is a and b and c.
static void Flatten(const sema::And& node, std::vector<const sema::Expr*>& operands) {
  for (const sema::ExprPtr& operand : node.operands) {
    if (const auto* inner = std::get_if<sema::And>(&operand->node)) {
      Flatten(*inner, operands);
    } else {
      operands.push_back(operand.get());
    }
  }
}

ir::ExprPtr Body::All(const sema::And& node) {
  std::vector<const sema::Expr*> operands;
  Flatten(node, operands);
  ir::ExprPtr result = Value(*operands[0]);
  std::optional<ir::VarId> held;
  auto known = known_;  // what the first operand found out holds behind all of them
  for (size_t i = 1; i < operands.size(); ++i) {
    ir::ExprPtr next;
    ir::Block prelude = code_.Within([&] { next = Value(*operands[i]); });
    known_.sockets = known.sockets;  // declared in the block
    if (prelude.empty()) {
      result = ir::Op(BinaryOp::kBoth, std::move(result), std::move(next));
      continue;
    }
    if (!held) {
      held = code_.Keep("holds", std::move(result));
    } else {
      code_.Set(*held, std::move(result));
    }
    prelude.push_back({code_.origin(), ir::Assign{code_.Use(*held), std::move(next)}});
    code_.Add(ir::If{code_.Use(*held), std::move(prelude), {}});
    result = code_.Use(*held);
  }
  known_ = std::move(known);
  return result;
}

ir::ExprPtr Body::Any(const std::vector<sema::ExprPtr>& operands) {
  ir::ExprPtr result = Value(*operands[0]);
  std::optional<ir::VarId> held;
  auto known = known_;  // what the first operand found out holds behind all of them
  for (size_t i = 1; i < operands.size(); ++i) {
    ir::ExprPtr next;
    ir::Block prelude = code_.Within([&] { next = Value(*operands[i]); });
    known_.sockets = known.sockets;  // declared in the block
    if (prelude.empty()) {
      result = ir::Op(BinaryOp::kEither, std::move(result), std::move(next));
      continue;
    }
    if (!held) {
      held = code_.Keep("holds", std::move(result));
    } else {
      code_.Set(*held, std::move(result));
    }
    prelude.push_back({code_.origin(), ir::Assign{code_.Use(*held), std::move(next)}});
    code_.Add(ir::If{ir::Not(code_.Use(*held)), std::move(prelude), {}});
    result = code_.Use(*held);
  }
  known_ = std::move(known);
  return result;
}

ir::ExprPtr Body::Select(const sema::Select& node) {
  ir::ExprPtr condition = Value(*node.condition);
  ir::ExprPtr yes, no;
  ir::Block before_yes = Scoped([&] { yes = Value(*node.yes); });
  ir::Block before_no = Scoped([&] { no = Value(*node.no); });
  ir::Type type = yes->type;
  if (before_yes.empty() && before_no.empty()) {
    return ir::Make(type, ir::Conditional{std::move(condition), std::move(yes), std::move(no)});
  }
  ir::VarId chosen = code_.NewVar("chosen", type);
  code_.Add(ir::Declare{chosen, nullptr});
  before_yes.push_back({code_.origin(), ir::Assign{code_.Use(chosen), std::move(yes)}});
  before_no.push_back({code_.origin(), ir::Assign{code_.Use(chosen), std::move(no)}});
  code_.Add(ir::If{std::move(condition), std::move(before_yes), std::move(before_no)});
  return code_.Use(chosen);
}

static uint32_t PartCount(ir::Type type) {
  return type.kind == ir::TypeKind::kMac ? 6 : 4;
}

static ir::ExprPtr PartAt(const ir::Expr& whole, uint32_t index) {
  if (const auto* literal = std::get_if<ir::Literal>(&whole.node)) {
    if (whole.type.kind == ir::TypeKind::kMac)
      return ir::Num(literal->bytes[index], ir::Unsigned(8));
    uint64_t value = 0;
    for (uint32_t i = 0; i < 4; ++i) value = value << 8 | literal->bytes[index * 4 + i];
    return ir::Num(value, ir::Network(32));
  }
  if (const auto* aggregate = std::get_if<ir::Aggregate>(&whole.node)) {
    return ir::Clone(*aggregate->members[index]);
  }
  return ir::PartOf(ir::Clone(whole), index);
}

// Equality of values of any type, part by part where C has none.
ir::ExprPtr Body::Equal(ir::ExprPtr left, ir::ExprPtr right) {
  ir::Type type = left->type;
  if (type.kind == ir::TypeKind::kAddress6 || type.kind == ir::TypeKind::kMac) {
    bool member = std::holds_alternative<ir::Member>(left->node);
    if (!member) left = Repeatable("left", std::move(left));
    if (!std::holds_alternative<ir::Member>(right->node))
      right = Repeatable("right", std::move(right));
    ir::ExprPtr all;
    for (uint32_t i = 0; i < PartCount(type); ++i) {
      ir::ExprPtr part = ir::Op(BinaryOp::kEq, PartAt(*left, i), PartAt(*right, i));
      all = all ? ir::Op(BinaryOp::kBoth, std::move(all), std::move(part)) : std::move(part);
    }
    return all;
  }
  if (type.kind == ir::TypeKind::kStruct && types_.struct_of(type).is_array) {
    return EqualArrays(std::move(left), std::move(right));
  }
  if (type.kind == ir::TypeKind::kStruct) {
    left = Repeatable("left", std::move(left));
    right = Repeatable("right", std::move(right));
    const std::vector<ir::StructMember> members = types_.struct_of(type).members;
    ir::ExprPtr all;
    for (uint32_t i = 0; i < members.size(); ++i) {
      if (members[i].count > 0) continue;  // padding
      ir::ExprPtr part = Equal(ir::MemberOf(ir::Clone(*left), i, members[i].type),
                               ir::MemberOf(ir::Clone(*right), i, members[i].type));
      all = all ? ir::Op(BinaryOp::kBoth, std::move(all), std::move(part)) : std::move(part);
    }
    return all ? std::move(all) : ir::Num(1, ir::Bool());
  }
  if (type.kind == ir::TypeKind::kBytes) {
    ir::VarId first = code_.Keep("left", std::move(left));
    ir::VarId second = code_.Keep("right", std::move(right));
    ir::ExprPtr difference =
        ir::CallTo("__builtin_memcmp", ir::Signed(32), ir::Pointing(code_.Use(first)),
                   ir::Pointing(code_.Use(second)), ir::Num(type.decl));
    return ir::Not(std::move(difference));
  }
  return ir::Op(BinaryOp::kEq, std::move(left), std::move(right));
}

ir::ExprPtr Body::Compare(const sema::Compare& node) {
  auto [left, right] = InOrder(*node.left, *node.right);
  if (node.op == sema::CompareOp::kEq) return Equal(std::move(left), std::move(right));
  if (node.op == sema::CompareOp::kNe) {
    if (left->type.is_number() || left->type.is_network()) {
      return ir::Op(BinaryOp::kNe, std::move(left), std::move(right));
    }
    return ir::Not(Equal(std::move(left), std::move(right)));
  }
  BinaryOp op = node.op == sema::CompareOp::kLt   ? BinaryOp::kLt
                : node.op == sema::CompareOp::kLe ? BinaryOp::kLe
                : node.op == sema::CompareOp::kGt ? BinaryOp::kGt
                                                  : BinaryOp::kGe;
  if (left->type.kind == ir::TypeKind::kAddress6 || left->type.kind == ir::TypeKind::kMac) {
    ir::VarId first = code_.Keep("left", std::move(left));
    ir::VarId second = code_.Keep("right", std::move(right));
    const char* function = code_.Use(first)->type.kind == ir::TypeKind::kMac ? "netc_compare_mac"
                                                                             : "netc_compare_ipv6";
    ir::ExprPtr order = ir::CallTo(function, ir::Signed(32), ir::Pointing(code_.Use(first)),
                                   ir::Pointing(code_.Use(second)));
    return ir::Op(op, std::move(order), ir::Num(0, ir::Signed(32)));
  }
  if (left->type.is_network()) left = ir::Swapped(std::move(left));
  if (right->type.is_network()) right = ir::Swapped(std::move(right));
  return ir::Op(op, std::move(left), std::move(right));
}

static bool IsPlace(const ir::Expr& expr) {
  if (const auto* swap = std::get_if<ir::Swap>(&expr.node)) return IsPlace(*swap->operand);
  return std::holds_alternative<ir::Member>(expr.node);
}

ir::ExprPtr Body::Contains(ir::ExprPtr subject, sema::TypeId type,
                           const std::vector<sema::Contains::Element>& elements) {
  if (elements.empty()) return ir::Num(0, ir::Bool());
  bool once = elements.size() == 1 && IsPlace(*subject);
  bool values = std::all_of(elements.begin(), elements.end(), [](const auto& element) {
    return element.form == sema::Contains::Element::Form::kValue;
  });
  // Compared as it lies in the packet: the constants are swapped instead.
  if (auto* swap = std::get_if<ir::Swap>(&subject->node); swap && values && !once) {
    ir::VarId raw = code_.Keep("subject", std::move(swap->operand));
    subject = ir::Swapped(code_.Use(raw));
    once = true;
  }
  if (!once) subject = Repeatable("subject", std::move(subject));
  ir::ExprPtr any;
  for (const sema::Contains::Element& element : elements) {
    ir::ExprPtr test = InElement(*subject, type, element);
    any = any ? ir::Op(BinaryOp::kEither, std::move(any), std::move(test)) : std::move(test);
  }
  return any;
}

ir::ExprPtr Body::InElement(const ir::Expr& subject, sema::TypeId type,
                            const sema::Contains::Element& element) {
  using Form = sema::Contains::Element::Form;
  if (element.form == Form::kPrefix) return InPrefix(subject, type, element);
  ir::ExprPtr first = ConstantOf(type, element.first);
  if (element.form == Form::kValue) return Equal(ir::Clone(subject), std::move(first));
  ir::ExprPtr last = ConstantOf(type, element.last);
  if (subject.type.kind == ir::TypeKind::kAddress6 || subject.type.kind == ir::TypeKind::kMac) {
    const char* function =
        subject.type.kind == ir::TypeKind::kMac ? "netc_compare_mac" : "netc_compare_ipv6";
    auto compare = [&](BinaryOp op, ir::ExprPtr bound) {
      ir::VarId kept = code_.Keep("bound", std::move(bound));
      ir::VarId value = code_.Keep("value", ir::Clone(subject));
      ir::ExprPtr order = ir::CallTo(function, ir::Signed(32), ir::Pointing(code_.Use(value)),
                                     ir::Pointing(code_.Use(kept)));
      return ir::Op(op, std::move(order), ir::Num(0, ir::Signed(32)));
    };
    ir::ExprPtr low = compare(BinaryOp::kGe, std::move(first));
    return ir::Op(BinaryOp::kBoth, std::move(low), compare(BinaryOp::kLe, std::move(last)));
  }
  auto host = [](ir::ExprPtr value) {
    return value->type.is_network() ? ir::Swapped(std::move(value)) : std::move(value);
  };
  ir::ExprPtr low = ir::Op(BinaryOp::kGe, host(ir::Clone(subject)), host(std::move(first)));
  ir::ExprPtr high = ir::Op(BinaryOp::kLe, host(ir::Clone(subject)), host(std::move(last)));
  return ir::Op(BinaryOp::kBoth, std::move(low), std::move(high));
}

// (x & mask) == prefix, in whole words where the mask is all ones.
static ir::ExprPtr MaskedEqual(ir::ExprPtr value, uint64_t prefix, uint32_t length, uint32_t bits) {
  ir::Type type = value->type;
  uint64_t ones = bits >= 64 ? ~0ull : (1ull << bits) - 1;
  uint64_t mask = length >= bits ? ones : ones & ~(ones >> length);
  if (mask != ones) value = ir::Op(BinaryOp::kAnd, std::move(value), ir::HexNum(mask, type));
  return ir::Op(BinaryOp::kEq, std::move(value), ir::HexNum(prefix & mask, type));
}

// ::ffff:0:0/96, in which an ip_addr holds IPv4 addresses.
static sema::Contains::Element MappedIpv4() {
  sema::Contains::Element mapped;
  mapped.form = sema::Contains::Element::Form::kPrefix;
  mapped.first.bytes[10] = mapped.first.bytes[11] = 0xff;
  mapped.length = 96;
  return mapped;
}

// A prefix of IPv6 that they begin with. They are in none for all that.
static bool CoversIpv4(const sema::Contains::Element& element) {
  if (element.length >= 96) return false;
  const auto mapped = MappedIpv4().first.bytes;
  for (uint32_t bit = 0; bit < element.length; ++bit) {
    uint32_t differs = element.first.bytes[bit / 8] ^ mapped[bit / 8];
    if ((differs >> (7 - bit % 8) & 1) != 0) return false;
  }
  return true;
}

ir::ExprPtr Body::InPrefix(const ir::Expr& subject, sema::TypeId type,
                           const sema::Contains::Element& element) {
  ir::ExprPtr prefix = ConstantOf(type, element.first);
  uint32_t length = element.length;
  if (subject.type.is_network()) {
    if (length == 0) return ir::Num(1, ir::Bool());
    return MaskedEqual(ir::Clone(subject), std::get<ir::Number>(prefix->node).value, length,
                       subject.type.bits);
  }
  uint32_t part_bits = subject.type.kind == ir::TypeKind::kMac ? 8 : 32;
  ir::ExprPtr all;
  for (uint32_t i = 0; i * part_bits < length; ++i) {
    uint64_t part = std::get<ir::Number>(PartAt(*prefix, i)->node).value;
    ir::ExprPtr test = MaskedEqual(PartAt(subject, i), part, length - i * part_bits, part_bits);
    all = all ? ir::Op(BinaryOp::kBoth, std::move(all), std::move(test)) : std::move(test);
  }
  if (!all) all = ir::Num(1, ir::Bool());
  if (types_.table()[type].kind != sema::TypeKind::kIp || !CoversIpv4(element)) return all;
  ir::ExprPtr other = InPrefix(subject, type, MappedIpv4());
  return ir::Op(BinaryOp::kBoth, std::move(all), ir::Not(std::move(other)));
}

ir::ExprPtr Body::IfPresent(const sema::IfPresent& node) {
  if (types_.table()[node.optional->type].kind != sema::TypeKind::kOptional) {
    ir::ExprPtr value = Value(*node.optional);
    code_.Add(ir::Declare{VarOf(node.local), std::move(value)});
    return Value(*node.condition);
  }
  Optional optional = OptionalOf(*node.optional);
  ir::VarId holds = code_.Keep("holds", std::move(optional.present));
  code_.Add(ir::If{code_.Use(holds),
                   Scoped([&] {
                     BindLocal(node.local, optional);
                     code_.Set(holds, Value(*node.condition));
                   }),
                   {}});
  return code_.Use(holds);
}

void Body::Branch(const sema::Expr& condition, const std::function<void()>& then,
                  const std::function<void()>& otherwise, bool has_otherwise) {
  const auto* all = std::get_if<sema::And>(&condition.node);
  if (has_otherwise || !all) {
    ir::ExprPtr test = Condition(condition);
    ir::Block yes = Scoped(then), no;
    if (has_otherwise) no = Scoped(otherwise);
    code_.Add(ir::If{std::move(test), std::move(yes), std::move(no)});
    return;
  }
  // Operands with a prelude open a test of their own around the rest.
  std::vector<ir::Block*> outer;
  std::vector<ir::ExprPtr> tests;
  std::vector<std::unique_ptr<ir::Block>> blocks;
  std::vector<const sema::Expr*> operands;
  Flatten(*all, operands);
  ir::ExprPtr test = Value(*operands[0]);
  auto known = known_;
  for (size_t i = 1; i < operands.size(); ++i) {
    ir::ExprPtr next;
    auto block = std::make_unique<ir::Block>();
    ir::Block* current = code_.out();
    code_.Redirect(block.get());
    next = Value(*operands[i]);
    if (block->empty()) {
      code_.Redirect(current);
      test = ir::Op(BinaryOp::kBoth, std::move(test), std::move(next));
      continue;
    }
    outer.push_back(current);
    tests.push_back(std::move(test));
    blocks.push_back(std::move(block));
    test = std::move(next);
  }
  code_.Add(ir::If{std::move(test), code_.Within(then), {}});
  for (size_t i = outer.size(); i-- > 0;) {
    code_.Redirect(outer[i]);
    code_.Add(ir::If{std::move(tests[i]), std::move(*blocks[i]), {}});
  }
  known_ = std::move(known);
}

}  // namespace netc::lower
