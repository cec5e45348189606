#include "compiler/lower/import_c.h"

#include "compiler/lower/body.h"

namespace netc::lower {

void AddIncludes(ProgramContext& context) {
  for (const sema::CImport& import : context.checked.c_imports) {
    context.lowered.includes.push_back({import.path, {}});
  }
  for (const sema::CFunction& function : context.checked.c_functions) {
    ir::CPrototype prototype{
        function.name, context.types.Of(function.result), {}, context.Locate(function.span)};
    for (const sema::CFunction::Parameter& parameter : function.parameters) {
      prototype.parameters.push_back(parameter.is_context ? ir::Type{}.Pointer()
                                                          : context.types.Of(parameter.type));
    }
    context.lowered.includes[function.import].functions.push_back(std::move(prototype));
  }
}

// Locals that were called like a C function, a map or a parameter would hide it.
void Body::ReserveC() {
  for (const sema::State& state : context_.program.checked.states) {
    code_.Reserve(CName(state.name));
  }
  for (const sema::Param& param : context_.program.checked.params) {
    code_.Reserve(CName(param.name));
  }
  for (const sema::CFunction& function : context_.program.checked.c_functions) {
    code_.Reserve(function.name);
  }
}

// The name is the user's, so it is not adapted: C refuses a bad one at its place.
ir::ExprPtr Body::CallC(const sema::CCall& node, sema::TypeId id) {
  const sema::CFunction& function = context_.program.checked.c_functions[node.function];
  ir::Call call{function.name, {}};
  size_t next = 0;
  for (const sema::CFunction::Parameter& parameter : function.parameters) {
    call.arguments.push_back(parameter.is_context ? ir::ContextArgument()
                                                  : Value(*node.arguments[next++]));
  }
  ir::Type type = types_.Of(id);
  bool gives = type.kind != ir::TypeKind::kVoid;
  ir::ExprPtr made = ir::Make(type, std::move(call));
  ir::VarId result{};
  if (gives) {
    result = code_.Keep("given", type, std::move(made));
  } else {
    code_.Add(ir::Do{std::move(made)});
  }
  if (function.takes_context()) Reparse({});
  return gives ? code_.Use(result) : ir::Num(0);
}

}  // namespace netc::lower
