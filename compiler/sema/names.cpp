// Names and members: locals, parameters, constants, headers and their fields.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "compiler/base/nearest.h"
#include "compiler/sema/body.h"
#include "compiler/sema/meaning.h"

namespace netc::sema {

using diag::Kind;

diag::Diagnostic Unknown(Kind kind, Span span, std::string_view noun, std::string_view word,
                         const std::vector<std::string>& known) {
  // "field of ipv4" reads "ipv4 has no field `x`".
  size_t of = noun.find(" of ");
  std::string message =
      of == std::string_view::npos
          ? fmt::format("there is no {} `{}`", noun, word)
          : fmt::format("{} has no {} `{}`", noun.substr(of + 4), noun.substr(0, of), word);
  auto error = diag::Error(kind, span, std::move(message));
  std::vector<std::string> near = NearestNames(word, known);
  if (near.empty() && kind == Kind::kUnknownField) near = SameMeaning(word, known);
  if (!near.empty()) error.WithHint(fmt::format("did you mean {}?", AnyOf(near)));
  if (near.size() == 1) error.WithFix(span, near[0]);
  // Nothing is alike: what a thing has, as far as it can be read at a glance. What
  // a whole file knows is no help.
  bool one_thing = of != std::string_view::npos || kind != Kind::kUnknownName;
  size_t most = kind == Kind::kUnknownField ? 40 : 16;
  if (near.empty() && one_thing && !known.empty() && known.size() <= most) {
    error.WithHint(fmt::format("there is `{}`", fmt::join(known, "`, `")));
  }
  return error;
}

const BodyChecker::LocalInfo* BodyChecker::FindLocal(const std::string& name) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    if (auto found = scope->find(name); found != scope->end()) return &found->second;
  }
  return nullptr;
}

LocalId BodyChecker::AddLocal(const ast::Name& name, TypeId type, bool in_place, bool is_var) {
  // A socket that was found may be called `sk`: in its block the word means it.
  bool found = name.text == "sk" && types_[type].kind == TypeKind::kObject &&
               hooks::AllObjectKinds()[types_[type].decl].is_socket();
  if (!name.text.empty() && !found) RefuseReserved(context_, name);
  if (auto twice = scopes_.back().find(name.text); twice != scopes_.back().end()) {
    const Local& first = (*locals_)[static_cast<uint32_t>(twice->second.id)];
    context_.diagnostics.Emit(
        diag::Error(Kind::kDuplicateName, name.span, fmt::format("`{}` is bound twice", name.text))
            .WithLabel(first.span, "was bound here"));
  }
  LocalId id{static_cast<uint32_t>(locals_->size())};
  locals_->push_back({name.text, name.span, type, in_place});
  if (!name.text.empty()) scopes_.back()[name.text] = {id, is_var, std::nullopt};
  return id;
}

// Whether packets of this hook begin below the header, so that it can be there.
bool BodyChecker::ReachesHere(Span span, HeaderRef ref) {
  if (!block_) return true;
  const Header* header = &context_.header(ref.header);
  if (header->option_of) header = &context_.header(*header->option_of);
  hooks::PacketStart start = block_->hook->packet.start;
  bool no_packet = start == hooks::PacketStart::kNone || start == hooks::PacketStart::kOption ||
                   !block_->hook->FindField("data");
  bool frame_only =
      std::all_of(header->places.begin(), header->places.end(),
                  [](const HeaderPlace& place) { return place.at_start || place.inner; });
  bool missing = no_packet ||
                 (frame_only && ref.scope == Scope::kOuter && start != hooks::PacketStart::kFrame);
  if (!missing) return true;
  std::string available;
  for (const hooks::Hook& hook : hooks::AllHooks()) {
    if (hook.packet.start != hooks::PacketStart::kFrame) continue;
    available += (available.empty() ? "" : ", ") + std::string(hook.name);
  }
  context_.diagnostics.Emit(
      diag::Error(Kind::kNoPacket, span,
                  no_packet ? fmt::format("{} sees no packet", block_->hook->name)
                            : fmt::format("{} sees packets without their {} header",
                                          block_->hook->name, header->name))
          .WithLabel(block_->head, fmt::format("this hook sees {}", block_->hook->summary))
          .WithHint("available in: " + available));
  return false;
}

// In a function: what is known because of what stands on it isn't where packets begin above.
template <typename Ref>
void BodyChecker::NoteGranted(Span span, Ref known) {
  if (!function_ || control_) return;
  for (auto start : {hooks::PacketStart::kNetwork, hooks::PacketStart::kTransport}) {
    auto outer = std::exchange(context_.start, start);
    if (!facts_.Has(context_, known)) OwnNeeds().granted.emplace(start, span);
    context_.start = outer;
  }
}

