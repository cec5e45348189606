// Protocol declarations: selectors, headers, views.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;

namespace {

const Symbol* Protocol(Context& context, const ast::Name& name, SymbolKind kind) {
  auto found = context.symbols.protocols.find(name.text);
  if (found != context.symbols.protocols.end() && found->second.kind == kind) return &found->second;
  std::vector<std::string> known;
  for (const auto& [other, symbol] : context.symbols.protocols) {
    if (symbol.kind == kind) known.push_back(other);
  }
  context.diagnostics.Emit(
      Unknown(Kind::kUnknownName, name.span, Describe(kind), name.text, known));
  return nullptr;
}

// Of the conditions that stand in a header's declaration.
bool ReadsBeyondFirstByte(const Expr& expr, const Header& option) {
  auto in = [&](const ExprPtr& e) { return e && ReadsBeyondFirstByte(*e, option); };
  auto any = [&](const std::vector<ExprPtr>& es) { return std::any_of(es.begin(), es.end(), in); };
  if (const auto* n = std::get_if<FieldRead>(&expr.node)) {
    const HeaderField& field = option.fields[n->field];
    return field.bit_offset + field.bits > 8;
  }
  if (const auto* n = std::get_if<Binary>(&expr.node)) return in(n->left) || in(n->right);
  if (const auto* n = std::get_if<Compare>(&expr.node)) return in(n->left) || in(n->right);
  if (const auto* n = std::get_if<Unary>(&expr.node)) return in(n->operand);
  if (const auto* n = std::get_if<Not>(&expr.node)) return in(n->operand);
  if (const auto* n = std::get_if<Convert>(&expr.node)) return in(n->operand);
  if (const auto* n = std::get_if<And>(&expr.node)) return any(n->operands);
  if (const auto* n = std::get_if<Or>(&expr.node)) return any(n->operands);
  if (const auto* n = std::get_if<Contains>(&expr.node)) return in(n->subject);
  if (const auto* n = std::get_if<Select>(&expr.node))
    return in(n->condition) || in(n->yes) || in(n->no);
  return false;
}

class HeaderDefiner {
 public:
  HeaderDefiner(Context& context, HeaderId id)
      : context_(context),
        types_(context.program.types),
        id_(id),
        ast_(*context.info(id).ast),
        file_(context.info(id).file),
        checker_(context, file_, nullptr) {
    checker_.EnterHeader({id, Scope::kSelf});
  }

