// Effects that move the packet's ends: `trim`, `grow`, `push`, `pop`. What is known
// of the packet's headers ends with them, whether they succeed or fail.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/sema/body.h"
#include "compiler/sema/packet.h"

namespace netc::sema {

using diag::Kind;

namespace {

// The effects that this file checks; other words are other constructs'.
constexpr std::string_view kWords[] = {"trim", "grow", "push", "pop"};
// Most bytes that can be pushed at once: the kernel keeps 256 before a frame
// (XDP_PACKET_HEADROOM, include/uapi/linux/bpf.h).
constexpr uint64_t kMostPushed = 256;

// "available in: xdp, tc.ingress", from the rows of the word.
std::string HooksWith(std::string_view word, bool (*wanted)(const hooks::Effect&)) {
  std::string list;
  for (const hooks::Hook& hook : hooks::AllHooks()) {
    bool has = std::any_of(
        hooks::AllEffects().begin(), hooks::AllEffects().end(), [&](const hooks::Effect& effect) {
          return effect.word == word && effect.hooks.has(hook.id) && wanted(effect);
        });
    if (!has) continue;
    list += (list.empty() ? "" : ", ") + std::string(hook.name);
  }
  return list;
}

bool OfBytes(const hooks::Effect& effect) {
  return effect.kind.empty();
}
bool OfHeader(const hooks::Effect& effect) {
  return !effect.kind.empty();
}

// A field that is one unsigned number of 8, 16 or 32 bits at a whole byte.
bool IsPlain(const HeaderField& field) {
  bool unit = field.bits == 8 || field.bits == 16 || field.bits == 32;
  return unit && field.bit_offset % 8 == 0;
}

}  // namespace

bool BodyChecker::MovesEnds(const ast::Statement& statement) const {
  const auto& node = statement.node;
  if (const auto* n = std::get_if<ast::Action>(&node)) {
    bool moves = block_ && block_->hook &&
                 std::any_of(hooks::AllEffects().begin(), hooks::AllEffects().end(),
                             [&](const hooks::Effect& effect) {
                               return effect.word == n->word.text &&
                                      effect.hooks.has(block_->hook->id) &&
                                      effect.changes == hooks::Changes::kEnds;
                             });
    return moves || (n->otherwise && MovesEnds(*n->otherwise));
  }
  if (const auto* n = std::get_if<ast::If>(&node)) {
    return std::any_of(n->branches.begin(), n->branches.end(),
                       [&](const auto& branch) { return MovesEnds(branch.block); }) ||
           (n->otherwise && MovesEnds(*n->otherwise));
  }
  if (const auto* n = std::get_if<ast::Match>(&node)) {
    return std::any_of(n->arms.begin(), n->arms.end(),
                       [&](const auto& arm) { return MovesEnds(*arm.body); });
  }
  if (const auto* n = std::get_if<ast::For>(&node)) return MovesEnds(n->body);
  if (const auto* n = std::get_if<ast::Assign>(&node)) {
    return n->otherwise && MovesEnds(*n->otherwise);
  }
  if (const auto* n = std::get_if<ast::Let>(&node)) {
    return n->value && (TakesContext(*n->value) || ChangesPacket(*n->value));
  }
  if (const auto* n = std::get_if<ast::Evaluate>(&node)) {
    if (TakesContext(*n->value) || ChangesPacket(*n->value)) return true;
    return n->otherwise && MovesEnds(*n->otherwise);
  }
  const auto* block = std::get_if<ast::Block>(&node);
  return block && MovesEnds(*block);
}

bool BodyChecker::MovesEnds(const ast::Block& block) const {
  return std::any_of(block.statements.begin(), block.statements.end(),
                     [&](const ast::Statement& statement) { return MovesEnds(statement); });
}

ExprPtr BodyChecker::EffectBytes(const ast::Expr& written, const Effect& effect) {
  ExprPtr bytes = Value(written, types_.Unsigned(32));
  if (bytes->type == error_type()) return bytes;
  const Constant* constant = AsConstant(*bytes);
  bool none = constant && constant->number == 0;
  if (none) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kWrongArguments, written.span, "an effect on no bytes does nothing"));
    return Error(written.span);
  }
  if (effect.effect != EffectKind::kPushBytes) return bytes;
  if (constant && constant->number <= kMostPushed) return bytes;
  context_.diagnostics.Emit(diag::Error(
      Kind::kWrongArguments, written.span,
      fmt::format("`push` takes a constant of at most {} bytes", kMostPushed),
      "the bytes before the packet are filled with zeros, so their number must be known"));
  return Error(written.span);
}

