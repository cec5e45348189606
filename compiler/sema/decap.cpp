// `decap`: the packet inside comes out of its tunnel, whichever it is. What a tunnel is
// say the declarations of headers: all that leads to what is `inner`.
#include <algorithm>

#include "compiler/sema/body.h"
#include "compiler/sema/children.h"
#include "compiler/sema/packet.h"

namespace netc::sema {

using diag::Kind;

namespace {

bool IsOfDecap(const hooks::Effect&) {
  return true;
}

}  // namespace

// What is known to be inside: a frame, or else an IP packet.
bool BodyChecker::FindInside(Span span, Effect& effect) {
  HeaderRef frame{effect.carrier.header, Scope::kInner};
  effect.inner_ip = Families(effect.carrier, Scope::kInner);
  effect.outer_ip = Families(effect.carrier, Scope::kOuter);
  effect.of_frame = facts_.Has(context_, frame);
  if (effect.of_frame) {
    effect.inside = {frame};
    return true;
  }
  auto view = context_.symbols.protocols.find("ip");
  bool packet = (effect.inner_ip.size() == 1 && facts_.Has(context_, effect.inner_ip[0].header)) ||
                (view != context_.symbols.protocols.end() &&
                 facts_.Has(context_, ViewRef{view->second.index, Scope::kInner}));
  if (!packet) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kMaybeAbsent, span, "the packet may carry no other here",
                    "takes out what is inside, which must be known to be there")
            .WithHint("here: put it under `if inner.ip { … }`, or for a tunnel of frames under "
                      "`if inner.ethernet { … }`"));
    return false;
  }
  for (const Effect::Family& family : effect.inner_ip) effect.inside.push_back(family.header);
  return true;
}

void BodyChecker::Decapsulate(const ast::Statement& statement, const ast::Action& node,
                              Block& out) {
  Effect effect;
  effect.effect = EffectKind::kDecap;
  effect.row = hooks::FindEffect(block_->hook->id, "decap", "");
  if (!effect.row) return RefuseEffect(node, "", IsOfDecap);
  if (!node.arguments.empty()) {
    context_.diagnostics.Emit(diag::Error(Kind::kWrongArguments, node.arguments[0]->span,
                                          "`decap` takes no argument",
                                          "what stands around the packet inside goes"));
    return;
  }
  auto carrier = FrameHeader();
  Span span = statement.span;
  TypeId u8 = types_.Unsigned(8), boolean = types_.Simple(TypeKind::kBool);
  Under(statement, node.when, out, [&](Block& inner) {
    ExprPtr mark = OfModule(span, "net.decap", "arriving_ecn", {}, u8);
    bool good = mark->type != error_type() && carrier;
    if (good) effect.carrier = *carrier;
    good = good && FindInside(node.word.span, effect);
    LocalId ecn{};
    if (good) {
      ecn = AddLocal({"", span}, u8);
      inner.push_back({span, Let{ecn, std::move(mark)}});
      effect.link = *context_.header(carrier->header).next[0].field;
      And guard;
      guard.operands.push_back(MakeExpr(
          span, boolean,
          Compare{CompareOp::kNe, MakeExpr(span, u8, LocalRef{ecn}), MakeNumber(span, u8, 4)}));
      bool skb = effect.row->helper == "bpf_skb_adjust_room";
      if (skb == effect.of_frame) {
        guard.operands.push_back(
            effect.of_frame ? SaysFamily(span, effect.inside[0], effect.link, effect.inner_ip)
                            : SaysFamily(span, effect.carrier, effect.link, effect.outer_ip));
      }
      effect.guard = MakeExpr(span, boolean, std::move(guard));
      if (!effect.of_frame) {
        TypeId type = context_.header(carrier->header).fields[effect.link].type;
        effect.front.push_back({effect.link, ByFamily(span, effect.inner_ip, type), 0});
      }
      if (!skb) effect.inner_ip.clear(), effect.outer_ip.clear();
      std::vector<ExprPtr> arguments;
      arguments.push_back(MakeExpr(span, u8, LocalRef{ecn}));
      effect.then.push_back(
          {span, Evaluate{OfModule(span, "net.decap", "set_ecn", std::move(arguments), {})}});
    }
    FailsInto(node, effect);
    if (good) inner.push_back({span, std::move(effect)});
  });
}

}  // namespace netc::sema
