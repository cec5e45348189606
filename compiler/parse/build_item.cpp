#include <utility>

#include "compiler/parse/builder.h"

namespace netc::parse {

void Builder::BuildUnit(P::UnitContext& context, ast::File& file) {
  file.documentation = Documentation(*context.start);
  if (auto* module = As<P::ModuleUnitContext>(&context)) {
    file.is_module = true;
    file.name = BuildPath(*module->path());
    return;
  }
  ast::Name name = BuildName(*static_cast<P::PipelineUnitContext&>(context).ident());
  file.name.span = name.span;
  file.name.parts.push_back(std::move(name));
}

ast::Item Builder::BuildItem(P::ItemContext& context) {
  too_deep_ = false;
  return {SpanOf(context), Documentation(*context.start), BuildItemNode(context)};
}

decltype(ast::Item::node) Builder::BuildItemNode(P::ItemContext& context) {
  if (auto* item = As<P::ImportItemContext>(&context)) {
    if (item->STRING()) return BuildImportC(*item);
    return ast::Import{BuildPath(*item->path()), BuildOptionalName(item->ident())};
  }
  if (auto* item = As<P::KernelItemContext>(&context)) {
    auto part = [&](size_t i) {
      return static_cast<uint32_t>(BuildNumber(*item->INT(i)->getSymbol(), UINT16_MAX));
    };
    return ast::KernelFloor{part(0), part(1)};
  }
  if (auto* item = As<P::ParamItemContext>(&context)) return BuildParam(*item->param(), false);
  if (auto* item = As<P::ConstItemContext>(&context)) {
    if (item->param()) return BuildParam(*item->param(), true);
    return ast::Const{BuildName(*item->ID()->getSymbol()), BuildOptionalType(item->type()),
                      BuildValue(*item->value())};
  }
  if (auto* item = As<P::LetItemContext>(&context)) {
    return ast::Alias{BuildName(*item->ident()), BuildOptionalType(item->type()),
                      BuildValue(*item->value())};
  }
  if (auto* item = As<P::StateItemContext>(&context)) return BuildState(*item);
  if (auto* item = As<P::EventItemContext>(&context)) {
    return ast::Event{BuildName(*item->ident()), BuildFields(*item->fieldList())};
  }
  if (auto* item = As<P::StructItemContext>(&context)) {
    return ast::Struct{BuildName(*item->ident()), BuildFields(*item->fieldList())};
  }
  if (auto* item = As<P::EnumItemContext>(&context)) {
    return BuildEnum(*item->ident(), item->type(), *item->memberList(), false);
  }
  if (auto* item = As<P::FlagsItemContext>(&context)) {
    return BuildEnum(*item->ident(), item->type(), *item->memberList(), true);
  }
  if (auto* item = As<P::FnItemContext>(&context)) {
    return ast::Function{BuildName(*item->ident()), BuildParameters(*item->parameters()),
                         BuildOptionalType(item->type()), BuildBlock(*item->block())};
  }
  if (auto* item = As<P::SelectorItemContext>(&context)) {
    ast::Selector selector{BuildName(*item->ident()), BuildType(*item->type()), std::nullopt};
    if (antlr4::tree::TerminalNode* depth = item->INT()) {
      selector.depth = static_cast<uint32_t>(BuildNumber(*depth->getSymbol(), UINT16_MAX));
    }
    return selector;
  }
  if (auto* item = As<P::HeaderItemContext>(&context)) return BuildHeader(*item);
  if (auto* item = As<P::ViewItemContext>(&context)) return BuildView(*item);
  if (auto* item = As<P::HookItemContext>(&context)) {
    return ast::Hook{BuildPath(*item->path()), BuildOptionalName(item->ident()),
                     BuildAttributes(item->attributes()), BuildBlock(*item->block())};
  }
  if (auto* item = As<P::CcItemContext>(&context)) return BuildCongestionControl(*item);
  if (auto* item = As<P::SweepItemContext>(&context)) {
    return ast::Sweep{BuildName(*item->ident(0)), BuildName(*item->ident(1)),
                      BuildOptionalExpr(item->expr()), BuildAttributes(item->attributes()),
                      BuildBlock(*item->block())};
  }
  return BuildTest(static_cast<P::TestItemContext&>(context));
}

ast::ImportC Builder::BuildImportC(P::ImportItemContext& context) {
  const Token& header = *context.STRING()->getSymbol();
  ast::ImportC import{BuildPath(*context.path()), {BuildString(header), SpanOf(header)}, {}};
  for (P::CFunctionContext* each : context.cFunction()) {
    import.functions.push_back({SpanOf(*each), BuildName(*each->ident()),
                                BuildParameters(*each->parameters()),
                                BuildOptionalType(each->type())});
  }
  return import;
}

ast::Param Builder::BuildParam(P::ParamContext& context, bool is_const) {
  return {is_const, BuildName(*context.ident()), BuildType(*context.type()),
          BuildOptionalValue(context.value())};
}

ast::State Builder::BuildState(P::StateItemContext& context) {
  P::StateKindContext& kind = *context.stateKind();
  ast::State state{BuildName(*context.ident()),
                   BuildOptionalName(kind.ident()),
                   BuildType(*kind.type()),
                   BuildArguments(kind.arguments()),
                   false,
                   {}};
  P::EntriesContext* entries = context.entries();
  if (!entries) return state;
  state.has_entries = true;
  for (P::EntryContext* entry : entries->entry()) {
    ast::ExprPtr key = BuildValue(*entry->value(0));
    state.entries.push_back({std::move(key), BuildOptionalValue(entry->value(1))});
  }
  return state;
}

std::vector<ast::Field> Builder::BuildFields(P::FieldListContext& context) {
  std::vector<ast::Field> fields;
  for (P::FieldContext* field : context.field()) {
    fields.push_back({BuildName(*field->ident()), BuildType(*field->type()),
                      BuildOptionalValue(field->value())});
  }
  return fields;
}

ast::Enum Builder::BuildEnum(P::IdentContext& name, P::TypeContext* type,
                             P::MemberListContext& members, bool is_flags) {
  ast::Enum result{is_flags, BuildName(name), BuildOptionalType(type), {}};
  for (P::MemberContext* member : members.member()) {
    result.members.push_back({BuildName(*member->ident()), BuildOptionalExpr(member->expr())});
  }
  return result;
}

std::vector<ast::Parameter> Builder::BuildParameters(P::ParametersContext& context) {
  std::vector<ast::Parameter> parameters;
  for (P::ParameterContext* each : context.parameter()) {
    parameters.push_back({BuildName(*each->ident()), BuildOptionalType(each->type())});
  }
  return parameters;
}

std::vector<ast::Attribute> Builder::BuildAttributes(P::AttributesContext* context) {
  std::vector<ast::Attribute> attributes;
  if (!context) return attributes;
  for (P::AttributeContext* each : context->attribute()) {
    attributes.push_back({BuildName(*each->ident()), BuildValue(*each->value())});
  }
  return attributes;
}

ast::CongestionControl Builder::BuildCongestionControl(P::CcItemContext& context) {
  ast::CongestionControl control;
  control.name = BuildName(*context.ident());
  control.attributes = BuildAttributes(context.attributes());
  for (P::CcMemberContext* member : context.ccMember()) {
    if (auto* state = As<P::CcStateContext>(member)) {
      control.storage.push_back({BuildName(*state->ident()), BuildFields(*state->fieldList())});
      continue;
    }
    auto& function = static_cast<P::CcFunctionContext&>(*member);
    control.functions.push_back({function.ON() != nullptr, BuildName(*function.ident()),
                                 BuildParameters(*function.parameters()),
                                 BuildOptionalType(function.type()),
                                 BuildBlock(*function.block())});
  }
  return control;
}

}  // namespace netc::parse
