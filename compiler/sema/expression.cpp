// Literals, arithmetic, casts, tuples and struct literals.
#include <fmt/format.h>

#include <utility>

#include "compiler/base/nearest.h"
#include "compiler/sema/body.h"
#include "compiler/sema/literal.h"

namespace netc::sema {

using diag::Kind;

BodyChecker::BodyChecker(Context& context, uint32_t file, std::vector<Local>* locals)
    : context_(context), types_(context.program.types), file_(file), locals_(locals) {
  scopes_.emplace_back();
}

ExprPtr BodyChecker::Error(Span span) {
  return MakeExpr(span, error_type(), Constant{});
}

ExprPtr BodyChecker::Value(const ast::Expr& expr, TypeId expected) {
  Pending* outer = std::exchange(pending_, nullptr);
  ExprPtr value = Check(expr, expected);
  pending_ = outer;
  if (expected == error_type()) return value;
  return Coerce(std::move(value), expected);
}

ExprPtr BodyChecker::ConstantOf(const ast::Expr& expr, TypeId expected) {
  size_t errors = context_.diagnostics.error_count();
  ExprPtr value = Value(expr, expected);
  if (context_.diagnostics.error_count() != errors) return nullptr;
  if (!ConstantBytes(types_, *value)) {
    context_.diagnostics.Emit(diag::Error(Kind::kNotConstant, expr.span, "this must be a constant",
                                          "is not known when the pipeline is compiled"));
    return nullptr;
  }
  return value;
}

ExprPtr BodyChecker::Check(const ast::Expr& expr, TypeId expected) {
  if (const auto* n = std::get_if<ast::Literal>(&expr.node))
    return CheckLiteral(expr, *n, expected);
  if (const auto* n = std::get_if<ast::NameRef>(&expr.node)) return CheckName(expr, *n, expected);
  if (const auto* n = std::get_if<ast::Member>(&expr.node)) return CheckMember(expr, *n, expected);
  if (const auto* n = std::get_if<ast::Index>(&expr.node)) return CheckIndex(expr, *n);
  if (const auto* n = std::get_if<ast::Call>(&expr.node)) return CheckCall(expr, *n, expected);
  if (const auto* n = std::get_if<ast::Unary>(&expr.node)) return CheckUnary(expr, *n, expected);
  if (const auto* n = std::get_if<ast::Binary>(&expr.node)) return CheckBinary(expr, *n, expected);
  if (const auto* n = std::get_if<ast::Cast>(&expr.node)) return CheckCast(expr, *n);
  if (const auto* n = std::get_if<ast::Tuple>(&expr.node)) return CheckTuple(expr, *n, expected);
  if (const auto* n = std::get_if<ast::ArrayLiteral>(&expr.node))
    return CheckArray(expr, *n, expected);
  if (const auto* n = std::get_if<ast::StructLiteral>(&expr.node)) {
    return CheckStruct(expr, *n, expected);
  }
  if (const auto* n = std::get_if<ast::OrInsert>(&expr.node)) return CheckOrInsert(expr, *n);
  bool is_condition = std::holds_alternative<ast::Compare>(expr.node) ||
                      std::holds_alternative<ast::Not>(expr.node) ||
                      std::holds_alternative<ast::And>(expr.node) ||
                      std::holds_alternative<ast::Or>(expr.node);
  if (is_condition) {
    // As a value, a condition may not rest on what may be absent.
    Facts before = facts_;
    Negation* outer = std::exchange(negation_, nullptr);
    CheckedCondition checked = CheckCondition(expr, /*negated=*/true);
    negation_ = outer;
    facts_ = before;
    return std::move(checked.expr);
  }
  context_.diagnostics.Emit(diag::Error(Kind::kTypeMismatch, expr.span,
                                        "a set or range stands only behind `in`, and in `match`",
                                        "is no value"));
  return Error(expr.span);
}

ExprPtr BodyChecker::CheckLiteral(const ast::Expr& expr, const ast::Literal& literal,
                                  TypeId /*expected*/) {
  LiteralValue value = EvaluateLiteral(literal);
  if (!value.error.empty()) {
    auto error = diag::Error(Kind::kBadLiteral, expr.span,
                             fmt::format("`{}` {}", literal.text, value.error));
    if (!value.replacement.empty()) error.WithFix(expr.span, value.replacement);
    context_.diagnostics.Emit(std::move(error));
    return Error(expr.span);
  }
  TypeId type = types_.Simple(value.kind);
  if (value.kind == TypeKind::kPrefix) {
    type = types_.Of(TypeKind::kPrefix, types_.Simple(value.element));
  } else if (value.kind == TypeKind::kString) {
    type = types_.Intern({.kind = TypeKind::kString,
                          .count = static_cast<uint32_t>(value.constant.text.size() + 1)});
  }
  return MakeConstant(expr.span, type, std::move(value.constant));
}

ExprPtr BodyChecker::CheckUnary(const ast::Expr& expr, const ast::Unary& node, TypeId expected) {
  ExprPtr operand = Check(*node.operand, expected);
  if (operand->type == error_type()) return operand;
  bool negate = node.op == ast::UnaryOp::kNegate;
  bool flags = types_[operand->type].kind == TypeKind::kFlags && !negate;
  if (!types_.IsNumber(operand->type) && !flags) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, expr.span,
                    fmt::format("`{}` needs a number, not {}", negate ? "-" : "~",
                                types_.Name(operand->type))));
    return Error(expr.span);
  }
  TypeId type = operand->type;
  if (types_[type].kind == TypeKind::kLiteral) {
    uint64_t number = AsConstant(*operand)->number;
    // A negative number is signed; what it is used for says whether it fits.
    if (negate) {
      TypeId wide = types_.Integer(64, true);
      const Type& wanted = types_[expected];
      bool takes = wanted.kind == TypeKind::kInteger && wanted.is_signed &&
                   number <= uint64_t{1} << (wanted.bits - 1);
      return MakeNumber(expr.span, takes ? expected : wide, 0 - number);
    }
    bool fits = types_.IsInteger(expected) && types_[expected].kind != TypeKind::kLiteral;
    type = fits ? expected : types_.Unsigned(64);
    return MakeNumber(expr.span, type, WrapTo(types_, type, ~number));
  }
  if (const Constant* constant = AsConstant(*operand)) {
    uint64_t number = negate ? 0 - constant->number : ~constant->number;
    return MakeNumber(expr.span, type, WrapTo(types_, type, number));
  }
  UnaryOp op = negate ? UnaryOp::kNegate : UnaryOp::kComplement;
  return MakeExpr(expr.span, type, Unary{op, std::move(operand)});
}