void BodyChecker::Require(Span span, HeaderRef header) {
  bool own = self_ && self_->header == header.header && self_->scope == header.scope;
  if (own) return;
  if (facts_.Has(context_, header)) return NoteGranted(span, header);
  if (pending_) {
    pending_->headers.push_back(header);
    pending_->spans.push_back(span);
    return;
  }
  const std::string& name = context_.header(header.header).name;
  std::string shown = header.scope == Scope::kInner ? "inner." + name : name;
  context_.diagnostics.Emit(
      diag::Error(Kind::kMaybeAbsent, span,
                  fmt::format("the packet may have no {} header here", shown),
                  fmt::format("`{}` may be absent", shown))
          .WithHint(fmt::format("here: put it under `if {} {{ … }}`, or let a rule end the hook "
                                "when it is absent: `pass when not {};`",
                                shown, shown)));
  facts_.Add(header);  // once is enough
}

void BodyChecker::Require(Span span, ViewRef view) {
  if (facts_.Has(context_, view)) return NoteGranted(span, view);
  if (pending_) {
    pending_->views.push_back(view);
    pending_->spans.push_back(span);
    return;
  }
  const std::string& name = context_.views[view.view].name;
  context_.diagnostics.Emit(diag::Error(Kind::kMaybeAbsent, span,
                                        fmt::format("the packet may have no {} header here", name),
                                        fmt::format("`{}` may be absent", name))
                                .WithHint(fmt::format("here: put it under `if {} {{ … }}`", name)));
  facts_.Add(view);
}

ExprPtr BodyChecker::PresentExpr(Span span, HeaderRef header) {
  return MakeExpr(span, types_.Simple(TypeKind::kBool), Present{header});
}

ExprPtr BodyChecker::PresentExpr(Span span, ViewRef view) {
  Or any;
  for (HeaderId id : context_.views[view.view].alternatives) {
    any.operands.push_back(PresentExpr(span, HeaderRef{id, view.scope}));
  }
  if (any.operands.size() == 1) return std::move(any.operands[0]);
  return MakeExpr(span, types_.Simple(TypeKind::kBool), std::move(any));
}

std::optional<BodyChecker::ProtocolRef> BodyChecker::AsProtocol(const ast::Expr& expr) {
  Scope scope = Scope::kOuter;
  const std::string* name = nullptr;
  if (const auto* ref = std::get_if<ast::NameRef>(&expr.node)) {
    name = &ref->text;
  } else if (const auto* member = std::get_if<ast::Member>(&expr.node)) {
    if (auto option = AsOption(*member)) return option;
    const auto* object = std::get_if<ast::NameRef>(&member->object->node);
    if (!object || object->text != "inner") return std::nullopt;
    scope = Scope::kInner;
    name = &member->name.text;
  }
  if (!name || FindLocal(*name)) return std::nullopt;
  const Symbol* symbol = context_.symbols.Find(file_, *name);
  if (!symbol) return std::nullopt;
  // Inside a header's declaration other headers are those of the same packet.
  if (self_ && scope == Scope::kOuter) scope = self_->scope;
  if (symbol->kind == SymbolKind::kHeader) {
    return ProtocolRef{HeaderRef{HeaderId{symbol->index}, scope}, {}};
  }
  if (symbol->kind == SymbolKind::kView) return ProtocolRef{{}, ViewRef{symbol->index, scope}};
  return std::nullopt;
}

// `tcp.mss`: an option of a header.
std::optional<BodyChecker::ProtocolRef> BodyChecker::AsOption(const ast::Member& member) {
  auto parent = AsProtocol(*member.object);
  if (!parent || !parent->header) return std::nullopt;
  const auto& options = context_.info(parent->header->header).options;
  auto found = options.find(member.name.text);
  if (found == options.end()) return std::nullopt;
  return ProtocolRef{HeaderRef{found->second, parent->header->scope}, {}};
}

ExprPtr BodyChecker::Property(Span span, HeaderRef header, const ast::HeaderProperty& property) {
  HeaderInfo& info = context_.info(header.header);
  if (info.expanding) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kRecursive, property.name.span,
                    fmt::format("`{}` is defined by itself", property.name.text)));
    return Error(span);
  }
  info.expanding = true;
  auto outer_self = std::exchange(self_, header);
  auto outer_file = std::exchange(file_, info.file);
  auto outer_scopes = std::exchange(scopes_, {{}});
  ExprPtr value = Check(*property.value, {});
  scopes_ = std::move(outer_scopes);
  file_ = outer_file;
  self_ = outer_self;
  info.expanding = false;
  value->span = span;
  return value;
}