  // Fields first: other members name them, also those of other headers.
  void Layout() {
    uint32_t bit = 0;
    for (const ast::HeaderMember& member : ast_.members) {
      if (const auto* field = std::get_if<ast::HeaderField>(&member.node)) {
        AddField(member.documentation, field->name, field->type, field->is_layout, bit);
      } else if (const auto* property = std::get_if<ast::HeaderProperty>(&member.node)) {
        context_.info(id_).properties[property->name.text] = property;
      }
    }
    if (bit % 8 != 0) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kBadHeader, ast_.name.span,
                      fmt::format("the fields of `{}` add up to {} bits, which are no whole bytes",
                                  ast_.name.text, bit)));
    }
    header().fixed_size = bit / 8;
    header().max_size = bit / 8;
  }

  // Options become headers of their own, behind all declared ones.
  void Options() {
    const ast::HeaderOptions* walk = nullptr;
    for (const ast::HeaderMember& member : ast_.members) {
      if (const auto* node = std::get_if<ast::HeaderOptions>(&member.node)) {
        if (walk) {
          context_.diagnostics.Emit(diag::Error(Kind::kDuplicateName, member.span,
                                                "a header's options are walked in one way"));
          continue;
        }
        walk = node;
        AddWalk(member, *node);
      } else if (const auto* option = std::get_if<ast::HeaderOption>(&member.node)) {
        if (walk) {
          AddOption(member, *walk, *option);
          continue;
        }
        context_.diagnostics.Emit(
            diag::Error(Kind::kBadHeader, option->name.span, "how is this option found?")
                .WithHint(
                    "here: say before how options are walked: `options { kind: u8; length: u8; "
                    "size length; }`"));
      }
    }
  }

  void Places() {
    for (const ast::Place& place : ast_.places) AddPlace(place);
    if (ast_.within) {
      if (const Symbol* other = Protocol(context_, *ast_.within, SymbolKind::kHeader)) {
        header().within = HeaderId{other->index};
      }
    }
  }

  void Members() {
    size_t field = 0;
    for (const ast::HeaderMember& member : ast_.members) {
      if (const auto* n = std::get_if<ast::HeaderField>(&member.node)) {
        if (n->initial) header().fields[field].initial = FieldValue(field, *n->initial);
        ++field;
      } else if (const auto* require = std::get_if<ast::HeaderRequire>(&member.node)) {
        ExprPtr condition = checker_.Value(*require->condition, types_.Simple(TypeKind::kBool));
        header().requires_.push_back(std::move(condition));
      } else if (const auto* size = std::get_if<ast::HeaderSize>(&member.node)) {
        header().size = Bytes(*size->bytes);
        header().max_size = static_cast<uint32_t>(
            std::min<uint64_t>(MaxValue(context_.program, *header().size), 1 << 16));
      } else if (const auto* extent = std::get_if<ast::HeaderExtent>(&member.node)) {
        AddExtent(*extent);
      } else if (const auto* checksum = std::get_if<ast::HeaderChecksum>(&member.node)) {
        AddChecksum(member, *checksum);
      }
    }
  }

  // Before the other members: what a header implies follows from what leads to it.
  void Links() {
    for (const ast::HeaderMember& member : ast_.members) {
      if (const auto* next = std::get_if<ast::HeaderNext>(&member.node)) AddNext(*next);
    }
  }

 private:
  Header& header() { return context_.header(id_); }

  HeaderId NewHeader(const std::string& name, Span span, const std::string& documentation) {
    HeaderId id{static_cast<uint32_t>(context_.program.headers.size())};
    Header made;
    made.name = name;
    made.span = span;
    made.documentation = documentation;
    context_.program.headers.push_back(std::move(made));
    context_.header_info.push_back({&ast_, file_, {}, {}, false});
    return id;
  }

  uint32_t AddOptionFields(HeaderId id, const ast::HeaderOptions& walk) {
    uint32_t bit = 0;
    HeaderId self = std::exchange(id_, id);
    for (const ast::Field& field : walk.fields) AddField("", field.name, field.type, true, bit);
    id_ = self;
    return bit;
  }

  void FinishOption(HeaderId id, uint32_t bit, const ast::Name& name) {
    if (bit % 8 != 0 || bit == 0) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kBadHeader, name.span, "an option's fields are whole bytes"));
    }
    context_.header(id).fixed_size = bit / 8;
    context_.header(id).max_size = bit / 8;
  }

  void AddWalk(const ast::HeaderMember& member, const ast::HeaderOptions& node) {
    HeaderId base = NewHeader(header().name + " option", member.span, "");
    uint32_t bit = AddOptionFields(base, node);
    ast::Name place{"options", member.span};
    FinishOption(base, bit, place);
    BodyChecker checker(context_, file_, nullptr);
    checker.EnterHeader({base, Scope::kSelf});
    OptionWalk walk;
    walk.base = base;
    TypeId boolean = types_.Simple(TypeKind::kBool);
    if (node.size) {
      ExprPtr size = checker.Value(*node.size);
      walk.size = Widen(std::move(size), types_.Unsigned(32));
    } else {
      walk.size = MakeNumber(member.span, types_.Unsigned(32), bit / 8);
    }
    for (const ast::HeaderOptions::Mark& mark : node.marks) {
      bool end = mark.name.text == "end", single = mark.name.text == "single";
      if (!end && !single) {
        context_.diagnostics.Emit(Unknown(Kind::kUnknownName, mark.name.span, "option mark",
                                          mark.name.text, {"end", "single"}));
        continue;
      }
      ExprPtr when = checker.Value(*mark.when, boolean);
      if (ReadsBeyondFirstByte(*when, context_.header(base))) {
        context_.diagnostics.Emit(diag::Error(
            Kind::kBadHeader, mark.when->span,
            fmt::format("`{}` may ask for fields in an option's first byte only", mark.name.text),
            "the option may have no other byte"));
        continue;
      }
      (end ? walk.end : walk.single) = std::move(when);
    }
    header().options = std::move(walk);
  }

  void AddOption(const ast::HeaderMember& member, const ast::HeaderOptions& walk,
                 const ast::HeaderOption& node) {
    HeaderId id =
        NewHeader(header().name + "." + node.name.text, node.name.span, member.documentation);
    uint32_t bit = AddOptionFields(id, walk);
    HeaderId self = std::exchange(id_, id);
    for (const ast::HeaderMember& inner : node.members) {
      if (const auto* field = std::get_if<ast::HeaderField>(&inner.node)) {
        AddField(inner.documentation, field->name, field->type, field->is_layout, bit);
      } else if (const auto* property = std::get_if<ast::HeaderProperty>(&inner.node)) {
        context_.info(id).properties[property->name.text] = property;
      } else {
        context_.diagnostics.Emit(
            diag::Error(Kind::kBadHeader, inner.span, "an option has fields and `let`s only"));
      }
    }
    id_ = self;
    FinishOption(id, bit, node.name);
    Header& option = context_.header(id);
    option.option_of = id_;
    TypeId kind = option.fields.empty() ? types_.Unsigned(8) : option.fields[0].type;
    for (const ast::ExprPtr& value : node.kinds) {
      ExprPtr constant = checker_.ConstantOf(*value, kind);
      if (constant) context_.header(id).option_kinds.push_back(AsConstant(*constant)->number);
    }
    bool fresh = context_.info(id_).options.try_emplace(node.name.text, id).second;
    bool field = std::any_of(header().fields.begin(), header().fields.end(),
                             [&](const HeaderField& f) { return f.name == node.name.text; });
    if (!fresh || field || context_.info(id_).properties.contains(node.name.text)) {
      context_.diagnostics.Emit(diag::Error(Kind::kDuplicateName, node.name.span,
                                            fmt::format("`{}` is declared twice", node.name.text)));
    }
  }

  void AddField(const std::string& documentation, const ast::Name& name, const ast::Type& written,
                bool is_layout, uint32_t& bit) {
    TypeId type = ResolveType(context_, file_, written);
    HeaderField field;
    field.name = name.text;
    field.documentation = documentation;
    field.span = name.span;
    field.type = type;
    field.bit_offset = bit;
    TypeKind kind = types_[type].kind;
    bool integer =
        kind == TypeKind::kInteger || kind == TypeKind::kEnum || kind == TypeKind::kFlags;
    field.bits = kind == TypeKind::kBool ? 1
                 : integer               ? types_[type].bits
                                         : types_.SizeOf(type) * 8;
    field.is_layout = is_layout;
    bool address = kind == TypeKind::kIpv4 || kind == TypeKind::kIpv6 || kind == TypeKind::kMac;
    bool fits = integer || address || kind == TypeKind::kBool || kind == TypeKind::kPort ||
                kind == TypeKind::kError;
    if (!fits) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kBadHeader, written.span,
                      fmt::format("{} can't be a header's field", types_.Name(type))));
    }
    if (address && bit % 8 != 0) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kBadHeader, name.span, "an address begins at a whole byte"));
    }
    for (const HeaderField& other : header().fields) {
      if (other.name != field.name) continue;
      context_.diagnostics.Emit(diag::Error(Kind::kDuplicateName, name.span,
                                            fmt::format("`{}` is declared twice", field.name))
                                    .WithLabel(other.span, "was declared here"));
    }
    bit += field.bits;
    header().fields.push_back(std::move(field));
  }

  // Sizes are computed in 32 bits, so that `(length + 1) * 8` can't wrap.
  ExprPtr Bytes(const ast::Expr& expr) {
    TypeId u32 = types_.Unsigned(32);
    ExprPtr value = checker_.Value(expr);
    return Widen(std::move(value), u32);
  }

  ExprPtr Widen(ExprPtr expr, TypeId u32) {
    if (auto* binary = std::get_if<Binary>(&expr->node)) {
      ExprPtr left = Widen(std::move(binary->left), u32);
      ExprPtr right = Widen(std::move(binary->right), u32);
      return MakeExpr(expr->span, u32, Binary{binary->op, std::move(left), std::move(right)});
    }
    // What a cast is made of is computed in 32 bits as well: `(length + 1) as u32 * 4`.
    auto* cast = std::get_if<Convert>(&expr->node);
    if (cast && std::holds_alternative<Binary>(cast->operand->node) &&
        types_.IsInteger(cast->operand->type) && types_.StorageBits(cast->operand->type) <= 32) {
      TypeId type = expr->type;
      ExprPtr operand = Widen(std::move(cast->operand), u32);
      if (operand->type == type || operand->type == TypeId{}) return operand;
      expr = MakeExpr(expr->span, type, Convert{std::move(operand)});
    }
    return checker_.Coerce(std::move(expr), u32);
  }

  ExprPtr FieldValue(size_t index, const ast::Expr& expr) {
    TypeId type = header().fields[index].type;
    TypeKind kind = types_[type].kind;
    if (kind != TypeKind::kInteger || types_[type].is_signed) return checker_.Value(expr, type);
    // What a layout field is filled with fits by construction of the packet.
    ExprPtr value = checker_.Value(expr);
    return Widen(std::move(value), types_.Unsigned(types_[type].bits > 32 ? 64 : 32));
  }

  void AddPlace(const ast::Place& node) {
    HeaderPlace place;
    place.inner = node.inner;
    if (node.selector.text == "frame") {
      place.at_start = true;
      header().places.push_back(std::move(place));
      return;
    }
    const Symbol* selector = Protocol(context_, node.selector, SymbolKind::kSelector);
    if (!selector) return;
    place.selector = SelectorId{selector->index};
    TypeId type = context_.program.selectors[selector->index].type;
    if (node.values.empty()) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kBadHeader, node.span, fmt::format("which {}?", node.selector.text)));
    }
    for (const ast::ExprPtr& value : node.values) {
      ExprPtr constant = checker_.ConstantOf(*value, type);
      if (constant) place.values.push_back(AsConstant(*constant)->number);
    }
    header().places.push_back(std::move(place));
  }

  void AddExtent(const ast::HeaderExtent& node) {
    if (node.word.text != "extent") {
      context_.diagnostics.Emit(
          Unknown(Kind::kSyntax, node.word.span, "header member", node.word.text,
                  {"extent", "size", "require", "checksum", "next", "layout"}));
      return;
    }
    header().extent = Bytes(*node.bytes);
  }

  void AddNext(const ast::HeaderNext& node) {
    const Symbol* selector = Protocol(context_, node.selector, SymbolKind::kSelector);
    if (!selector) return;
    NextHeader next;
    next.selector = SelectorId{selector->index};
    next.inner = node.inner;
    TypeId type = context_.program.selectors[selector->index].type;
    next.value = checker_.Value(*node.value, type);
    if (node.when) next.when = checker_.Value(*node.when, types_.Simple(TypeKind::kBool));
    const Expr* value = next.value.get();
    if (const auto* convert = std::get_if<Convert>(&value->node)) value = convert->operand.get();
    if (const auto* read = std::get_if<FieldRead>(&value->node)) next.field = read->field;
    header().next.push_back(std::move(next));
  }

  void AddChecksum(const ast::HeaderMember& member, const ast::HeaderChecksum& node) {
    struct Row {
      std::string_view name;
      Checksum::Algorithm algorithm;
    };
    constexpr Row kRows[] = {
        {"ones_complement", Checksum::Algorithm::kOnesComplement},
        {"ones_complement_or_none", Checksum::Algorithm::kOnesComplementOrNone},
        {"crc32c", Checksum::Algorithm::kCrc32c},
    };
    Checksum checksum;
    std::vector<std::string> names;
    size_t field = 0;
    while (field < header().fields.size() && header().fields[field].name != node.field.text)
      ++field;
    if (field == header().fields.size()) {
      for (const HeaderField& f : header().fields) names.push_back(f.name);
      context_.diagnostics.Emit(
          Unknown(Kind::kUnknownField, node.field.span, "field", node.field.text, names));
      return;
    }
    checksum.field = static_cast<uint32_t>(field);
    const auto* call = std::get_if<ast::Call>(&node.algorithm->node);
    const auto* name = call ? std::get_if<ast::NameRef>(&call->callee->node) : nullptr;
    const Row* row = nullptr;
    for (const Row& candidate : kRows) {
      if (name && candidate.name == name->text) row = &candidate;
    }
    const ast::NameRef* covers = nullptr;
    if (row && !call->arguments.empty()) {
      covers = std::get_if<ast::NameRef>(&call->arguments[0].value->node);
    }
    if (!covers || (covers->text != "header" && covers->text != "extent")) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kBadHeader, member.span, "this is no checksum that netc knows")
              .WithHint("here: ones_complement, ones_complement_or_none or crc32c, of `header` or "
                        "`extent`, and what the pseudo header adds"));
      return;
    }
    checksum.algorithm = row->algorithm;
    // Sums are made of whole words, counted from the header's begin.
    const HeaderField& sum = header().fields[field];
    if (sum.bit_offset % std::max(sum.bits, 16u) != 0) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kBadHeader, node.field.span,
                      fmt::format("`{}` doesn't stand at a multiple of its own length", sum.name))
              .WithHint("here: put it where a whole number of such fields is before it"));
      return;
    }
    bool whole_header = covers->text == "header";
    checksum.covers = whole_header ? Checksum::Covers::kHeader : Checksum::Covers::kExtent;
    for (size_t i = 1; i < call->arguments.size(); ++i) {
      const auto* word = std::get_if<ast::NameRef>(&call->arguments[i].value->node);
      if (word && word->text == "extent") {
        checksum.adds_extent = true;
        continue;
      }
      ExprPtr summand = checker_.Value(*call->arguments[i].value);
      summand = types_[summand->type].kind == TypeKind::kLiteral
                    ? checker_.Coerce(std::move(summand), types_.Unsigned(32))
                    : std::move(summand);
      checksum.summands.push_back(std::move(summand));
    }
    header().checksum = std::move(checksum);
  }

  Context& context_;
  TypeTable& types_;
  HeaderId id_;
  const ast::Header& ast_;
  uint32_t file_;
  BodyChecker checker_;
};