namespace {

BinaryOp OpOf(ast::BinaryOp op) {
  return static_cast<BinaryOp>(static_cast<int>(op));
}
static_assert(static_cast<int>(ast::BinaryOp::kOr) == static_cast<int>(BinaryOp::kOr));

bool IsShift(BinaryOp op) {
  return op == BinaryOp::kShl || op == BinaryOp::kShr;
}

constexpr const char* kOpText[] = {"*", "/", "%", "+", "-", "<<", ">>", "&", "^", "|"};

// What a quantity and a plain number make: 2 * 200ms, 1GiB / 4; and the sums in
// which time takes part: time - time is a duration, time + duration a time.
std::optional<TypeKind> MixedResult(BinaryOp op, TypeKind left, TypeKind right) {
  auto is_quantity = [](TypeKind kind) {
    return kind == TypeKind::kDuration || kind == TypeKind::kFrequency ||
           kind == TypeKind::kBitrate || kind == TypeKind::kSize;
  };
  auto is_plain = [](TypeKind kind) {
    return kind == TypeKind::kInteger || kind == TypeKind::kLiteral;
  };
  bool scales = op == BinaryOp::kMul || op == BinaryOp::kDiv;
  if (is_quantity(left) && is_plain(right) && scales) return left;
  if (is_plain(left) && is_quantity(right) && op == BinaryOp::kMul) return right;
  if (is_quantity(left) && left == right) {
    if (op == BinaryOp::kDiv) return TypeKind::kInteger;
    bool sums = op == BinaryOp::kAdd || op == BinaryOp::kSub || op == BinaryOp::kRem;
    if (sums) return left;
  }
  bool time_left = left == TypeKind::kTime, time_right = right == TypeKind::kTime;
  if (time_left && time_right && op == BinaryOp::kSub) return TypeKind::kDuration;
  if (time_left && right == TypeKind::kDuration && (op == BinaryOp::kAdd || op == BinaryOp::kSub)) {
    return TypeKind::kTime;
  }
  if (left == TypeKind::kDuration && time_right && op == BinaryOp::kAdd) return TypeKind::kTime;
  return std::nullopt;
}

// `-5`: an untyped number behind a sign.
bool IsNegativeNumber(const ast::Expr& expr) {
  const auto* unary = std::get_if<ast::Unary>(&expr.node);
  return unary && unary->op == ast::UnaryOp::kNegate &&
         std::holds_alternative<ast::Literal>(unary->operand->node);
}

}  // namespace

