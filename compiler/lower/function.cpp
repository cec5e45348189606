// Functions of the source, put in place of their calls.
#include <fmt/format.h>

#include "compiler/lower/body.h"

namespace netc::lower {

const ir::VarId* WholeVar(const ir::Expr& value) {
  const auto* variable = std::get_if<ir::Variable>(&value.node);
  bool large =
      value.type.kind == ir::TypeKind::kStruct || value.type.kind == ir::TypeKind::kAddress6;
  return variable && large && !value.type.is_pointer() ? &variable->id : nullptr;
}

void Body::EnterFrame(const std::vector<sema::Local>& locals) {
  ReserveC();
  frames_.push_back({.locals = &locals, .vars = {}, .result = {}, .end = "", .leaves = false});
}

ir::ExprPtr Body::Inline(const sema::FunctionCall& node, sema::TypeId id) {
  const sema::Function& function =
      context_.program.checked.functions[static_cast<size_t>(node.function)];
  std::vector<ir::ExprPtr> arguments = InOrder(node.arguments);
  Frame frame{.locals = &function.locals, .vars = {}, .result = {}, .end = "", .leaves = false};
  frame.end = fmt::format("{}_end{}", CName(function.name), next_label_++);
  ir::Type type = types_.Of(id);
  bool gives = type.kind != ir::TypeKind::kVoid || type.is_pointer();
  if (gives) {
    frame.result = code_.NewVar(function.name, type);
    code_.Add(ir::Declare{*frame.result, nullptr});
  }
  frames_.push_back(std::move(frame));
  ir::Block body = Scoped([&] {
    for (size_t i = 0; i < arguments.size(); ++i) {
      if (const ir::VarId* given = WholeVar(*arguments[i])) {
        // Neither the caller nor the function changes it meanwhile.
        frames_.back().vars.emplace(function.parameters[i], *given);
        continue;
      }
      code_.Add(ir::Declare{VarOf(function.parameters[i]), std::move(arguments[i])});
    }
    Statements(function.body);
  });
  frame = std::move(frames_.back());
  frames_.pop_back();
  code_.Add(ir::Labeled{frame.leaves ? frame.end : "", std::move(body)});
  return gives ? code_.Use(*frame.result) : ir::Num(0);
}

void Body::LowerReturn(const sema::Return& node) {
  if (frames_.back().end.empty()) {  // a member of a congestion control
    code_.Add(ir::Return{node.value ? Value(*node.value) : nullptr});
    return;
  }
  if (node.value) {
    ir::ExprPtr value = Value(*node.value);
    code_.Set(*frames_.back().result, std::move(value));
  }
  Frame& frame = frames_.back();  // not before: a call in the value may move the frames
  frame.leaves = true;
  code_.Add(ir::Leave{frame.end});
}

}  // namespace netc::lower