// The header that `push` or `pop` names; nullopt where what is written is a number.
std::optional<HeaderRef> BodyChecker::EffectHeader(const ast::Expr& what) {
  if (const auto* literal = std::get_if<ast::StructLiteral>(&what.node)) {
    if (literal->path.parts.size() != 1) return std::nullopt;
    auto found = context_.symbols.protocols.find(literal->path.parts[0].text);
    bool header =
        found != context_.symbols.protocols.end() && found->second.kind == SymbolKind::kHeader;
    if (header) return HeaderRef{HeaderId{found->second.index}, Scope::kOuter};
    return std::nullopt;
  }
  auto protocol = AsProtocol(what);
  return protocol && protocol->header ? protocol->header : std::nullopt;
}

// The header that begins the frame and says by one of its fields what stands behind.
bool BodyChecker::FindCarrier(Span span, Effect& effect) {
  const Program& program = context_.program;
  const Header& header = context_.header(effect.header.header);
  std::string why =
      effect.header.scope == Scope::kInner
          ? "it stands in the packet inside"
          : "it is a kind of header that ends the frame's own: it says by no field of "
            "its own what stands behind it";
  for (uint32_t i = 0; i < program.headers.size() && effect.header.scope == Scope::kOuter; ++i) {
    const Header& carrier = program.headers[i];
    bool begins = std::any_of(carrier.places.begin(), carrier.places.end(),
                              [](const HeaderPlace& place) { return place.at_start; });
    auto link = LinkBetween(program, carrier, effect.header.header);
    if (!begins || carrier.size || !link || !link->field) continue;
    auto next = std::find_if(header.next.begin(), header.next.end(), [&](const NextHeader& n) {
      return !n.inner && !n.when && n.field && n.selector == carrier.next[0].selector;
    });
    bool fits = next != header.next.end() && !header.size && !header.checksum;
    if (!fits) continue;
    const HeaderField& named = carrier.fields[*link->field];
    const HeaderField& follows = header.fields[*next->field];
    if (!IsPlain(named) || !IsPlain(follows) || named.bits != follows.bits) continue;
    effect.carrier = {HeaderId{i}, Scope::kOuter};
    effect.link = *link->field;
    effect.next = *next->field;
    effect.value = link->value;
    return true;
  }
  context_.diagnostics.Emit(
      diag::Error(Kind::kWrongArguments, span,
                  fmt::format("`{}` can't stand behind the frame's first header", header.name), why)
          .WithLabel(header.span, "is declared here")
          .WithHint(
              "here: a header of fixed size with `next SELECTOR(field)`, on the selector that "
              "the frame's first header gives, such as `vlan`"));
  return false;
}

bool BodyChecker::PushedFields(const ast::StructLiteral& written, Effect& effect) {
  const Header& header = context_.header(effect.header.header);
  effect.arguments.resize(header.fields.size());
  bool good = true;
  for (const ast::Initializer& initializer : written.fields) {
    uint32_t index = 0;
    while (index < header.fields.size() && header.fields[index].name != initializer.name.text) {
      ++index;
    }
    if (index == header.fields.size()) {
      std::vector<std::string> names;
      for (const HeaderField& field : header.fields) names.push_back(field.name);
      context_.diagnostics.Emit(Unknown(Kind::kUnknownField, initializer.name.span,
                                        "field of " + header.name, initializer.name.text, names));
      good = false;
      continue;
    }
    const HeaderField& field = header.fields[index];
    if (field.is_layout) {
      context_.diagnostics.Emit(
          diag::Error(
              Kind::kNotAssignable, initializer.name.span,
              fmt::format("`{}` says how the packet is laid out and can't be given", field.name))
              .WithLabel(field.span, "is a layout field"));
      good = false;
      continue;
    }
    ExprPtr value = ValueFor(*initializer.value, field);
    if (!value) {
      good = false;
      continue;
    }
    effect.arguments[index] = std::move(value);
  }
  for (uint32_t i = 0; i < header.fields.size(); ++i) {
    const HeaderField& field = header.fields[i];
    if (effect.arguments[i]) continue;
    const Constant* initial = field.initial ? AsConstant(*field.initial) : nullptr;
    effect.arguments[i] = MakeConstant(field.span, field.type, initial ? *initial : Constant{});
  }
  return good;
}