ExprPtr BodyChecker::HeaderMemberValue(Span span, HeaderRef ref, const ast::Name& name) {
  Header& header = context_.header(ref.header);
  if (!ReachesHere(span, ref)) return Error(span);
  for (uint32_t i = 0; i < header.fields.size(); ++i) {
    if (header.fields[i].name != name.text) continue;
    Require(span, ref);
    TypeId declared = header.fields[i].type;
    bool plain = types_[declared].kind == TypeKind::kInteger;
    bool is_signed = types_[declared].is_signed;
    TypeId type = plain ? types_.Integer(types_.StorageBits(declared), is_signed) : declared;
    return MakeExpr(span, type, FieldRead{ref, i});
  }
  HeaderInfo& info = context_.info(ref.header);
  if (auto found = info.properties.find(name.text); found != info.properties.end()) {
    Require(span, ref);
    return Property(span, ref, *found->second);
  }
  std::vector<std::string> known;
  for (const HeaderField& field : header.fields) known.push_back(field.name);
  for (const auto& [property, ast] : info.properties) known.push_back(property);
  for (const auto& [option, id] : info.options) known.push_back(option);
  auto error = Unknown(Kind::kUnknownField, name.span, fmt::format("field of {}", header.name),
                       name.text, known);
  context_.diagnostics.Emit(std::move(error.WithLabel(header.span, "is declared here")));
  return Error(span);
}

ExprPtr BodyChecker::ViewMemberValue(Span span, ViewRef ref, const ast::Name& name) {
  const View& view = context_.views[ref.view];
  auto member = std::find_if(view.members.begin(), view.members.end(),
                             [&](const ViewMember& m) { return m.name == name.text; });
  if (member == view.members.end()) {
    std::vector<std::string> known, owned;
    for (const ViewMember& m : view.members) known.push_back(m.name);
    auto error = Unknown(Kind::kUnknownField, name.span, fmt::format("field of {}", view.name),
                         name.text, known);
    // What only one of its headers has is read from that header.
    for (HeaderId id : view.alternatives) {
      const Header& header = context_.header(id);
      std::vector<std::string> fields;
      for (const HeaderField& field : header.fields) fields.push_back(field.name);
      for (const auto& [property, ast] : context_.info(id).properties) fields.push_back(property);
      bool same = std::find(fields.begin(), fields.end(), name.text) != fields.end();
      std::vector<std::string> near = SameMeaning(name.text, fields);
      if (near.empty()) near = NearestNames(name.text, fields);
      if (same) near = {name.text};
      if (!near.empty()) owned.push_back(header.name + "." + near[0]);
    }
    if (!owned.empty()) error.WithHint(fmt::format("here: {}, of that header alone", AnyOf(owned)));
    context_.diagnostics.Emit(std::move(error));
    return Error(span);
  }
  // Only one of the headers may be left: then it is simply that header's field.
  for (size_t i = 0; i < view.alternatives.size(); ++i) {
    HeaderRef header{view.alternatives[i], ref.scope};
    if (!facts_.Has(context_, header) || facts_.unreachable()) continue;
    ExprPtr value = HeaderMemberValue(span, header, {member->sources[i], name.span});
    return Coerce(std::move(value), member->type);
  }
  Require(span, ref);
  ExprPtr chosen;
  for (size_t i = view.alternatives.size(); i-- > 0;) {
    HeaderRef header{view.alternatives[i], ref.scope};
    Facts before = facts_;
    facts_.Add(header);
    ExprPtr value = HeaderMemberValue(span, header, {member->sources[i], name.span});
    value = Coerce(std::move(value), member->type);
    facts_ = before;
    if (value->type == error_type()) return value;
    if (!chosen) {
      chosen = std::move(value);
      continue;
    }
    chosen = MakeExpr(span, member->type,
                      Select{PresentExpr(span, header), std::move(value), std::move(chosen)});
  }
  return chosen;
}

ExprPtr BodyChecker::EnumMemberValue(Span span, const std::string& name, TypeId type) {
  TypeKind kind = types_[type].kind;
  if (kind != TypeKind::kEnum && kind != TypeKind::kFlags) return nullptr;
  for (const EnumMember& member : types_.enum_of(type).members) {
    if (member.name == name) return MakeNumber(span, type, member.value);
  }
  return nullptr;
}

