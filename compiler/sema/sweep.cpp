// `sweep NAME over tcp_sockets every 10s { … }`: a block that is run for each socket.
#include <fmt/format.h>

#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;

namespace {

class SweepDefiner {
 public:
  SweepDefiner(Context& context, const ast::Sweep& node, uint32_t block)
      : context_(context), node_(node), block_(context.program.hooks[block]) {}

  void Define(uint32_t first_rule) {
    if (node_.over.text != "tcp_sockets") {
      context_.diagnostics.Emit(Unknown(Kind::kUnknownName, node_.over.span, "sweep over",
                                        node_.over.text, {"tcp_sockets"})
                                    .WithHint("here: `over tcp_sockets`"));
    }
    block_.hook = hooks::FindHook("sweep");
    block_.first_rule = first_rule;
    block_.on_abort = block_.hook->abort;
    block_.at_end = block_.hook->at_end;
    if (node_.every) Every(*node_.every);
    for (const ast::Attribute& attribute : node_.attributes) Attribute(attribute);
    BodyChecker checker(context_, 0, &block_.locals);
    checker.EnterHook(&block_);
    block_.body = checker.Statements(node_.body);
  }

 private:
  // A constant, or a parameter that is read when the pipeline is attached.
  std::optional<ParamId> AsParam(const ast::Expr& value) const {
    const auto* name = std::get_if<ast::NameRef>(&value.node);
    const Symbol* symbol = name ? context_.symbols.Find(0, name->text) : nullptr;
    if (!symbol || symbol->kind != SymbolKind::kParam) return std::nullopt;
    return ParamId{symbol->index};
  }

  void Every(const ast::Expr& value) {
    AttachAttribute made;
    made.name = "every";
    made.param = AsParam(value);
    TypeId duration = context_.program.types.Simple(TypeKind::kDuration);
    if (made.param) {
      if (context_.program.params[static_cast<uint32_t>(*made.param)].type != duration) {
        context_.diagnostics.Emit(diag::Error(Kind::kTypeMismatch, value.span,
                                              "a sweep runs every duration, as in `every 10s`"));
      }
    } else {
      BodyChecker checker(context_, 0, nullptr);
      ExprPtr constant = checker.ConstantOf(value, duration);
      if (!constant) return;
      if (AsConstant(*constant)->number == 0) {
        context_.diagnostics.Emit(
            diag::Error(Kind::kBadLiteral, value.span, "a sweep can't run all the time")
                .WithHint("here: leave `every` out, and it runs once"));
      }
      made.value = fmt::format("{}ns", AsConstant(*constant)->number);
    }
    block_.attributes.push_back(std::move(made));
  }

  void Attribute(const ast::Attribute& attribute) {
    const auto* text = std::get_if<ast::Literal>(&attribute.value->node);
    const auto* word = std::get_if<ast::NameRef>(&attribute.value->node);
    AttachAttribute made;
    made.name = attribute.name.text;
    made.param = AsParam(*attribute.value);
    if (text) made.value = text->text;
    if (word && !made.param) made.value = word->text;
    for (const hooks::AttachAttribute& row : block_.hook->attributes) {
      if (row.name != made.name) continue;
      block_.attributes.push_back(std::move(made));
      return;
    }
    context_.diagnostics.Emit(Unknown(Kind::kBadAttribute, attribute.name.span,
                                      "attribute of sweep", attribute.name.text, {"netns"}));
  }

  Context& context_;
  const ast::Sweep& node_;
  HookBlock& block_;
};

}  // namespace

void DefineSweeps(Context& context) {
  uint32_t rules = 0;
  for (const HookBlock& block : context.program.hooks) {
    rules = std::max(rules, block.first_rule + static_cast<uint32_t>(block.rules.size()));
  }
  for (size_t i = 0; i < context.sweep_asts.size(); ++i) {
    uint32_t index = context.sweep_blocks[i];
    SweepDefiner(context, *context.sweep_asts[i], index).Define(rules);
    rules += static_cast<uint32_t>(context.program.hooks[index].rules.size());
  }
}

}  // namespace netc::sema
