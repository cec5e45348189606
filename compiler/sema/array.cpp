// Arrays as values: literals, elements, loops over them.
#include <fmt/format.h>

#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;

// Bytes of a value that a block keeps on the stack: the kernel gives a program 512.
constexpr uint32_t kMostLocalBytes = 256;

bool BodyChecker::FitsLocal(Span span, TypeId type) {
  if (type == error_type() || types_.SizeOf(type) <= kMostLocalBytes) return true;
  context_.diagnostics.Emit(
      diag::Error(Kind::kTooMany, span,
                  fmt::format("a value in a block has {} bytes at most", kMostLocalBytes),
                  fmt::format("{} has {}", types_.Name(type), types_.SizeOf(type)))
          .WithHint("here: keep it in a state, and bind its entry by `if let`"));
  return false;
}

ExprPtr BodyChecker::CheckArray(const ast::Expr& expr, const ast::ArrayLiteral& node,
                                TypeId expected) {
  TypeId element{};
  if (types_[expected].kind == TypeKind::kArray) element = types_[expected].element;
  StructValue value;
  for (const ast::ExprPtr& written : node.elements) {
    ExprPtr each = Check(*written, element);
    if (element == TypeId{} && types_[each->type].kind == TypeKind::kLiteral) {
      each = Coerce(std::move(each), types_.Unsigned(32));
    }
    if (element == TypeId{}) element = each->type;
    each = Coerce(std::move(each), element);
    if (each->type == error_type()) return Error(expr.span);
    value.fields.push_back(std::move(each));
  }
  if (value.fields.empty()) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, expr.span, "an array has one element at least"));
    return Error(expr.span);
  }
  if (types_[expected].kind == TypeKind::kArray && types_[expected].count != value.fields.size()) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, expr.span,
                    fmt::format("{} has {} elements, but {} are given", types_.Name(expected),
                                types_[expected].count, value.fields.size())));
    return Error(expr.span);
  }
  auto count = static_cast<uint32_t>(value.fields.size());
  return MakeExpr(expr.span, types_.Of(TypeKind::kArray, element, count), std::move(value));
}

// An element whose index may be beyond the end is absent there, like a lookup.
ExprPtr BodyChecker::CheckElement(const ast::Expr& expr, const ast::Index& node, ExprPtr object) {
  ExprPtr index = ElementIndex(*node.index);
  if (index->type == error_type()) return index;
  Type array = types_[object->type];
  bool inside = Most(*index) < array.count;
  if (!inside && AsConstant(*index)) {
    context_.diagnostics.Emit(IndexError(*node.index, *index, array.count));
    return Error(expr.span);
  }
  if (const auto* value = std::get_if<StructValue>(&object->node); value && AsConstant(*index)) {
    return Clone(*value->fields[AsConstant(*index)->number]);
  }
  ElementOf element{std::move(object), std::move(index)};
  if (inside) return MakeExpr(expr.span, array.element, std::move(element));
  return OptionalValue(expr.span, array.element, std::move(element), false);
}

// Whether the value can be read again and again without doing anything twice: a local,
// or a place in one.
static bool IsStablePlace(const Expr& expr) {
  if (const auto* field = std::get_if<FieldOf>(&expr.node)) return IsStablePlace(*field->object);
  if (const auto* element = std::get_if<ElementOf>(&expr.node)) {
    return IsStablePlace(*element->object) && AsConstant(*element->index);
  }
  return std::holds_alternative<LocalRef>(expr.node);
}

// `for x in array`: each round reads the element that is its turn.
void BodyChecker::EachElement(const ast::Statement& statement, const ast::For& node, Block& out) {
  Span span = node.range->span;
  ExprPtr array = Value(*node.range);
  if (array->type == error_type()) return;
  Type type = types_[array->type];
  if (type.kind != TypeKind::kArray) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, span,
                    "a loop runs over a range, as in `for i in 0..<8`, or over an array",
                    fmt::format("is {}", types_.Name(array->type))));
    return;
  }
  if (!IsStablePlace(*array)) {
    if (!FitsLocal(span, array->type)) return;
    TypeId whole = array->type;
    LocalId copy = AddLocal({"", span}, whole);
    out.push_back({statement.span, Let{copy, std::move(array)}});
    array = MakeExpr(span, whole, LocalRef{copy});
  }
  TypeId u32 = types_.Unsigned(32);
  For checked;
  checked.first = MakeNumber(span, u32, 0);
  checked.last = MakeNumber(span, u32, type.count);
  checked.bound = type.count;
  scopes_.emplace_back();
  checked.local = AddLocal({"", span}, u32);
  (*locals_)[static_cast<uint32_t>(checked.local)].most = type.count - 1;
  ExprPtr index = MakeExpr(span, u32, LocalRef{checked.local});
  ExprPtr element = MakeExpr(span, type.element, ElementOf{std::move(array), std::move(index)});
  LocalId variable = AddLocal(node.variable, type.element);
  ++loop_depth_;
  if (MovesEnds(node.body)) facts_.Forget();
  Facts before = facts_;
  checked.body = Statements(node.body);
  checked.body.insert(checked.body.begin(), Statement{span, Let{variable, std::move(element)}});
  facts_ = before;
  --loop_depth_;
  scopes_.pop_back();
  out.push_back({statement.span, std::move(checked)});
}

}  // namespace netc::sema