// Made of names alone that nothing else is known by: members of whatever type is
// wanted, such as `SYN | FIN`.
bool BodyChecker::NamesMembers(const ast::Expr& expr) const {
  if (const auto* name = std::get_if<ast::NameRef>(&expr.node)) {
    return !FindLocal(name->text) && !context_.symbols.Find(file_, name->text);
  }
  if (const auto* unary = std::get_if<ast::Unary>(&expr.node)) return NamesMembers(*unary->operand);
  const auto* binary = std::get_if<ast::Binary>(&expr.node);
  return binary && NamesMembers(*binary->left) && NamesMembers(*binary->right);
}

std::pair<ExprPtr, ExprPtr> BodyChecker::CheckSides(const ast::Expr& left, const ast::Expr& right,
                                                    TypeId left_expected, TypeId right_expected,
                                                    bool right_as_left) {
  if (!HasMembers(left_expected) && NamesMembers(left) && !NamesMembers(right)) {
    ExprPtr second = Check(right, right_expected);
    if (second->type == error_type()) return {Error(left.span), std::move(second)};
    bool members = HasMembers(second->type);
    return {Check(left, members ? second->type : left_expected), std::move(second)};
  }
  ExprPtr first = Check(left, left_expected);
  // Whose members they are was refused, and is said.
  if (first->type == error_type() && NamesMembers(right)) {
    return {std::move(first), Error(right.span)};
  }
  bool from_left =
      right_as_left || HasMembers(first->type) || std::holds_alternative<ast::NameRef>(right.node);
  ExprPtr second = Check(right, from_left ? first->type : right_expected);
  return {std::move(first), std::move(second)};
}

