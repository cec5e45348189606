// `encap KIND { field: value }`: the headers of a tunnel before the packet. The table
// compiler/hooks/encap.def says which; their declarations say what stands in them.
#include "compiler/hooks/encap.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "compiler/sema/body.h"
#include "compiler/sema/children.h"
#include "compiler/sema/packet.h"

namespace netc::sema {

using diag::Kind;

namespace {

constexpr std::string_view kEitherFamily = "ip";
constexpr std::string_view kSkbHelper = "bpf_skb_adjust_room";
// What the length of an IP packet has room for.
constexpr uint64_t kLongestPacket = 65'535;

const hooks::EncapField* FindRow(std::string_view header, std::string_view field) {
  for (const hooks::EncapField& row : hooks::AllEncapFields()) {
    if (row.header == header && row.field == field) return &row;
  }
  return nullptr;
}

// The rows that `name` gives, in these headers.
std::vector<const hooks::EncapField*> RowsNamed(const std::vector<std::string_view>& headers,
                                                std::string_view name) {
  std::vector<const hooks::EncapField*> found;
  for (const hooks::EncapField& row : hooks::AllEncapFields()) {
    bool ours = std::find(headers.begin(), headers.end(), row.header) != headers.end();
    if (ours && row.name == name) found.push_back(&row);
  }
  return found;
}

bool AnyKind(const hooks::Effect&) {
  return true;
}

std::vector<std::string> KindsOfTunnels() {
  std::vector<std::string> kinds;
  for (const hooks::Encap& encap : hooks::AllEncaps()) kinds.emplace_back(encap.kind);
  return kinds;
}

// How `outer` says that `inner` follows: by the first of its fields that can, else by
// what it always says.
std::optional<LinkValue> OuterLink(const Program& program, const Header& outer, HeaderId inner) {
  for (const NextHeader& next : outer.next) {
    if (!next.field) continue;
    for (const HeaderPlace& place : program.headers[static_cast<uint32_t>(inner)].places) {
      if (place.at_start || place.selector != next.selector || place.values.empty()) continue;
      return LinkValue{next.field, place.values[0]};
    }
  }
  return LinkBetween(program, outer, inner);
}

uint32_t FieldNamed(const Header& header, std::string_view name) {
  auto found = std::find_if(header.fields.begin(), header.fields.end(),
                            [&](const HeaderField& field) { return field.name == name; });
  return static_cast<uint32_t>(found - header.fields.begin());
}

}  // namespace

// What is known of one `encap` while it is checked.
struct BodyChecker::Tunnel {
  const hooks::Encap& kind;
  Span span;
  Effect& effect;
  std::vector<std::string_view> headers{};  // both families, until the addresses are seen
  // By header and field.
  std::map<std::pair<std::string_view, std::string_view>, ExprPtr> given{};
  ExprPtr mac{};
};

std::optional<HeaderRef> BodyChecker::NamedHeader(std::string_view name, Scope scope) const {
  auto found = context_.symbols.protocols.find(std::string(name));
  if (found == context_.symbols.protocols.end() || found->second.kind != SymbolKind::kHeader) {
    return std::nullopt;
  }
  return HeaderRef{HeaderId{found->second.index}, scope};
}

// The header that begins a frame and names what follows by a field.
std::optional<HeaderRef> BodyChecker::FrameHeader() const {
  for (uint32_t i = 0; i < context_.program.headers.size(); ++i) {
    const Header& header = context_.program.headers[i];
    bool begins = std::any_of(header.places.begin(), header.places.end(),
                              [](const HeaderPlace& place) { return place.at_start; });
    if (begins && !header.size && !header.next.empty() && header.next[0].field) {
      return HeaderRef{HeaderId{i}, Scope::kOuter};
    }
  }
  return std::nullopt;
}

// The IP headers that the packet may have in this scope, as far as is known here.
std::vector<Effect::Family> BodyChecker::Families(HeaderRef carrier, Scope scope) const {
  std::vector<Effect::Family> families;
  for (const hooks::EncapFlag& flag : hooks::AllEncapFlags()) {
    auto header = flag.is_family ? NamedHeader(flag.header, scope) : std::nullopt;
    if (!header) continue;
    auto link =
        OuterLink(context_.program, context_.program.headers[static_cast<uint32_t>(carrier.header)],
                  header->header);
    Effect::Family family{*header, link ? link->value : 0};
    if (facts_.Has(context_, *header)) return {family};
    families.push_back(family);
  }
  return families;
}

// The number that stands beside the family that is present; the last one is taken where
// the others are not.
ExprPtr BodyChecker::ByFamily(Span span, const std::vector<Effect::Family>& families, TypeId type) {
  ExprPtr number;
  for (size_t i = families.size(); i-- > 0;) {
    ExprPtr own = MakeNumber(span, type, families[i].value);
    number = number ? MakeExpr(span, type,
                               Select{PresentExpr(span, families[i].header), std::move(own),
                                      std::move(number)})
                    : std::move(own);
  }
  return number;
}

// bool: the frame's link header is followed at once by the IP header that is present.
ExprPtr BodyChecker::SaysFamily(Span span, HeaderRef carrier, uint32_t link,
                                const std::vector<Effect::Family>& families) {
  TypeId type = context_.header(carrier.header).fields[link].type;
  TypeId boolean = types_.Simple(TypeKind::kBool);
  And both;
  both.operands.push_back(PresentExpr(span, carrier));
  both.operands.push_back(
      MakeExpr(span, boolean,
               Compare{CompareOp::kEq, MakeExpr(span, type, FieldRead{carrier, link}),
                       ByFamily(span, families, type)}));
  return MakeExpr(span, boolean, std::move(both));
}

// A call of a function of the standard library's, as a value of the type.
ExprPtr BodyChecker::OfModule(Span span, std::string_view module, const std::string& function,
                              std::vector<ExprPtr> arguments, TypeId type) {
  auto file = context_.symbols.modules.find(std::string(module));
  const Symbol* symbol = nullptr;
  if (file != context_.symbols.modules.end()) {
    const auto& names = context_.symbols.files[file->second].names;
    auto found = names.find(function);
    if (found != names.end() && found->second.kind == SymbolKind::kFunction) {
      symbol = &found->second;
    }
  }
  if (!symbol) {
    context_.diagnostics.Emit(diag::Error(Kind::kUnknownModule, span,
                                          fmt::format("the module `{}` is not known here", module))
                                  .WithHint("here: `import net;` at the begin of the file"));
    return Error(span);
  }
  const Function& called = context_.program.functions[symbol->index];
  TypeId result = called.result;
  ExprPtr call =
      MakeExpr(span, result, FunctionCall{FunctionId{symbol->index}, std::move(arguments)});
  return type == error_type() ? std::move(call) : Coerce(std::move(call), type);
}

// The addresses say which family the outermost header is of.
bool BodyChecker::OuterAddresses(const ast::StructLiteral& written, Tunnel& tunnel) {
  for (std::string_view name : tunnel.kind.headers) {
    if (name.empty()) continue;
    if (name != kEitherFamily) {
      tunnel.headers.push_back(name);
      continue;
    }
    for (const hooks::EncapFlag& flag : hooks::AllEncapFlags()) {
      if (flag.is_family) tunnel.headers.push_back(flag.header);
    }
  }
  bool good = true;
  std::optional<Span> first;
  for (const ast::Initializer& initializer : written.fields) {
    auto rows = RowsNamed(tunnel.headers, initializer.name.text);
    if (rows.empty() || rows[0]->rule != hooks::EncapRule::kGiven) continue;
    const hooks::EncapFlag* family = hooks::FindEncapFlag(rows[0]->header);
    if (!family || !family->is_family) continue;
    ExprPtr value = Value(*initializer.value);
    if (value->type == error_type()) {
      good = false;
      continue;
    }
    TypeKind kind = types_[value->type].kind;
    const hooks::EncapField* fits = nullptr;
    for (const hooks::EncapField* row : rows) {
      const Header& header = context_.header(NamedHeader(row->header, Scope::kOuter)->header);
      TypeKind wanted = types_[header.fields[FieldNamed(header, row->field)].type].kind;
      if (wanted == kind) fits = row;
    }
    if (!fits) {
      bool one_family = kind == TypeKind::kIpv4 || kind == TypeKind::kIpv6;
      std::string message =
          !one_family ? fmt::format("`{}` is an address of one family", initializer.name.text)
          : first     ? "both addresses of a tunnel are of one family"
                  : fmt::format("`encap {}` puts an {} header before the packet", tunnel.kind.kind,
                                rows[0]->header);
      auto error = diag::Error(Kind::kTypeMismatch, value->span, std::move(message),
                               fmt::format("is {}", types_.Name(value->type)));
      if (one_family && first) error.WithLabel(*first, "is of the other");
      if (one_family && !first) {
        error.WithHint(
            fmt::format("here: `encap {} {{ … }}`", kind == TypeKind::kIpv6 ? "ip6tnl" : "ipip"));
      }
      context_.diagnostics.Emit(std::move(error));
      return false;
    }
    if (!first) {
      std::erase_if(tunnel.headers, [&](std::string_view name) {
        const hooks::EncapFlag* flag = hooks::FindEncapFlag(name);
        return flag && flag->is_family && name != fits->header;
      });
      first = value->span;
    }
    auto& place = tunnel.given[{fits->header, fits->field}];
    if (place) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kDuplicateName, initializer.name.span,
                      fmt::format("`{}` is given twice", initializer.name.text)));
      good = false;
    }
    place = std::move(value);
  }
  return good;
}