ExprPtr BodyChecker::NameInHeader(Span span, const std::string& name) {
  TypeId u32 = types_.Unsigned(32);
  if (name == "size") return MakeExpr(span, u32, BuiltinCall{Builtin::kHeaderSize, {}});
  if (name == "extent") return MakeExpr(span, u32, BuiltinCall{Builtin::kExtent, {}});
  const Header& header = context_.header(self_->header);
  bool field = std::any_of(header.fields.begin(), header.fields.end(),
                           [&](const HeaderField& f) { return f.name == name; });
  if (field || context_.info(self_->header).properties.contains(name)) {
    return HeaderMemberValue(span, *self_, {name, span});
  }
  return nullptr;
}

ExprPtr BodyChecker::SymbolValue(Span span, const std::string& name, const Symbol& symbol) {
  switch (symbol.kind) {
    case SymbolKind::kParam: {
      const Param& param = context_.program.params[symbol.index];
      if (types_[param.type].kind == TypeKind::kString) {
        context_.diagnostics.Emit(
            diag::Error(Kind::kNotAValue, span,
                        fmt::format("`{}` is text, which only attributes take", name))
                .WithLabel(param.span, "is declared here"));
        return Error(span);
      }
      if (param.is_const && param.value) {
        ExprPtr value = Clone(*param.value);
        value->span = span;
        return value;
      }
      return MakeExpr(span, param.type, ParamRef{ParamId{symbol.index}});
    }
    case SymbolKind::kConst: {
      const Expr* constant = ConstantValue(context_, symbol.index);
      if (!constant) return Error(span);
      ExprPtr value = Clone(*constant);
      value->span = span;
      return value;
    }
    case SymbolKind::kAlias:
      return AliasValue(span, name, symbol.index);
    case SymbolKind::kState: {
      StateId state{symbol.index};
      const State& declared = context_.program.states[symbol.index];
      bool plain = declared.kind == StateKind::kCounter || declared.kind == StateKind::kValue;
      if (!declared.key && declared.value && plain && !IsStorage(declared.scope)) {
        context_.state_read[symbol.index] = true;
        return MakeExpr(span, *declared.value, StateRead{state, nullptr});
      }
      break;
    }
    default:
      break;
  }
  context_.diagnostics.Emit(
      diag::Error(Kind::kNotAValue, span,
                  fmt::format("`{}` is a {}, not a value", name, Describe(symbol.kind)))
          .WithLabel(symbol.span, "is declared here"));
  return Error(span);
}

ExprPtr BodyChecker::CheckName(const ast::Expr& expr, const ast::NameRef& node, TypeId expected) {
  if (const LocalInfo* local = FindLocal(node.text)) {
    TypeId type = (*locals_)[static_cast<uint32_t>(local->id)].type;
    if (types_[type].kind == TypeKind::kObject) {
      RefuseObject(expr.span, node.text);
      return Error(expr.span);
    }
    return MakeExpr(expr.span, type, LocalRef{local->id});
  }
  if (self_) {
    if (ExprPtr value = NameInHeader(expr.span, node.text)) return value;
  }
  if (ExprPtr member = EnumMemberValue(expr.span, node.text, expected)) return member;
  if (AsProtocol(expr)) {
    return std::move(CheckPresence(expr, *AsProtocol(expr)).expr);
  }
  if (const Symbol* symbol = context_.symbols.Find(file_, node.text)) {
    // A selector is no value: it hides no word.
    if (symbol->kind == SymbolKind::kSelector && block_) {
      if (ExprPtr word = HookWord(expr.span, node.text)) return word;
    }
    return SymbolValue(expr.span, node.text, *symbol);
  }
  if (ExprPtr word = SocketOptionWord(expr)) return word;
  if (ExprPtr word = HookWord(expr.span, node.text)) return word;
  if (auto number = hooks::FindConstant(node.text)) {
    return MakeNumber(expr.span, types_.Simple(TypeKind::kLiteral), *number);
  }
  std::vector<std::string> known = context_.symbols.Names(file_);
  for (const auto& scope : scopes_) {
    for (const auto& [name, local] : scope) known.push_back(name);
  }
  if (types_[expected].kind == TypeKind::kEnum || types_[expected].kind == TypeKind::kFlags) {
    known.clear();
    for (const EnumMember& member : types_.enum_of(expected).members) known.push_back(member.name);
    context_.diagnostics.Emit(Unknown(Kind::kUnknownName, expr.span,
                                      "member of " + types_.Name(expected), node.text, known));
    return Error(expr.span);
  }
  context_.diagnostics.Emit(Unknown(Kind::kUnknownName, expr.span, "name", node.text, known));
  return Error(expr.span);
}

