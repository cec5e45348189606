// Members of a congestion control: the connection, its private state, the member's
// arguments, and functions of the kernel.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/hooks/c_text.h"
#include "compiler/lower/body.h"

namespace netc::lower {

using Of = sema::ConnectionRead::Of;

namespace {

ir::Type TypeOfC(std::string_view type) {
  if (type == "bool") return ir::Bool();
  if (type == "u8") return ir::Unsigned(8);
  if (type == "int" || type == "s32") return ir::Signed(32);
  if (type == "long") return ir::Signed(64);
  if (type == "u64" || type == "unsigned long") return ir::Unsigned(64);
  return ir::Unsigned(32);
}

// As the emitted C declares it: kernel enums are numbers there.
std::string CText(std::string_view type) {
  return type.starts_with("enum ") ? "u32" : std::string(type);
}

}  // namespace

// The n-th argument behind the connection.
ir::ExprPtr Body::Parameter(uint32_t index) {
  auto all = hooks::SplitParameters(context_.block.member->parameters);
  const hooks::CParameter& parameter = all[index + 1];
  ir::Hook::Parameter made{"netc_" + std::string(parameter.name), CText(parameter.type), index + 1};
  auto& known = context_.hook.parameters;
  bool there = std::any_of(known.begin(), known.end(),
                           [&](const auto& each) { return each.name == made.name; });
  bool pointer = made.c_type.ends_with('*');
  ir::Type type = pointer ? ir::Type{}.Pointer() : TypeOfC(made.c_type);
  ir::ExprPtr use = ir::Name(made.name, type);
  if (!there) known.push_back(std::move(made));
  return use;
}

ir::ExprPtr Body::Connection(const sema::ConnectionRead& node) {
  ir::Program& program = context_.program.lowered;
  switch (node.of) {
    case Of::kField: {
      const hooks::CcField& field = hooks::AllCcFields()[node.index];
      program.connection[std::string(field.path)] = field.c_type;
      return ir::Name("netc_tp->" + std::string(field.path), TypeOfC(field.c_type));
    }
    case Of::kPrivate: {
      const hooks::CcField& area = hooks::PrivateArea();
      program.connection[std::string(area.path)] = area.c_type;
      sema::TypeId id = context_.program.checked.controls[*context_.block.control].private_type;
      ir::Type type = types_.Of(id);
      context_.hook.private_struct = type.decl;
      uint32_t member = types_.MemberIndex(id, node.index);
      return ir::MemberOf(ir::Name("netc_private", type.Pointer()), member,
                          types_.struct_of(type).members[member].type);
    }
    case Of::kParameter:
      return Parameter(node.index);
    case Of::kSample: {
      const hooks::CcSampleField& field = hooks::AllCcSampleFields()[node.sample];
      program.samples[std::string(field.type)][std::string(field.name)] = field.c_type;
      ir::ExprPtr sample = Parameter(node.index);
      std::string name = std::get<ir::Symbol>(sample->node).name;
      return ir::Name(fmt::format("{}->{}", name, field.name), TypeOfC(field.c_type));
    }
  }
  return nullptr;
}

void Body::SetConnection(const sema::ConnectionRead& place, ir::ExprPtr value) {
  ir::ExprPtr target = Connection(place);
  ir::Type type = target->type;
  code_.Add(ir::Assign{std::move(target), ir::CastTo(type, std::move(value))});
}

ir::ExprPtr Body::Kernel(const sema::KfuncCall& node, sema::TypeId id) {
  DeclareKfunc(node.kfunc->name);
  ir::Call call{std::string(node.kfunc->name), {}};
  size_t next = 0;
  for (const hooks::CParameter& parameter : hooks::SplitParameters(node.kfunc->parameters)) {
    if (!hooks::IsConnection(parameter.type)) {
      const sema::Expr& argument = *node.arguments[next++];
      const auto* own = std::get_if<sema::ConnectionRead>(&argument.node);
      std::string_view pointed = hooks::PointedStruct(parameter.type);
      bool sample = own && !pointed.empty();
      if (sample) context_.program.lowered.samples[std::string(pointed)];
      call.arguments.push_back(sample ? Connection(*own) : Value(argument));
      continue;
    }
    bool tcp = parameter.type == "struct tcp_sock *";
    call.arguments.push_back(
        ir::Name(tcp ? "netc_tp" : "(struct sock *)netc_tp", ir::Type{}.Pointer()));
  }
  ir::Type type = types_.Of(id);
  if (type.kind == ir::TypeKind::kVoid) return ir::Make(type, std::move(call));
  return code_.Use(code_.Keep("result", type, ir::Make(type, std::move(call))));
}

}  // namespace netc::lower