bool BodyChecker::OuterFields(const ast::StructLiteral& written, Tunnel& tunnel) {
  bool good = true;
  auto twice = [&](const ast::Name& name) {
    context_.diagnostics.Emit(diag::Error(Kind::kDuplicateName, name.span,
                                          fmt::format("`{}` is given twice", name.text)));
    good = false;
  };
  for (const ast::Initializer& initializer : written.fields) {
    const std::string& name = initializer.name.text;
    if (name == "mac") {
      if (tunnel.mac) twice(initializer.name);
      tunnel.mac = Value(*initializer.value, types_.Simple(TypeKind::kMac));
      good = good && tunnel.mac->type != error_type();
      continue;
    }
    auto rows = RowsNamed(tunnel.headers, name);
    if (rows.empty()) {
      std::vector<std::string> names;
      for (const hooks::EncapField& row : hooks::AllEncapFields()) {
        if (row.name.empty() || RowsNamed(tunnel.headers, row.name).empty()) continue;
        if (std::find(names.begin(), names.end(), row.name) == names.end()) {
          names.emplace_back(row.name);
        }
      }
      names.emplace_back("mac");
      context_.diagnostics.Emit(Unknown(Kind::kUnknownField, initializer.name.span,
                                        fmt::format("field of encap {}", tunnel.kind.kind), name,
                                        names));
      good = false;
      continue;
    }
    const hooks::EncapField& row = *rows[0];
    const hooks::EncapFlag* family = hooks::FindEncapFlag(row.header);
    if (row.rule == hooks::EncapRule::kGiven && family && family->is_family) continue;
    const Header& header = context_.header(NamedHeader(row.header, Scope::kOuter)->header);
    const HeaderField& field = header.fields[FieldNamed(header, row.field)];
    ExprPtr value = ValueFor(*initializer.value, field);
    if (!value) {
      good = false;
      continue;
    }
    auto& place = tunnel.given[{row.header, row.field}];
    if (place) twice(initializer.name);
    place = std::move(value);
  }
  return good;
}