void DefineView(Context& context, const ast::View& node) {
  const Symbol& symbol = context.symbols.protocols.at(node.name.text);
  if (symbol.kind != SymbolKind::kView) return;
  View& view = context.views[symbol.index];
  for (const ast::Name& name : node.alternatives) {
    const Symbol* header = Protocol(context, name, SymbolKind::kHeader);
    if (header) view.alternatives.push_back(HeaderId{header->index});
  }
  uint32_t file = static_cast<uint32_t>(node.name.span.file);
  for (uint32_t i = 0; i < context.unit.files.size(); ++i) {
    if (context.unit.files[i].id == node.name.span.file) file = i;
  }
  for (const ast::View::Member& member : node.members) {
    ViewMember made{member.name.text, ResolveType(context, file, member.type), {}};
    if (!member.sources.empty() && member.sources.size() != node.alternatives.size()) {
      context.diagnostics.Emit(
          diag::Error(Kind::kBadHeader, member.name.span,
                      fmt::format("`{}` needs a source for each of the {} headers", made.name,
                                  node.alternatives.size())));
      continue;
    }
    for (size_t i = 0; i < node.alternatives.size(); ++i) {
      made.sources.push_back(member.sources.empty() ? member.name.text
                                                    : member.sources[i].parts.back().text);
    }
    view.members.push_back(std::move(made));
  }
}

}  // namespace