ExprPtr BodyChecker::CheckBinary(const ast::Expr& expr, const ast::Binary& node, TypeId expected) {
  BinaryOp op = OpOf(node.op);
  auto [left, right] = CheckSides(*node.left, *node.right, expected,
                                  IsShift(op) ? TypeId{} : expected, /*right_as_left=*/false);
  if (left->type == error_type() || right->type == error_type()) return Error(expr.span);
  // `count + -1`: the number is of the other side's type, as one without a sign is.
  auto is_signed = [&](TypeId id) {
    return types_[id].kind == TypeKind::kInteger && types_[id].is_signed;
  };
  if (!IsShift(op) && IsNegativeNumber(*node.right) && is_signed(left->type)) {
    right = Check(*node.right, left->type);
  } else if (!IsShift(op) && IsNegativeNumber(*node.left) && is_signed(right->type)) {
    left = Check(*node.left, right->type);
  }

  TypeKind left_kind = types_[left->type].kind, right_kind = types_[right->type].kind;
  TypeId type{};
  if (left_kind == TypeKind::kFlags && right->type == left->type &&
      (op == BinaryOp::kAnd || op == BinaryOp::kOr || op == BinaryOp::kXor)) {
    type = left->type;
  } else if (auto mixed = MixedResult(op, left_kind, right_kind)) {
    type = *mixed == TypeKind::kInteger ? types_.Unsigned(64) : types_.Simple(*mixed);
    // Numbers of nanoseconds, bits and bytes are 64 bits wide; so is the other side.
    TypeId wide = types_.Unsigned(64);
    if (types_.IsInteger(left->type)) left = Coerce(std::move(left), wide);
    if (types_.IsInteger(right->type)) right = Coerce(std::move(right), wide);
  } else if (types_.IsInteger(left->type) && types_.IsInteger(right->type)) {
    if (IsShift(op)) {
      type = left->type;
      if (right_kind == TypeKind::kLiteral) right = Coerce(std::move(right), types_.Unsigned(32));
    } else if (left_kind == TypeKind::kLiteral && right_kind == TypeKind::kLiteral) {
      type = left->type;
    } else if (left_kind == TypeKind::kLiteral) {
      left = Coerce(std::move(left), right->type);
      type = right->type;
    } else if (right_kind == TypeKind::kLiteral) {
      right = Coerce(std::move(right), left->type);
      type = left->type;
    } else {
      bool left_wider = types_[left->type].bits >= types_[right->type].bits;
      type = left_wider ? left->type : right->type;
      left = Coerce(std::move(left), type);
      right = Coerce(std::move(right), type);
    }
  } else if (left_kind == TypeKind::kPort && types_.IsInteger(right->type) && !IsShift(op)) {
    type = left->type;
    right = Coerce(std::move(right), types_.Unsigned(16));
  } else {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, node.op_span,
                    fmt::format("`{}` does not work on {} and {}", kOpText[static_cast<int>(op)],
                                types_.Name(left->type), types_.Name(right->type)))
            .WithLabel(node.left->span, fmt::format("is {}", types_.Name(left->type)))
            .WithLabel(node.right->span, fmt::format("is {}", types_.Name(right->type))));
    return Error(expr.span);
  }
  if (left->type == error_type() || right->type == error_type()) return Error(expr.span);
  const Constant* a = AsConstant(*left);
  const Constant* b = AsConstant(*right);
  bool below_zero = a && b && op == BinaryOp::kSub && a->number < b->number;
  if (below_zero && types_[type].kind == TypeKind::kLiteral) type = types_.Integer(64, true);
  if (a && b)
    return MakeNumber(expr.span, type, FoldBinary(types_, type, op, a->number, b->number));
  if (types_[type].kind == TypeKind::kLiteral) {
    // A shift of a literal by something that is no constant: 64 bits.
    type = types_.Unsigned(64);
    left = Coerce(std::move(left), type);
  }
  return MakeExpr(expr.span, type, Binary{op, std::move(left), std::move(right)});
}

ExprPtr BodyChecker::CheckCast(const ast::Expr& expr, const ast::Cast& node) {
  TypeId to = ResolveType(context_, file_, node.type);
  ExprPtr operand = Check(*node.operand, {});
  if (to == error_type() || operand->type == error_type()) return Error(expr.span);
  TypeKind from_kind = types_[operand->type].kind, to_kind = types_[to].kind;
  auto scalar = [&](TypeId id, TypeKind kind) {
    return types_.IsNumber(id) || kind == TypeKind::kEnum || kind == TypeKind::kFlags;
  };
  bool numbers =
      scalar(to, to_kind) && (scalar(operand->type, from_kind) || from_kind == TypeKind::kBool);
  bool address = to_kind == TypeKind::kIpv4 || from_kind == TypeKind::kIpv4;
  bool address_number = address && (types_.IsInteger(to) || types_.IsInteger(operand->type)) &&
                        types_.SizeOf(to) >= 4 &&
                        (from_kind == TypeKind::kLiteral || types_.SizeOf(operand->type) == 4);
  if (!numbers && !address_number) {
    if (operand->type == to) return operand;
    if (to_kind == TypeKind::kIp) return Coerce(std::move(operand), to);
    context_.diagnostics.Emit(Mismatch(context_, expr.span, to, operand->type));
    return Error(expr.span);
  }
  if (const Constant* constant = AsConstant(*operand); constant && numbers) {
    return MakeNumber(expr.span, to, WrapTo(types_, to, constant->number));
  }
  if (from_kind == TypeKind::kLiteral) operand = Coerce(std::move(operand), types_.Unsigned(32));
  return MakeExpr(expr.span, to, Convert{std::move(operand)});
}