bool BodyChecker::AllGiven(Span span, const Tunnel& tunnel) {
  std::vector<std::string> missing, wanted;
  for (const hooks::EncapField& row : hooks::AllEncapFields()) {
    bool ours =
        row.rule == hooks::EncapRule::kGiven &&
        std::find(tunnel.headers.begin(), tunnel.headers.end(), row.header) != tunnel.headers.end();
    std::string name(row.name);
    if (!ours || std::find(wanted.begin(), wanted.end(), name) != wanted.end()) continue;
    wanted.push_back(name);
    bool given = std::any_of(tunnel.given.begin(), tunnel.given.end(), [&](const auto& each) {
      const hooks::EncapField* found = FindRow(each.first.first, each.first.second);
      return found && found->name == row.name;
    });
    if (!given) missing.push_back(name);
  }
  if (missing.empty()) return true;
  for (std::string& name : wanted) name += ": …";
  context_.diagnostics.Emit(diag::Error(Kind::kMissingField, span,
                                        fmt::format("`encap {}` needs `{}`", tunnel.kind.kind,
                                                    fmt::join(missing, "` and `")))
                                .WithHint(fmt::format("here: `encap {} {{ {} }}`", tunnel.kind.kind,
                                                      fmt::join(wanted, ", "))));
  return false;
}

// The value by which a layer names what follows it, and in which field. Null: by none.
ExprPtr BodyChecker::CarriedLink(const Tunnel& tunnel, uint32_t layer, uint32_t& field) {
  const Effect& effect = tunnel.effect;
  const Header& header = context_.header(effect.layers[layer].header);
  std::vector<Effect::Family> behind;
  if (layer + 1 < effect.layers.size()) {
    behind = {{{effect.layers[layer + 1].header, Scope::kOuter}, 0}};
  } else if (effect.of_frame) {
    behind = {{effect.carrier, 0}};
  } else {
    behind = Families(effect.carrier, Scope::kOuter);
  }
  bool named = false;
  for (Effect::Family& each : behind) {
    auto link = OuterLink(context_.program, header, each.header.header);
    if (!link || !link->field) continue;
    each.value = link->value;
    field = *link->field;
    named = true;
  }
  return named ? ByFamily(tunnel.span, behind, header.fields[field].type) : nullptr;
}

