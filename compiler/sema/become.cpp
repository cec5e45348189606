// `become HEADER { field: value }, …`: the packet is made of these headers and nothing else.
// Lengths, kinds of options and what fills a header up are those of a test's packet that is
// described so; what isn't constant is put in its place when the program runs.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/sema/body.h"
#include "compiler/sema/children.h"
#include "compiler/sema/packet.h"

namespace netc::sema {

using diag::Kind;

namespace {

// What stands on the stack of a program, and what the sum's loop is unrolled for.
constexpr uint32_t kMostBytes = 256;

bool AnyKind(const hooks::Effect&) {
  return true;
}

uint64_t BitsAt(const object::Bytes& bytes, uint32_t offset, uint32_t bits) {
  uint64_t value = 0;
  for (uint32_t i = offset; i < offset + bits; ++i) {
    value = value << 1 | (bytes[i / 8] >> (7 - i % 8) & 1);
  }
  return value;
}

}  // namespace

// Whether a default needs a value that is known only when the program runs.
static bool RestsOnGiven(const Expr& expr, const OuterHeader& layer) {
  const auto* read = std::get_if<FieldRead>(&expr.node);
  if (read && read->header.header == layer.header) {
    const ExprPtr& given = layer.arguments[read->field];
    return given && !AsConstant(*given);
  }
  bool rests = false;
  std::visit(
      [&](const auto& node) {
        ForEachChild(node, [&](const ExprPtr& child) { rests |= RestsOnGiven(*child, layer); });
      },
      expr.node);
  return rests;
}

// What is known of one `become` while it is checked.
struct BodyChecker::Made {
  Span span;
  Effect& effect;
  PacketModel model{};
  BuiltPacket built{};
  // The nearest layer below this one that is such a header, or itself.
  std::optional<uint32_t> Below(uint32_t layer, HeaderId header) const {
    for (uint32_t i = layer + 1; i-- > 0;) {
      if (effect.layers[i].header == header) return i;
    }
    return std::nullopt;
  }
};

// `ipv4`, `tcp.mss`, with fields or without.
std::optional<HeaderId> BodyChecker::MadeHeader(const ast::Expr& expr) {
  std::string name;
  if (const auto* literal = std::get_if<ast::StructLiteral>(&expr.node)) {
    for (const ast::Name& part : literal->path.parts) name += (name.empty() ? "" : ".") + part.text;
  } else if (const auto* alone = std::get_if<ast::NameRef>(&expr.node)) {
    name = alone->text;
  } else if (const auto* member = std::get_if<ast::Member>(&expr.node)) {
    const auto* owner = std::get_if<ast::NameRef>(&member->object->node);
    if (owner) name = owner->text + "." + member->name.text;
  }
  const std::vector<Header>& headers = context_.program.headers;
  for (uint32_t i = 0; i < headers.size(); ++i) {
    if (headers[i].name == name) return HeaderId{i};
  }
  context_.diagnostics.Emit(
      diag::Error(Kind::kWrongArguments, expr.span, "a packet is made of headers", "is none")
          .WithHint("here: `become ethernet { … }, ipv4 { … }, udp { … };`"));
  return std::nullopt;
}

// Whether the header can stand there, behind those before.
bool BodyChecker::Stands(Span span, HeaderId id, const Made& made) {
  const Header& header = context_.header(id);
  const auto& layers = made.effect.layers;
  auto refuse = [&](std::string message) {
    context_.diagnostics.Emit(diag::Error(Kind::kWrongPlace, span, std::move(message)));
    return false;
  };
  if (header.option_of) {
    HeaderId owner = *header.option_of;
    bool behind = !layers.empty() && (layers.back().header == owner ||
                                      context_.header(layers.back().header).option_of == owner);
    return behind || refuse(fmt::format("an option of {} stands behind its header",
                                        context_.header(owner).name));
  }
  auto below = std::find_if(layers.rbegin(), layers.rend(), [&](const OuterHeader& layer) {
    return !context_.header(layer.header).option_of;
  });
  if (below == layers.rend()) {
    bool begins = std::any_of(header.places.begin(), header.places.end(),
                              [](const HeaderPlace& place) { return place.at_start; });
    return begins || refuse(fmt::format("no frame begins with {}", header.name));
  }
  const Header& outer = context_.header(below->header);
  return LinkBetween(context_.program, outer, id) ||
         refuse(fmt::format("{} does not stand directly behind {}", header.name, outer.name));
}

// The values that are given, in the order of their declaration; what isn't constant is kept.
bool BodyChecker::MadeFields(const ast::Expr& expr, const Header& header, OuterHeader& layer,
                             PacketLayer& described, Block& out) {
  const auto* literal = std::get_if<ast::StructLiteral>(&expr.node);
  layer.arguments.resize(header.fields.size());
  if (!literal) return true;
  bool good = true;
  std::vector<const ast::Initializer*> given(header.fields.size());
  for (const ast::Initializer& initializer : literal->fields) {
    size_t index = 0;
    while (index < header.fields.size() && header.fields[index].name != initializer.name.text)
      ++index;
    auto refuse = [&](Kind kind, std::string message) {
      context_.diagnostics.Emit(diag::Error(kind, initializer.name.span, std::move(message)));
      good = false;
    };
    if (index == header.fields.size()) {
      std::vector<std::string> names;
      for (const HeaderField& field : header.fields) {
        if (!field.is_layout) names.push_back(field.name);
      }
      context_.diagnostics.Emit(Unknown(Kind::kUnknownField, initializer.name.span,
                                        "field of " + header.name, initializer.name.text, names));
      good = false;
    } else if (header.fields[index].is_layout) {
      refuse(Kind::kNotAssignable,
             fmt::format("`{}.{}` says how the packet is laid out: netc fills it in", header.name,
                         initializer.name.text));
    } else if (given[index]) {
      refuse(Kind::kDuplicateName, fmt::format("`{}` is given twice", initializer.name.text));
    } else {
      given[index] = &initializer;
    }
  }
  for (uint32_t i = 0; i < header.fields.size(); ++i) {
    const HeaderField& field = header.fields[i];
    if (!given[i]) continue;
    ExprPtr value = ValueFor(*given[i]->value, field);
    if (!value) {
      good = false;
      continue;
    }
    const Constant* constant = AsConstant(*value);
    described.given[i] = constant ? *constant : Constant{};
    if (!constant) {
      TypeId type = value->type;
      LocalId local = AddLocal({"", value->span}, type);
      out.push_back({value->span, Let{local, std::move(value)}});
      value = MakeExpr(given[i]->name.span, type, LocalRef{local});
    }
    layer.arguments[i] = std::move(value);
  }
  return good;
}

// Of a header's declaration: fields become what is made of them, sizes numbers.
void BodyChecker::SettleMade(ExprPtr& expr, uint32_t layer, const Made& made) {
  const OuterHeader& here = made.effect.layers[layer];
  if (const auto* read = std::get_if<FieldRead>(&expr->node)) {
    auto at = made.Below(layer, read->header.header);
    const ExprPtr* argument = at ? &made.effect.layers[*at].arguments[read->field] : nullptr;
    expr = argument && *argument ? Clone(**argument)
                                 : MakeConstant(expr->span, expr->type, Constant{});
    return;
  }
  if (const auto* call = std::get_if<BuiltinCall>(&expr->node)) {
    if (call->builtin == Builtin::kHeaderSize) {
      expr = MakeNumber(expr->span, expr->type, here.size);
      return;
    }
    if (call->builtin == Builtin::kExtent) {
      expr = MakeNumber(expr->span, expr->type, made.effect.total - here.at);
      return;
    }
  }
  if (auto* select = std::get_if<Select>(&expr->node)) {
    if (const auto* present = std::get_if<Present>(&select->condition->node)) {
      // Of a view's headers the layer stands on the nearest.
      auto at = made.Below(layer, present->header.header);
      ExprPtr chosen = std::move(at ? select->yes : select->no);
      expr = std::move(chosen);
      return SettleMade(expr, layer, made);
    }
  }
  std::visit(
      [&](auto& node) {
        ForEachChild(node, [&](ExprPtr& child) { SettleMade(child, layer, made); });
      },
      expr->node);
}

// Where each header is, and what stands in the fields that are not given.
bool BodyChecker::FillMade(Made& made) {
  Effect& effect = made.effect;
  made.built = BuildPacket(context_.program, made.model);
  effect.total = static_cast<uint32_t>(made.built.bytes.size());
  if (effect.total > kMostBytes) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTooMany, made.span,
                    fmt::format("a packet that is made has {} bytes at most, and this one {}",
                                kMostBytes, effect.total)));
    return false;
  }
  std::vector<std::vector<uint32_t>> offsets(effect.layers.size());
  for (const PlacedField& placed : made.built.fields) {
    offsets[placed.layer].push_back(placed.bit_offset);
  }
  uint32_t end = effect.total, owner_end = end;
  for (size_t i = effect.layers.size(); i-- > 0;) {
    OuterHeader& layer = effect.layers[i];
    const Header& header = context_.header(layer.header);
    layer.at = offsets[i].empty() ? end : offsets[i][0] / 8;
    layer.size = (header.option_of ? end : owner_end) - layer.at;
    end = layer.at;
    if (!header.option_of) owner_end = layer.at;
  }
  for (uint32_t i = 0; i < effect.layers.size(); ++i) {
    OuterHeader& layer = effect.layers[i];
    const Header& header = context_.header(layer.header);
    for (uint32_t f = 0; f < header.fields.size(); ++f) {
      const HeaderField& field = header.fields[f];
      bool sum = header.checksum && header.checksum->field == f;
      if (layer.arguments[f]) continue;
      if (field.initial && !sum && RestsOnGiven(*field.initial, layer)) {
        layer.arguments[f] = Clone(*field.initial);
        SettleMade(layer.arguments[f], i, made);
        continue;
      }
      Constant value;
      if (const Constant* initial = field.initial ? AsConstant(*field.initial) : nullptr)
        value = *initial;
      bool number = types_.IsNumber(field.type) || types_[field.type].kind == TypeKind::kBool ||
                    types_[field.type].kind == TypeKind::kEnum;
      if (!sum && number) value.number = BitsAt(made.built.bytes, offsets[i][f], field.bits);
      layer.arguments[f] = MakeConstant(made.span, field.type, value);
    }
  }
  return true;
}

