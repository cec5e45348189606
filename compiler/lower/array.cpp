// Arrays: elements, places in values, equality.
#include "compiler/lower/body.h"

namespace netc::lower {

namespace {

// Whether the expression can be written again without a copy being made.
bool CanRepeat(const ir::Expr& expr) {
  return std::holds_alternative<ir::Variable>(expr.node) ||
         std::holds_alternative<ir::Deref>(expr.node) ||
         std::holds_alternative<ir::Member>(expr.node) ||
         std::holds_alternative<ir::Element>(expr.node);
}

// What points to the object is taken apart by `->`.
ir::ExprPtr Reached(ir::ExprPtr object) {
  if (auto* deref = std::get_if<ir::Deref>(&object->node)) return std::move(deref->pointer);
  return object;
}

}  // namespace

// The index as 64 bits, hidden from Clang, so that the test of it is not taken away: the
// verifier knows nothing of why the index is small.
ir::ExprPtr Body::BoundIndex(const sema::Expr& index, uint32_t count, bool known) {
  ir::ExprPtr value = Value(index);
  if (std::holds_alternative<ir::Number>(value->node)) return value;
  ir::Type u64 = ir::Unsigned(64);
  ir::VarId at = code_.Keep("at", u64, ir::CastTo(u64, std::move(value)));
  code_.Add(ir::Opaque{at});
  if (!known) return code_.Use(at);
  code_.When(ir::Op(ir::BinaryOp::kGe, code_.Use(at), ir::Num(count, u64)),
             [&] { code_.Set(at, ir::Num(0, u64)); });
  return code_.Use(at);
}

ir::ExprPtr Body::ElementAt(const sema::Expr& object, ir::ExprPtr index) {
  ir::Type element = types_.Of(types_.table()[object.type].element);
  ir::ExprPtr array = Value(object);
  if (!CanRepeat(*array)) array = code_.Use(code_.Keep("array", std::move(array)));
  return ir::Make(element, ir::Element{Reached(std::move(array)), std::move(index)});
}

ir::ExprPtr Body::Element(const sema::ElementOf& node) {
  uint32_t count = types_.table()[node.object->type].count;
  return ElementAt(*node.object, BoundIndex(*node.index, count, true));
}

Body::Optional Body::ElementOrNone(const sema::ElementOf& node) {
  uint32_t count = types_.table()[node.object->type].count;
  ir::ExprPtr at = BoundIndex(*node.index, count, false);
  ir::ExprPtr present = ir::Op(ir::BinaryOp::kLt, ir::Clone(*at), ir::Num(count, at->type));
  return {std::move(present), ElementAt(*node.object, std::move(at)), false};
}

ir::ExprPtr Body::AtPlace(ir::ExprPtr root, sema::TypeId type, const sema::Path& path) {
  for (const sema::PathStep& step : path) {
    const sema::Type& whole = types_.table()[type];
    if (step.index) {
      type = whole.element;
      ir::ExprPtr at = BoundIndex(*step.index, whole.count, true);
      root = ir::Make(types_.Of(type), ir::Element{Reached(std::move(root)), std::move(at)});
    } else {
      uint32_t member = types_.MemberIndex(type, step.field);
      ir::Type kept = types_.struct_of(types_.Of(type)).members[member].type;
      type = types_.table().struct_of(type).fields[step.field].type;
      root = ir::MemberOf(Reached(std::move(root)), member, kept);
    }
  }
  return root;
}

ir::ExprPtr Body::EqualArrays(ir::ExprPtr left, ir::ExprPtr right) {
  ir::Type element = types_.struct_of(left->type).members[0].type;
  uint32_t count = types_.struct_of(left->type).members[0].count;
  if (!CanRepeat(*left)) left = code_.Use(code_.Keep("left", std::move(left)));
  if (!CanRepeat(*right)) right = code_.Use(code_.Keep("right", std::move(right)));
  ir::VarId same = code_.Keep("same", ir::Num(1, ir::Bool()));
  ir::VarId at = code_.NewVar("at", ir::Unsigned(64));
  auto nth = [&](const ir::Expr& array) {
    return ir::Make(element, ir::Element{Reached(ir::Clone(array)), code_.Use(at)});
  };
  ir::Block body = Scoped([&] {
    code_.When(ir::Not(Equal(nth(*left), nth(*right))), [&] {
      code_.Set(same, ir::Num(0, ir::Bool()));
      code_.Add(ir::Break{});
    });
  });
  code_.Add(ir::Loop{at, ir::Num(0, ir::Unsigned(64)), ir::Num(count, ir::Unsigned(64)), false,
                     std::move(body)});
  return code_.Use(same);
}

}  // namespace netc::lower