namespace {

// Of a header's declaration: `size`, `extent` and its own fields become what is given.
void Settle(ExprPtr& expr, const Header& header, const std::vector<ExprPtr>& arguments,
            const Expr& extent) {
  if (const auto* call = std::get_if<BuiltinCall>(&expr->node)) {
    if (call->builtin == Builtin::kHeaderSize) {
      expr = MakeNumber(expr->span, expr->type, header.fixed_size);
      return;
    }
    if (call->builtin == Builtin::kExtent) {
      expr = Clone(extent);
      return;
    }
  }
  if (const auto* read = std::get_if<FieldRead>(&expr->node)) {
    bool own = read->header.scope == Scope::kSelf && arguments[read->field];
    if (own) expr = Clone(*arguments[read->field]);
    return;
  }
  std::visit(
      [&](auto& node) {
        ForEachChild(node, [&](ExprPtr& child) { Settle(child, header, arguments, extent); });
      },
      expr->node);
}

}  // namespace

void BodyChecker::FillOuter(Tunnel& tunnel, uint32_t layer, LocalId carried) {
  OuterHeader& outer = tunnel.effect.layers[layer];
  const Header& header = context_.header(outer.header);
  TypeId u32 = types_.Unsigned(32);
  uint32_t bytes = 0;  // of this header and those behind it
  for (size_t i = layer; i < tunnel.effect.layers.size(); ++i) {
    bytes += context_.header(tunnel.effect.layers[i].header).fixed_size;
  }
  ExprPtr extent = MakeExpr(tunnel.span, u32,
                            Binary{BinaryOp::kAdd, MakeExpr(tunnel.span, u32, LocalRef{carried}),
                                   MakeNumber(tunnel.span, u32, bytes)});
  uint32_t link = 0;
  ExprPtr next = CarriedLink(tunnel, layer, link);
  outer.arguments.resize(header.fields.size());
  for (uint32_t i = 0; i < header.fields.size(); ++i) {
    const HeaderField& field = header.fields[i];
    ExprPtr& argument = outer.arguments[i];
    auto given = tunnel.given.find({header.name, field.name});
    const hooks::EncapField* row = FindRow(header.name, field.name);
    if (given != tunnel.given.end()) {
      argument = std::move(given->second);
    } else if (next && link == i) {
      argument = std::move(next);
    } else if (row && row->rule == hooks::EncapRule::kFunction) {
      argument = OfModule(tunnel.span, "net.encap", std::string(row->function), {}, field.type);
    } else if (row && row->rule == hooks::EncapRule::kNumber) {
      argument = MakeNumber(tunnel.span, field.type, row->number);
    }
  }
  for (uint32_t i = 0; i < header.fields.size(); ++i) {
    const HeaderField& field = header.fields[i];
    ExprPtr& argument = outer.arguments[i];
    bool sum = header.checksum && header.checksum->field == i;
    if (argument) continue;
    if (field.initial && !sum) {
      argument = Clone(*field.initial);
      Settle(argument, header, outer.arguments, *extent);
    } else {
      argument = MakeConstant(tunnel.span, field.type, Constant{});
    }
  }
}

