#include "compiler/sema/constant.h"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

#include "compiler/base/wide.h"

namespace netc::sema {

const Constant* AsConstant(const Expr& expr) {
  return std::get_if<Constant>(&expr.node);
}

ExprPtr MakeExpr(Span span, TypeId type, decltype(Expr::node) node) {
  return std::make_unique<Expr>(Expr{span, type, std::move(node)});
}

ExprPtr MakeConstant(Span span, TypeId type, Constant value) {
  return MakeExpr(span, type, std::move(value));
}

ExprPtr MakeNumber(Span span, TypeId type, uint64_t number) {
  Constant value;
  value.number = number;
  return MakeConstant(span, type, std::move(value));
}

ExprPtr MakeBool(TypeTable& types, Span span, bool value) {
  return MakeNumber(span, types.Simple(TypeKind::kBool), value);
}

namespace {

ExprPtr ClonePtr(const ExprPtr& expr) {
  return expr ? Clone(*expr) : nullptr;
}

std::vector<ExprPtr> CloneAll(const std::vector<ExprPtr>& exprs) {
  std::vector<ExprPtr> copies;
  for (const ExprPtr& expr : exprs) copies.push_back(ClonePtr(expr));
  return copies;
}

// One overload a node that owns expressions; the others are copied as they are.
struct Cloner {
  using Node = decltype(Expr::node);
  Node operator()(const FieldOf& n) const { return FieldOf{ClonePtr(n.object), n.field}; }
  Node operator()(const StructValue& n) const { return StructValue{CloneAll(n.fields)}; }
  Node operator()(const ElementOf& n) const {
    return ElementOf{ClonePtr(n.object), ClonePtr(n.index)};
  }
  Node operator()(const Unary& n) const { return Unary{n.op, ClonePtr(n.operand)}; }
  Node operator()(const Binary& n) const {
    return Binary{n.op, ClonePtr(n.left), ClonePtr(n.right)};
  }
  Node operator()(const Compare& n) const {
    return Compare{n.op, ClonePtr(n.left), ClonePtr(n.right)};
  }
  Node operator()(const Not& n) const { return Not{ClonePtr(n.operand)}; }
  Node operator()(const And& n) const { return And{CloneAll(n.operands)}; }
  Node operator()(const Or& n) const { return Or{CloneAll(n.operands)}; }
  Node operator()(const Select& n) const {
    return Select{ClonePtr(n.condition), ClonePtr(n.yes), ClonePtr(n.no)};
  }
  Node operator()(const Contains& n) const { return Contains{ClonePtr(n.subject), n.elements}; }
  Node operator()(const Convert& n) const { return Convert{ClonePtr(n.operand)}; }
  Node operator()(const IfPresent& n) const {
    return IfPresent{n.local, ClonePtr(n.optional), ClonePtr(n.condition)};
  }
  Node operator()(const StateContains& n) const { return StateContains{n.state, ClonePtr(n.key)}; }
  Node operator()(const StateLookup& n) const { return StateLookup{n.state, ClonePtr(n.key)}; }
  Node operator()(const StateRead& n) const { return StateRead{n.state, ClonePtr(n.key)}; }
  Node operator()(const OrInsert& n) const {
    return OrInsert{n.state, ClonePtr(n.key), ClonePtr(n.value)};
  }
  Node operator()(const LimiterTake& n) const {
    return LimiterTake{n.state, ClonePtr(n.key), ClonePtr(n.amount)};
  }
  Node operator()(const RingPick& n) const {
    return RingPick{n.state, ClonePtr(n.key), ClonePtr(n.amount)};
  }
  Node operator()(const BuiltinCall& n) const {
    return BuiltinCall{n.builtin, CloneAll(n.arguments)};
  }
  Node operator()(const PayloadRead& n) const {
    return PayloadRead{n.bits, n.after, ClonePtr(n.offset)};
  }
  Node operator()(const FunctionCall& n) const {
    return FunctionCall{n.function, CloneAll(n.arguments)};
  }
  Node operator()(const CCall& n) const { return CCall{n.function, CloneAll(n.arguments)}; }
  Node operator()(const HelperCall& n) const {
    HelperCall call{n.helper, n.kfunc, {}, n.gives, n.changes_packet};
    for (const KernelArgument& each : n.given) {
      call.given.push_back({each.pass, ClonePtr(each.value), each.in_place, each.big_endian,
                            each.header, each.state, each.bytes, each.text, each.whole});
    }
    return call;
  }
  Node operator()(const KfuncCall& n) const { return KfuncCall{n.kfunc, CloneAll(n.arguments)}; }
  template <typename Plain>
  Node operator()(const Plain& n) const {
    return n;
  }
};

}  // namespace

ExprPtr Clone(const Expr& expr) {
  return MakeExpr(expr.span, expr.type, std::visit(Cloner{}, expr.node));
}

uint32_t ValueBits(const TypeTable& types, TypeId type) {
  switch (types[type].kind) {
    case TypeKind::kBool:
      return 1;
    case TypeKind::kInteger:
    case TypeKind::kEnum:
    case TypeKind::kFlags:
      return types[type].bits;
    default:
      return types.StorageBits(type);
  }
}

uint64_t WrapTo(const TypeTable& types, TypeId type, uint64_t number) {
  uint32_t bits = ValueBits(types, type);
  if (bits >= 64) return number;
  uint64_t low = number & ((1ull << bits) - 1);
  bool negative = types[type].is_signed && (low >> (bits - 1)) != 0;
  return negative ? low | ~((1ull << bits) - 1) : low;
}

static uint64_t Divide(bool is_signed, uint64_t left, uint64_t right) {
  if (right == 0) return 0;
  if (!is_signed) return left / right;
  if (static_cast<int64_t>(right) == -1) return 0 - left;  // also where the quotient overflows
  return static_cast<uint64_t>(static_cast<int64_t>(left) / static_cast<int64_t>(right));
}

static uint64_t Remainder(bool is_signed, uint64_t left, uint64_t right) {
  if (right == 0) return left;
  if (!is_signed) return left % right;
  if (static_cast<int64_t>(right) == -1) return 0;
  return static_cast<uint64_t>(static_cast<int64_t>(left) % static_cast<int64_t>(right));
}

uint64_t FoldBinary(const TypeTable& types, TypeId type, BinaryOp op, uint64_t left,
                    uint64_t right) {
  bool is_signed = types[type].is_signed;
  uint32_t width = ValueBits(types, type);
  uint64_t shift = right % width;
  uint64_t result = 0;
  switch (op) {
    case BinaryOp::kMul:
      result = left * right;
      break;
    case BinaryOp::kDiv:
      result = Divide(is_signed, left, right);
      break;
    case BinaryOp::kRem:
      result = Remainder(is_signed, left, right);
      break;
    case BinaryOp::kAdd:
      result = left + right;
      break;
    case BinaryOp::kSub:
      result = left - right;
      break;
    case BinaryOp::kShl:
      result = left << shift;
      break;
    case BinaryOp::kShr:
      result =
          is_signed ? static_cast<uint64_t>(static_cast<int64_t>(left) >> shift) : left >> shift;
      break;
    case BinaryOp::kAnd:
      result = left & right;
      break;
    case BinaryOp::kXor:
      result = left ^ right;
      break;
    case BinaryOp::kOr:
      result = left | right;
      break;
  }
  return WrapTo(types, type, result);
}

static uint64_t AllOnes(uint32_t bits) {
  return bits >= 64 ? ~0ull : (1ull << bits) - 1;
}

// Smallest number of the form 2^n - 1 that is at least `value`.
static uint64_t FillBelow(uint64_t value) {
  for (uint32_t shift = 1; shift < 64; shift <<= 1) value |= value >> shift;
  return value;
}

static uint64_t MaxBinary(const Program& program, const Expr& expr, const Binary& node,
                          const std::vector<Local>* locals) {
  uint32_t width = ValueBits(program.types, expr.type);
  uint64_t whole = AllOnes(width);
  uint64_t left = MaxValue(program, *node.left, locals);
  uint64_t right = MaxValue(program, *node.right, locals);
  const Constant* constant = AsConstant(*node.right);
  switch (node.op) {
    case BinaryOp::kAnd:
      return std::min(left, right);
    case BinaryOp::kOr:
    case BinaryOp::kXor:
      return FillBelow(left | right);
    case BinaryOp::kShr:
      return constant ? left >> (constant->number % width) : left;
    case BinaryOp::kRem:
      return constant && constant->number ? constant->number - 1 : left;
    case BinaryOp::kDiv:
      return constant && constant->number ? left / constant->number : left;
    case BinaryOp::kAdd: {
      Wide sum = static_cast<Wide>(left) + right;
      return sum > whole ? whole : static_cast<uint64_t>(sum);
    }
    case BinaryOp::kMul: {
      Wide product = static_cast<Wide>(left) * right;
      return product > whole ? whole : static_cast<uint64_t>(product);
    }
    case BinaryOp::kShl: {
      if (!constant) return whole;
      Wide shifted = static_cast<Wide>(left) << (constant->number % width);
      return shifted > whole ? whole : static_cast<uint64_t>(shifted);
    }
    case BinaryOp::kSub:
      return whole;
  }
  return whole;
}

uint64_t MaxValue(const Program& program, const Expr& expr, const std::vector<Local>* locals) {
  uint64_t whole = AllOnes(ValueBits(program.types, expr.type));
  if (program.types[expr.type].is_signed) return whole;
  if (const Constant* constant = AsConstant(expr)) return constant->number;
  if (const auto* read = std::get_if<FieldRead>(&expr.node)) {
    const Header& header = program.headers[static_cast<uint32_t>(read->header.header)];
    return AllOnes(header.fields[read->field].bits);
  }
  if (const auto* binary = std::get_if<Binary>(&expr.node))
    return MaxBinary(program, expr, *binary, locals);
  if (const auto* convert = std::get_if<Convert>(&expr.node)) {
    if (program.types[convert->operand->type].kind == TypeKind::kBool) return 1;
    if (!program.types.IsNumber(convert->operand->type)) return whole;
    return std::min(whole, MaxValue(program, *convert->operand, locals));
  }
  if (const auto* select = std::get_if<Select>(&expr.node)) {
    return std::max(MaxValue(program, *select->yes, locals),
                    MaxValue(program, *select->no, locals));
  }
  if (const auto* local = std::get_if<LocalRef>(&expr.node); local && locals) {
    return std::min(whole, (*locals)[static_cast<uint32_t>(local->local)].most);
  }
  if (const auto* call = std::get_if<BuiltinCall>(&expr.node);
      call && call->builtin == Builtin::kMin) {
    return std::min(MaxValue(program, *call->arguments[0], locals),
                    MaxValue(program, *call->arguments[1], locals));
  }
  if (program.types[expr.type].kind == TypeKind::kBool) return 1;
  return whole;
}

bool FitsField(const Program& program, const Expr& expr, const HeaderField& field,
               const std::vector<Local>* locals) {
  const TypeTable& types = program.types;
  if (!types[field.type].is_signed) {
    return MaxValue(program, expr, locals) <= AllOnes(field.bits);
  }
  if (const Constant* constant = AsConstant(expr)) {
    auto number = static_cast<int64_t>(constant->number);
    int64_t beyond = number >> (field.bits - 1);
    return beyond == 0 || beyond == -1;
  }
  if (const auto* read = std::get_if<FieldRead>(&expr.node)) {
    const Header& header = program.headers[static_cast<uint32_t>(read->header.header)];
    if (header.fields[read->field].bits <= field.bits) return true;
  }
  if (types[expr.type].is_signed && ValueBits(types, expr.type) <= field.bits) return true;
  const auto* convert = std::get_if<Convert>(&expr.node);
  return convert && types[convert->operand->type].is_signed &&
         FitsField(program, *convert->operand, field, locals);
}

static object::Bytes NumberBytes(uint64_t number, uint32_t size) {
  // netc runs on little-endian machines only. What is wrong has no bytes.
  const auto* first = reinterpret_cast<const uint8_t*>(&number);
  return {first, first + size};
}

static object::Bytes ScalarBytes(const TypeTable& types, TypeId id, const Constant& value) {
  const Type& type = types[id];
  uint32_t size = types.SizeOf(id);
  switch (type.kind) {
    case TypeKind::kIpv4:
    case TypeKind::kIpv6:
    case TypeKind::kIp:
    case TypeKind::kMac:
      return {value.bytes.begin(), value.bytes.begin() + size};
    case TypeKind::kPrefix: {
      object::Bytes bytes = NumberBytes(value.number, 4);
      bytes.insert(bytes.end(), value.bytes.begin(), value.bytes.begin() + (size - 4));
      return bytes;
    }
    case TypeKind::kString:
    case TypeKind::kBytes: {
      object::Bytes bytes(value.text.begin(), value.text.end());
      bytes.resize(size);
      return bytes;
    }
    default:
      return NumberBytes(value.number, size);
  }
}

std::optional<object::Bytes> ConstantBytes(const TypeTable& types, const Expr& expr) {
  if (const Constant* constant = AsConstant(expr)) return ScalarBytes(types, expr.type, *constant);
  const auto* value = std::get_if<StructValue>(&expr.node);
  if (!value) return std::nullopt;
  object::Bytes bytes(types.SizeOf(expr.type));
  bool array = types[expr.type].kind == TypeKind::kArray;
  for (size_t i = 0; i < value->fields.size(); ++i) {
    auto field = ConstantBytes(types, *value->fields[i]);
    if (!field) return std::nullopt;
    size_t offset = array ? i * field->size() : types.struct_of(expr.type).fields[i].offset;
    std::copy(field->begin(), field->end(), bytes.begin() + static_cast<ptrdiff_t>(offset));
  }
  return bytes;
}

}  // namespace netc::sema