// Behind the effect, and where it failed, nothing is known of the packet.
void BodyChecker::FailsInto(const ast::Action& node, Effect& effect) {
  bool ended = facts_.unreachable();
  facts_.Forget();
  if (!node.otherwise) return;
  effect.has_otherwise = true;
  effect.otherwise = Statements(*node.otherwise);
  Facts succeeded;
  if (ended) succeeded.SetUnreachable();
  facts_ = Facts::Either(context_, succeeded, facts_);
}

// `what` completes "HOOK has no `WORD`"; other hooks with rows that are wanted are named.
void BodyChecker::RefuseEffect(const ast::Action& node, std::string_view what,
                               bool (*wanted)(const hooks::Effect&)) {
  auto error =
      diag::Error(Kind::kEffectUnavailable, node.word.span,
                  fmt::format("{} has no `{}`{}", block_->hook->name, node.word.text, what))
          .WithLabel(block_->head, fmt::format("this hook sees {}", block_->hook->summary));
  std::string available = HooksWith(node.word.text, wanted);
  if (!available.empty()) error.WithHint("available in: " + available);
  context_.diagnostics.Emit(std::move(error));
}

bool BodyChecker::EffectStatement(const ast::Statement& statement, const ast::Action& node,
                                  Block& out) {
  const std::string& word = node.word.text;
  if (word == "assign") {
    AssignSocket(statement, node, out);
    return true;
  }
  if (word == "clone") {
    CloneStatement(statement, node, out);
    return true;
  }
  if (word == "pace") {
    Pace(statement, node, out);
    return true;
  }
  if (word == "encap") {
    Encapsulate(statement, node, out);
    return true;
  }
  if (word == "become") {
    Become(statement, node, out);
    return true;
  }
  if (word == "decap") {
    Decapsulate(statement, node, out);
    return true;
  }
  if (std::find(std::begin(kWords), std::end(kWords), word) == std::end(kWords)) return false;
  if (node.arguments.size() != 1) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kWrongArguments, statement.span,
                    fmt::format("`{}` takes one argument", word))
            .WithHint(word == "push" || word == "pop"
                          ? fmt::format("here: `{} 4;`, or a header, as in `{} vlan;`", word, word)
                          : fmt::format("here: a number of bytes, as in `{} 4;`", word)));
    return true;
  }
  const ast::Expr& what = *node.arguments[0];
  Effect effect;
  auto header = word == "push" || word == "pop" ? EffectHeader(what) : std::nullopt;
  hooks::HookId hook = block_->hook->id;
  if (header) {
    effect.header = *header;
    effect.effect = word == "push" ? EffectKind::kPushHeader : EffectKind::kPopHeader;
    effect.row = hooks::FindEffect(hook, word, context_.header(header->header).name);
    if (!effect.row) effect.row = hooks::FindEffect(hook, word, "header");
  } else {
    effect.effect = word == "trim"   ? EffectKind::kTrim
                    : word == "grow" ? EffectKind::kGrow
                    : word == "push" ? EffectKind::kPushBytes
                                     : EffectKind::kPopBytes;
    effect.row = hooks::FindEffect(hook, word, "");
  }
  if (!effect.row) {
    std::string what_of = header                            ? " of this header"
                          : word == "pop" || word == "push" ? " of bytes"
                                                            : "";
    RefuseEffect(node, what_of, header ? OfHeader : OfBytes);
    return true;
  }
  Under(statement, node.when, out, [&](Block& inner) {
    bool good = true;
    if (!header) {
      ExprPtr bytes = EffectBytes(what, effect);
      good = bytes->type != error_type();
      effect.arguments.push_back(std::move(bytes));
    } else {
      good = FindCarrier(what.span, effect);
      if (good && effect.effect == EffectKind::kPopHeader) Require(what.span, *header);
      static const ast::StructLiteral kNone{};
      const auto* literal = std::get_if<ast::StructLiteral>(&what.node);
      if (good && effect.effect == EffectKind::kPushHeader) {
        good = PushedFields(literal ? *literal : kNone, effect);
      }
    }
    FailsInto(node, effect);
    if (good) inner.push_back({statement.span, std::move(effect)});
  });
  return true;
}

}  // namespace netc::sema