void DefineHeaders(Context& context) {
  for (uint32_t file = 0; file < context.unit.files.size(); ++file) {
    for (const ast::Item& item : context.unit.files[file].items) {
      const auto* node = std::get_if<ast::Selector>(&item.node);
      if (!node) continue;
      const Symbol& symbol = context.symbols.protocols.at(node->name.text);
      if (symbol.kind != SymbolKind::kSelector) continue;
      context.program.selectors[symbol.index].type = ResolveType(context, file, node->type);
    }
  }
  std::vector<HeaderDefiner> definers;
  uint32_t declared = static_cast<uint32_t>(context.header_info.size());
  for (uint32_t i = 0; i < declared; ++i) definers.emplace_back(context, HeaderId{i});
  for (HeaderDefiner& definer : definers) definer.Layout();
  for (HeaderDefiner& definer : definers) definer.Options();
  for (HeaderDefiner& definer : definers) definer.Places();
  for (const ast::File& file : context.unit.files) {
    for (const ast::Item& item : file.items) {
      if (const auto* view = std::get_if<ast::View>(&item.node)) DefineView(context, *view);
    }
  }
  for (HeaderDefiner& definer : definers) definer.Links();
  for (HeaderDefiner& definer : definers) definer.Members();
}

}  // namespace netc::sema
