#include <utility>

#include "compiler/parse/builder.h"

namespace netc::parse {

ast::Test Builder::BuildTest(P::TestItemContext& context) {
  const Token& title = *context.STRING()->getSymbol();
  ast::Test test{{BuildString(title), SpanOf(title)}, BuildName(*context.ident()), {}};
  for (P::TestStepContext* step : context.testStep()) {
    test.steps.push_back({SpanOf(*step), BuildStep(*step)});
  }
  return test;
}

decltype(ast::TestStep::node) Builder::BuildStep(P::TestStepContext& context) {
  if (auto* send = As<P::SendStepContext>(&context)) {
    ast::SendStep step{BuildPacket(*send->packet()), std::nullopt, 1};
    if (send->INT()) {
      antlr4::tree::TerminalNode* word = send->ID() ? send->ID() : send->ACTION();
      step.times_word = BuildName(*word->getSymbol());
      step.times = BuildNumber(*send->INT()->getSymbol(), UINT32_MAX);
    }
    return step;
  }
  if (auto* expect = As<P::ExpectStepContext>(&context)) {
    return BuildExpectation(*expect->expectation());
  }
  if (auto* given = As<P::GivenStepContext>(&context)) {
    return ast::GivenStep{BuildExpr(*given->expr()), BuildOptionalValue(given->value())};
  }
  auto& state = static_cast<P::StateStepContext&>(context);
  return ast::StateStep{BuildExpr(*state.expr()), BuildOptionalValue(state.value())};
}

decltype(ast::TestStep::node) Builder::BuildExpectation(P::ExpectationContext& context) {
  if (auto* event = As<P::EventExpectationContext>(&context)) {
    return ast::ExpectEvent{BuildName(*event->ident()), BuildInitializers(event->initializers())};
  }
  if (auto* none = As<P::NoEventExpectationContext>(&context)) {
    return ast::ExpectNoEvent{BuildOptionalName(none->ident())};
  }
  if (auto* phrase = As<P::PhraseExpectationContext>(&context)) {
    return ast::ExpectPhrase{BuildName(*phrase->start), BuildValue(*phrase->value())};
  }
  auto& plain = static_cast<P::PlainExpectationContext&>(context);
  if (!plain.packet()) return ast::ExpectValue{BuildExpr(*plain.expr())};
  ast::Path word;
  if (!AppendPath(*plain.expr(), word) || word.parts.size() != 1) {
    Span span = SpanOf(*plain.expr());
    Report(diag::Error(diag::Kind::kSyntax, span, "expected `packet` before `=`",
                       "`==` compares values"));
    word.parts.assign(1, {"", span});
  }
  return ast::ExpectPacket{std::move(word.parts[0]), BuildPacket(*plain.packet())};
}

ast::Packet Builder::BuildPacket(P::PacketContext& context) {
  ast::Packet packet;
  packet.span = SpanOf(context);
  for (P::LayerContext* each : context.layer()) {
    ast::Layer layer;
    layer.span = SpanOf(*each);
    layer.name = BuildName(*each->ident(0));
    if (each->ident().size() > 1) layer.option = BuildName(*each->ident(1));
    layer.fields = BuildInitializers(each->initializers());
    layer.arguments = BuildArguments(each->arguments());
    if (each->STRING()) layer.text = BuildString(*each->STRING()->getSymbol());
    packet.layers.push_back(std::move(layer));
  }
  return packet;
}

}  // namespace netc::parse