std::optional<uint32_t> BodyChecker::AsModule(const ast::Expr& expr) const {
  const auto* name = std::get_if<ast::NameRef>(&expr.node);
  if (!name || FindLocal(name->text)) return std::nullopt;
  const auto& own = context_.symbols.files[file_].names;
  auto found = own.find(name->text);
  if (found == own.end() || found->second.kind != SymbolKind::kModule) return std::nullopt;
  return found->second.index;
}

// `Reason`, `module.Reason`.
std::optional<TypeId> BodyChecker::AsType(const ast::Expr& expr) const {
  const Symbol* symbol = nullptr;
  if (const auto* name = std::get_if<ast::NameRef>(&expr.node); name && !FindLocal(name->text)) {
    symbol = context_.symbols.Find(file_, name->text);
  } else if (const auto* member = std::get_if<ast::Member>(&expr.node)) {
    auto module = AsModule(*member->object);
    if (module) symbol = context_.symbols.Find(*module, member->name.text);
  }
  if (!symbol || symbol->kind != SymbolKind::kType) return std::nullopt;
  return context_.types[symbol->index];
}

// The dotted name that an expression is, or nothing.
static std::optional<std::string> DottedName(const ast::Expr& expr) {
  if (const auto* name = std::get_if<ast::NameRef>(&expr.node)) return name->text;
  const auto* member = std::get_if<ast::Member>(&expr.node);
  if (!member) return std::nullopt;
  auto object = DottedName(*member->object);
  if (!object) return std::nullopt;
  return *object + "." + member->name.text;
}

ExprPtr BodyChecker::CheckMember(const ast::Expr& expr, const ast::Member& node, TypeId expected) {
  if (auto whole = AsProtocol(expr)) return std::move(CheckPresence(expr, *whole).expr);
  if (auto type = AsType(*node.object)) {
    if (ExprPtr member = EnumMemberValue(expr.span, node.name.text, *type)) return member;
    std::vector<std::string> known;
    if (HasMembers(*type)) {
      for (const EnumMember& member : types_.enum_of(*type).members) known.push_back(member.name);
    }
    context_.diagnostics.Emit(Unknown(Kind::kUnknownName, node.name.span,
                                      "member of " + types_.Name(*type), node.name.text, known));
    return Error(expr.span);
  }
  if (auto protocol = AsProtocol(*node.object)) {
    if (protocol->header) return HeaderMemberValue(expr.span, *protocol->header, node.name);
    return ViewMemberValue(expr.span, *protocol->view, node.name);
  }
  if (const auto* object = std::get_if<ast::NameRef>(&node.object->node);
      object && !FindLocal(object->text)) {
    const Symbol* symbol = context_.symbols.Find(file_, object->text);
    if (symbol && symbol->kind == SymbolKind::kModule) {
      const Symbol* found = context_.symbols.Find(symbol->index, node.name.text);
      if (found) return SymbolValue(expr.span, node.name.text, *found);
      context_.diagnostics.Emit(Unknown(Kind::kUnknownName, node.name.span,
                                        fmt::format("name in module {}", object->text),
                                        node.name.text, context_.symbols.Names(symbol->index)));
      return Error(expr.span);
    }
    if (!symbol) {
      if (ExprPtr word = SocketOptionWord(expr)) return word;
      if (auto dotted = DottedName(expr)) {
        if (ExprPtr word = HookWord(expr.span, *dotted)) return word;
      }
    }
  }
  (void)expected;
  if (const LocalInfo* kernel = AsObject(*node.object))
    return ObjectMember(expr, *kernel, node.name);
  ExprPtr object = Check(*node.object, {});
  if (object->type == error_type()) return Error(expr.span);
  if (types_[object->type].kind == TypeKind::kStruct) {
    StructDecl decl = types_.struct_of(object->type);
    std::vector<std::string> known;
    for (uint32_t i = 0; i < decl.fields.size(); ++i) {
      known.push_back(decl.fields[i].name);
      if (decl.fields[i].name != node.name.text) continue;
      return MakeExpr(expr.span, decl.fields[i].type, FieldOf{std::move(object), i});
    }
    context_.diagnostics.Emit(Unknown(Kind::kUnknownField, node.name.span,
                                      fmt::format("field of {}", types_.Name(object->type)),
                                      node.name.text, known));
    return Error(expr.span);
  }
  context_.diagnostics.Emit(
      diag::Error(Kind::kUnknownField, node.name.span,
                  fmt::format("{} has no field `{}`", types_.Name(object->type), node.name.text))
          .WithLabel(node.object->span, fmt::format("is {}", types_.Name(object->type))));
  return Error(expr.span);
}

}  // namespace netc::sema