void BodyChecker::Encapsulate(const ast::Statement& statement, const ast::Action& node,
                              Block& out) {
  const ast::Expr* what = node.arguments.size() == 1 ? node.arguments[0].get() : nullptr;
  const auto* written = what ? std::get_if<ast::StructLiteral>(&what->node) : nullptr;
  const auto* alone = what ? std::get_if<ast::NameRef>(&what->node) : nullptr;
  const ast::Name* name = nullptr;
  ast::Name bare;
  if (written && written->path.parts.size() == 1) name = &written->path.parts[0];
  if (alone) {
    bare = {alone->text, what->span};
    name = &bare;
  }
  if (!name) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kWrongArguments, statement.span, "`encap` takes a kind of tunnel")
            .WithHint("here: `encap ipip { src: 192.0.2.1, dst: 192.0.2.2 };`"));
    return;
  }
  const hooks::Encap* kind = hooks::FindEncap(name->text);
  if (!kind) {
    context_.diagnostics.Emit(
        Unknown(Kind::kUnknownName, name->span, "tunnel", name->text, KindsOfTunnels())
            .WithHint(fmt::format("available: {}", fmt::join(KindsOfTunnels(), ", "))));
    return;
  }
  Effect effect;
  effect.effect = EffectKind::kEncap;
  effect.row = hooks::FindEffect(block_->hook->id, "encap", kind->kind);
  effect.of_frame = kind->frame;
  if (!effect.row) return RefuseEffect(node, "", AnyKind);
  auto carrier = FrameHeader();
  bool known = carrier && std::all_of(kind->headers.begin(), kind->headers.end(), [&](auto each) {
                 bool either = each == kEitherFamily;
                 return each.empty() || either || NamedHeader(each, Scope::kOuter);
               });
  if (!known) {
    OfModule(name->span, "net.encap", "", {}, {});
    return;
  }
  effect.carrier = *carrier;
  Under(statement, node.when, out, [&](Block& inner) {
    static const ast::StructLiteral kNone{};
    const ast::StructLiteral& fields = written ? *written : kNone;
    Tunnel tunnel{*kind, statement.span, effect};
    bool good = OuterAddresses(fields, tunnel);
    good = OuterFields(fields, tunnel) && good;
    good = good && AllGiven(what->span, tunnel);
    if (!kind->frame) {
      auto view = context_.symbols.protocols.find(std::string(kEitherFamily));
      bool packet = Families(*carrier, Scope::kOuter).size() == 1;
      if (!packet && view != context_.symbols.protocols.end()) {
        Require(name->span, ViewRef{view->second.index, Scope::kOuter});
      }
    }
    if (good) good = BuildTunnel(tunnel, inner);
    FailsInto(node, effect);
    if (good) inner.push_back({statement.span, std::move(effect)});
  });
}

// All that is written, and when it can't be.
bool BodyChecker::BuildTunnel(Tunnel& tunnel, Block& out) {
  Effect& effect = tunnel.effect;
  Span span = tunnel.span;
  TypeId u32 = types_.Unsigned(32), boolean = types_.Simple(TypeKind::kBool);
  const Header& carrier = context_.header(effect.carrier.header);
  uint32_t added = 0;
  for (std::string_view name : tunnel.headers) {
    HeaderId header = NamedHeader(name, Scope::kOuter)->header;
    effect.layers.push_back({header, {}});
    added += context_.header(header).fixed_size;
  }
  ExprPtr length = MakeExpr(span, u32, BuiltinCall{Builtin::kPacketLength, {}});
  if (!tunnel.kind.frame) {
    std::vector<ExprPtr> there;
    there.push_back(MakeExpr(
        span, u32,
        Binary{BinaryOp::kSub, std::move(length), MakeNumber(span, u32, carrier.fixed_size)}));
    length = OfModule(span, "net.encap", "carried_length", std::move(there), u32);
    if (length->type == error_type()) return false;
  }
  LocalId carried = AddLocal({"", span}, u32);
  out.push_back({span, Let{carried, std::move(length)}});
  for (uint32_t i = 0; i < effect.layers.size(); ++i) FillOuter(tunnel, i, carried);

  auto link = OuterLink(context_.program, carrier, effect.layers[0].header);
  effect.link = *link->field;
  TypeId type = carrier.fields[effect.link].type;
  effect.front.push_back({effect.link, MakeNumber(span, type, link->value), 0});
  if (tunnel.mac) {
    uint32_t dst = FieldNamed(carrier, "dst"), src = FieldNamed(carrier, "src");
    // In the order of their evaluation: the old destination is read before it is set.
    if (hooks::FramesComeIn(block_->hook->id)) effect.front.push_back({src, nullptr, dst});
    effect.front.push_back({dst, std::move(tunnel.mac), 0});
  }
  And guard;
  ExprPtr whole = MakeExpr(
      span, u32,
      Binary{BinaryOp::kAdd, MakeExpr(span, u32, LocalRef{carried}), MakeNumber(span, u32, added)});
  guard.operands.push_back(
      MakeExpr(span, boolean,
               Compare{CompareOp::kLe, std::move(whole), MakeNumber(span, u32, kLongestPacket)}));
  // With an skb a tag is the kernel's, and stays outside; it is not part of the frame
  // that is carried. Without one, it stands where the outer headers would.
  bool skb = effect.row->helper == kSkbHelper;
  if (skb == tunnel.kind.frame) {
    auto families = Families(effect.carrier, Scope::kOuter);
    guard.operands.push_back(SaysFamily(span, effect.carrier, effect.link, families));
  }
  effect.guard = MakeExpr(span, boolean, std::move(guard));
  return true;
}

}  // namespace netc::sema