bool BodyChecker::SumMade(Made& made) {
  for (uint32_t i = 0; i < made.effect.layers.size(); ++i) {
    OuterHeader& layer = made.effect.layers[i];
    const Header& header = context_.header(layer.header);
    if (!header.checksum) continue;
    const Checksum& checksum = *header.checksum;
    if (checksum.algorithm == Checksum::Algorithm::kCrc32c) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kUnsupported, made.span,
                      fmt::format("the CRC of {} can't be made anew", header.name)));
      return false;
    }
    bool whole = checksum.covers == Checksum::Covers::kExtent;
    layer.summed = whole ? made.effect.total - layer.at : layer.size;
    for (const ExprPtr& summand : checksum.summands) {
      ExprPtr settled = Clone(*summand);
      SettleMade(settled, i, made);
      layer.summands.push_back(std::move(settled));
    }
    if (checksum.adds_extent) {
      layer.summands.push_back(MakeNumber(made.span, types_.Unsigned(32), layer.summed));
    }
  }
  return true;
}

void BodyChecker::Become(const ast::Statement& statement, const ast::Action& node, Block& out) {
  Effect effect;
  effect.effect = EffectKind::kBecome;
  effect.row = hooks::FindEffect(block_->hook->id, "become", "");
  if (!effect.row) return RefuseEffect(node, "", AnyKind);
  Under(statement, node.when, out, [&](Block& inner) {
    Made made{statement.span, effect};
    bool good = !node.arguments.empty();
    if (!good) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kWrongArguments, statement.span, "`become` takes headers")
              .WithHint("here: `become ethernet { … }, ipv4 { … }, udp { … };`"));
    }
    for (const ast::ExprPtr& argument : node.arguments) {
      auto header = MadeHeader(*argument);
      if (!header || !Stands(argument->span, *header, made)) {
        good = false;
        break;
      }
      OuterHeader layer{*header, {}};
      PacketLayer described{*header, {}, std::nullopt, {}};
      good = MadeFields(*argument, context_.header(*header), layer, described, inner) && good;
      effect.layers.push_back(std::move(layer));
      made.model.layers.push_back(std::move(described));
    }
    good = good && FillMade(made) && SumMade(made);
    FailsInto(node, effect);
    if (good) inner.push_back({statement.span, std::move(effect)});
  });
}

}  // namespace netc::sema