ExprPtr BodyChecker::CheckTuple(const ast::Expr& expr, const ast::Tuple& node, TypeId expected) {
  const StructDecl* shape = nullptr;
  if (types_[expected].kind == TypeKind::kStruct) {
    const StructDecl& decl = types_.struct_of(expected);
    if (decl.fields.size() == node.elements.size()) shape = &decl;
  }
  StructValue value;
  StructDecl decl;
  for (size_t i = 0; i < node.elements.size(); ++i) {
    TypeId field = shape ? shape->fields[i].type : TypeId{};
    ExprPtr element = Check(*node.elements[i], field);
    if (shape) element = Coerce(std::move(element), field);
    if (element->type == error_type()) return Error(expr.span);
    if (types_[element->type].kind == TypeKind::kLiteral) {
      element = Coerce(std::move(element), types_.Unsigned(32));
    }
    decl.fields.push_back({std::to_string(i), element->type, 0});
    value.fields.push_back(std::move(element));
  }
  TypeId type = shape ? expected : types_.AddStruct(std::move(decl));
  return MakeExpr(expr.span, type, std::move(value));
}

ExprPtr BodyChecker::CheckStruct(const ast::Expr& expr, const ast::StructLiteral& node,
                                 TypeId expected) {
  ast::NamedType named{{node.path.parts, node.path.span}, {}};
  ast::Type written{node.path.span, std::move(named)};
  bool outer = std::exchange(context_.kernel_types, true);
  TypeId type = ResolveType(context_, file_, written);
  context_.kernel_types = outer;
  if (type == error_type()) return Error(expr.span);
  if (types_[type].kind != TypeKind::kStruct) {
    context_.diagnostics.Emit(diag::Error(Kind::kTypeMismatch, node.path.span,
                                          fmt::format("{} is no struct", types_.Name(type))));
    return Error(expr.span);
  }
  (void)expected;
  StructDecl decl = types_.struct_of(type);
  std::vector<std::string> names;
  for (const StructField& field : decl.fields) names.push_back(field.name);
  StructValue value;
  value.fields.resize(decl.fields.size());
  bool failed = false;
  for (const ast::Initializer& initializer : node.fields) {
    size_t index = 0;
    while (index < names.size() && names[index] != initializer.name.text) ++index;
    if (index == names.size()) {
      context_.diagnostics.Emit(Unknown(Kind::kUnknownField, initializer.name.span, "field",
                                        initializer.name.text, names));
      failed = true;
      continue;
    }
    if (value.fields[index]) {
      context_.diagnostics.Emit(diag::Error(Kind::kDuplicateName, initializer.name.span,
                                            fmt::format("`{}` is given twice", names[index])));
    }
    ExprPtr field = Check(*initializer.value, decl.fields[index].type);
    value.fields[index] = Coerce(std::move(field), decl.fields[index].type);
    failed |= value.fields[index]->type == error_type();
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (value.fields[i] || failed || decl.kernel) continue;
    context_.diagnostics.Emit(diag::Error(
        Kind::kMissingField, expr.span, fmt::format("`{}` lacks field `{}`", decl.name, names[i])));
    failed = true;
  }
  if (failed) return Error(expr.span);
  return MakeExpr(expr.span, type, std::move(value));
}

}  // namespace netc::sema
