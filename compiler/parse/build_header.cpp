#include <utility>

#include "compiler/parse/builder.h"

namespace netc::parse {

ast::Header Builder::BuildHeader(P::HeaderItemContext& context) {
  ast::Header header;
  header.name = BuildName(*context.ident(0));
  header.within = BuildOptionalName(context.ident(1));
  for (P::PlaceContext* each : context.place()) {
    header.places.push_back({SpanOf(*each), each->INNER() != nullptr,
                             BuildName(*each->ID()->getSymbol()), BuildExprs(each->expr())});
  }
  for (P::HeaderMemberContext* member : context.headerMember()) {
    header.members.push_back(BuildHeaderMember(*member));
  }
  return header;
}

ast::View Builder::BuildView(P::ViewItemContext& context) {
  ast::View view;
  std::vector<P::IdentContext*> names = context.ident();
  view.name = BuildName(*names[0]);
  for (size_t i = 1; i < names.size(); ++i) view.alternatives.push_back(BuildName(*names[i]));
  for (P::ViewMemberContext* each : context.viewMember()) {
    ast::View::Member member{BuildName(*each->ident()), BuildType(*each->type()), {}};
    for (P::PathContext* source : each->path()) member.sources.push_back(BuildPath(*source));
    view.members.push_back(std::move(member));
  }
  return view;
}

ast::HeaderMember Builder::BuildHeaderMember(P::HeaderMemberContext& context) {
  return {SpanOf(context), Documentation(*context.start), BuildHeaderMemberNode(context)};
}

decltype(ast::HeaderMember::node) Builder::BuildHeaderMemberNode(P::HeaderMemberContext& context) {
  if (auto* field = As<P::HeaderFieldContext>(&context)) {
    return ast::HeaderField{field->LAYOUT() != nullptr, BuildName(*field->ID()->getSymbol()),
                            BuildType(*field->type()), BuildOptionalExpr(field->expr())};
  }
  if (auto* property = As<P::HeaderPropertyContext>(&context)) {
    return ast::HeaderProperty{BuildName(*property->ident()), BuildExpr(*property->expr())};
  }
  if (auto* require = As<P::HeaderRequireContext>(&context)) {
    return ast::HeaderRequire{BuildExpr(*require->expr())};
  }
  if (auto* size = As<P::HeaderSizeContext>(&context)) {
    return ast::HeaderSize{BuildExpr(*size->expr())};
  }
  if (auto* extent = As<P::HeaderExtentContext>(&context)) {
    return ast::HeaderExtent{BuildName(*extent->start), BuildExpr(*extent->expr())};
  }
  if (auto* checksum = As<P::HeaderChecksumContext>(&context)) {
    return ast::HeaderChecksum{BuildName(*checksum->ident()), BuildExpr(*checksum->expr())};
  }
  if (auto* next = As<P::HeaderNextContext>(&context)) {
    return ast::HeaderNext{next->INNER() != nullptr, BuildName(*next->ID()->getSymbol()),
                           BuildExpr(*next->expr()), BuildGuard(next->guard())};
  }
  if (auto* options = As<P::HeaderOptionsContext>(&context)) return BuildOptions(*options);
  auto& option = static_cast<P::HeaderOptionContext&>(context);
  ast::HeaderOption result{BuildName(*option.ident()), BuildExprs(option.expr()), {}};
  for (P::HeaderMemberContext* member : option.headerMember()) {
    result.members.push_back(BuildHeaderMember(*member));
  }
  return result;
}

ast::HeaderOptions Builder::BuildOptions(P::HeaderOptionsContext& context) {
  ast::HeaderOptions options;
  for (P::OptionMemberContext* member : context.optionMember()) {
    if (auto* named = As<P::OptionNamedContext>(member)) {
      ast::Name name = BuildName(*named->ID()->getSymbol());
      if (named->type()) {
        options.fields.push_back({std::move(name), BuildType(*named->type()), nullptr});
      } else {
        options.marks.push_back({std::move(name), BuildGuard(named->guard())});
      }
    } else if (options.size) {
      Report(diag::Error(diag::Kind::kSyntax, SpanOf(*member), "the size of options is given twice")
                 .WithLabel(options.size->span, "first here"));
    } else {
      options.size = BuildExpr(*static_cast<P::OptionSizeContext*>(member)->expr());
    }
  }
  return options;
}

}  // namespace netc::parse
