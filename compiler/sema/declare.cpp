// Names of a unit, then types, events, constants and parameters.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/hooks/names.h"
#include "compiler/sema/attributes.h"
#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;

namespace {

// Words that hooks give to every pipeline; a name of the user's can't shadow them.
constexpr std::string_view kReserved[] = {
    "sk",    "local",  "remote", "value", "option", "packet", "payload", "inner",
    "netns", "cgroup", "task",   "now",   "random", "cpu",    "flow",    "frame",
};

}  // namespace

bool RefuseReserved(Context& context, const ast::Name& name) {
  bool reserved =
      std::find(std::begin(kReserved), std::end(kReserved), name.text) != std::end(kReserved);
  if (!reserved) return false;
  context.diagnostics.Emit(diag::Error(Kind::kReservedName, name.span,
                                       fmt::format("`{}` is a word that hooks give", name.text),
                                       "can't be shadowed"));
  return true;
}

namespace {

void Declare(Context& context, uint32_t file, const ast::Name& name, SymbolKind kind,
             size_t index) {
  bool protocol =
      kind == SymbolKind::kHeader || kind == SymbolKind::kView || kind == SymbolKind::kSelector;
  auto& table = protocol ? context.symbols.protocols : context.symbols.files[file].names;
  bool in_pipeline = !context.unit.files[file].is_module;
  if (in_pipeline && RefuseReserved(context, name)) return;
  auto [where, fresh] =
      table.try_emplace(name.text, Symbol{kind, static_cast<uint32_t>(index), name.span});
  if (!fresh) {
    context.diagnostics.Emit(diag::Error(Kind::kDuplicateName, name.span,
                                         fmt::format("`{}` is declared twice", name.text))
                                 .WithLabel(where->second.span, "was declared here"));
    return;
  }
  if (!protocol && context.symbols.protocols.contains(name.text)) {
    context.diagnostics.Emit(
        diag::Error(Kind::kDuplicateName, name.span, fmt::format("`{}` is a protocol", name.text))
            .WithLabel(context.symbols.protocols[name.text].span, "was declared here"));
  }
}

std::string DottedPath(const ast::Path& path) {
  std::string text;
  for (const ast::Name& part : path.parts) text += (text.empty() ? "" : ".") + part.text;
  return text;
}

struct NameDeclarer {
  Context& context;
  uint32_t file;
  const ast::Item& item;

  void operator()(const ast::Param& node) const {
    Param param;
    param.name = node.name.text;
    param.documentation = item.documentation;
    param.span = node.name.span;
    param.is_const = node.is_const;
    Declare(context, file, node.name, SymbolKind::kParam, context.program.params.size());
    context.program.params.push_back(std::move(param));
  }
  void operator()(const ast::Const& node) const {
    Declare(context, file, node.name, SymbolKind::kConst, context.consts.size());
    context.consts.push_back({&node, file, ConstInfo::Step::kWaiting, {}, nullptr});
  }
  void operator()(const ast::Alias& node) const {
    Declare(context, file, node.name, SymbolKind::kAlias, context.aliases.size());
    context.aliases.push_back({&node, file});
  }
  void operator()(const ast::State& node) const {
    State state;
    state.name = node.name.text;
    state.documentation = item.documentation;
    state.span = node.name.span;
    Declare(context, file, node.name, SymbolKind::kState, context.program.states.size());
    context.program.states.push_back(std::move(state));
    context.state_read.push_back(false);
  }
  void operator()(const ast::Event& node) const {
    Event event;
    event.name = node.name.text;
    event.documentation = item.documentation;
    event.span = node.name.span;
    Declare(context, file, node.name, SymbolKind::kEvent, context.program.events.size());
    context.program.events.push_back(std::move(event));
  }
  void operator()(const ast::Struct& node) const { DeclareType(node.name); }
  void operator()(const ast::Enum& node) const { DeclareType(node.name); }
  void operator()(const ast::Function& node) const {
    Function function;
    function.name = node.name.text;
    function.span = node.name.span;
    Declare(context, file, node.name, SymbolKind::kFunction, context.program.functions.size());
    context.program.functions.push_back(std::move(function));
    context.function_info.push_back({&node, file});
  }
  void operator()(const ast::ImportC& node) const {
    for (const ast::CFunction& function : node.functions) {
      Declare(context, file, function.name, SymbolKind::kCFunction,
              context.program.c_functions.size());
      CFunction declared;
      declared.name = function.name.text;
      declared.span = function.name.span;
      context.program.c_functions.push_back(std::move(declared));
    }
  }
  void operator()(const ast::Selector& node) const {
    Declare(context, file, node.name, SymbolKind::kSelector, context.program.selectors.size());
    context.program.selectors.push_back({node.name.text, {}, node.depth.value_or(1)});
  }
  void operator()(const ast::Header& node) const {
    Header header;
    header.name = node.name.text;
    header.documentation = item.documentation;
    header.span = node.name.span;
    Declare(context, file, node.name, SymbolKind::kHeader, context.program.headers.size());
    context.program.headers.push_back(std::move(header));
    context.header_info.push_back({&node, file, {}, {}, false});
  }
  void operator()(const ast::View& node) const {
    Declare(context, file, node.name, SymbolKind::kView, context.views.size());
    context.views.push_back({node.name.text, node.name.span, {}, {}});
  }
  void operator()(const ast::Hook& node) const {
    context.hook_asts.push_back(&node);
    HookBlock block;
    block.name = node.name ? node.name->text : "";
    block.documentation = item.documentation;
    block.span = item.span;
    block.head = node.name ? Cover(node.hook.span, node.name->span) : node.hook.span;
    if (node.name) {
      Declare(context, file, *node.name, SymbolKind::kHook, context.program.hooks.size());
    }
    std::string path = DottedPath(node.hook);
    auto resolved = hooks::ResolveName(path);
    if (!resolved || resolved->hooks.size() < 2 || resolved->lsm || path == "cc") {
      context.program.hooks.push_back(std::move(block));
      return;
    }
    // One block, and a program for each family.
    context.hook_asts.pop_back();
    block.family_of = path;
    for (hooks::HookId id : resolved->hooks) {
      context.hook_asts.push_back(&node);
      HookBlock member;
      member.name = block.name;
      member.documentation = block.documentation;
      member.span = block.span;
      member.head = block.head;
      member.family_of = path;
      member.hook = &hooks::Get(id);
      context.program.hooks.push_back(std::move(member));
    }
  }
  void operator()(const ast::Sweep& node) const {
    context.sweep_asts.push_back(&node);
    context.sweep_blocks.push_back(AddBlock(node.name, node.name.span));
    Declare(context, file, node.name, SymbolKind::kHook, context.sweep_blocks.back());
  }
  void operator()(const ast::CongestionControl& node) const {
    if (!node.functions.empty()) {
      Declare(context, file, node.name, SymbolKind::kHook, context.program.hooks.size());
    }
    Control control;
    control.name = node.name.text;
    control.documentation = item.documentation;
    control.span = node.name.span;
    for (const ast::CongestionControl::Function& function : node.functions) {
      uint32_t block = AddBlock(node.name, function.name.span);
      context.program.hooks[block].control = static_cast<uint32_t>(context.program.controls.size());
    }
    context.control_asts.push_back(&node);
    context.program.controls.push_back(std::move(control));
  }
  // A block that is no `on HOOK NAME`.
  uint32_t AddBlock(const ast::Name& name, Span head) const {
    HookBlock block;
    block.name = name.text;
    block.documentation = item.documentation;
    block.span = item.span;
    block.head = head;
    context.hook_asts.push_back(nullptr);
    context.program.hooks.push_back(std::move(block));
    return static_cast<uint32_t>(context.program.hooks.size()) - 1;
  }
  void operator()(const ast::Import& node) const {
    std::string path = DottedPath(node.path);
    auto module = context.symbols.modules.find(path);
    if (module == context.symbols.modules.end()) return;  // a package, or reported by the loader
    const ast::Name& name = node.alias ? *node.alias : node.path.parts.back();
    // `import net.tcp;` names a protocol as well: Symbols::Find prefers the header.
    context.symbols.files[file].names.try_emplace(
        name.text, Symbol{SymbolKind::kModule, module->second, name.span});
  }
  void operator()(const ast::KernelFloor& node) const {
    context.program.floor = {static_cast<uint8_t>(node.major), static_cast<uint8_t>(node.minor)};
  }
  template <typename Other>
  void operator()(const Other&) const {}

  void DeclareType(const ast::Name& name) const {
    Declare(context, file, name, SymbolKind::kType, context.types.size());
    context.types.push_back({});
  }
};

template <typename Node, typename Visit>
void ForEach(Context& context, Visit visit) {
  for (uint32_t file = 0; file < context.unit.files.size(); ++file) {
    for (const ast::Item& item : context.unit.files[file].items) {
      if (const Node* node = std::get_if<Node>(&item.node)) visit(file, item, *node);
    }
  }
}

// The declaration's own symbol; null if its name was refused or taken.
const Symbol* OwnSymbol(Context& context, uint32_t file, const ast::Name& name, SymbolKind kind) {
  const auto& names = context.symbols.files[file].names;
  auto found = names.find(name.text);
  bool own = found != names.end() && found->second.kind == kind && found->second.span == name.span;
  return own ? &found->second : nullptr;
}

void SetType(Context& context, uint32_t file, const ast::Name& name, TypeId type) {
  const Symbol* symbol = OwnSymbol(context, file, name, SymbolKind::kType);
  if (symbol) context.types[symbol->index] = type;
}

void DefineEnum(Context& context, uint32_t file, const ast::Item& item, const ast::Enum& node) {
  EnumDecl decl;
  decl.name = node.name.text;
  decl.documentation = item.documentation;
  decl.is_flags = node.is_flags;
  decl.bits = 32;
  TypeTable& types = context.program.types;
  if (node.type) {
    TypeId type = ResolveType(context, file, *node.type);
    if (types[type].kind == TypeKind::kInteger && !types[type].is_signed) {
      decl.bits = types[type].bits;
    } else if (type != TypeId{}) {
      context.diagnostics.Emit(diag::Error(Kind::kTypeMismatch, node.type->span,
                                           "an enum is stored in an unsigned integer"));
    }
  }
  BodyChecker checker(context, file, nullptr);
  uint64_t next = node.is_flags ? 1 : 0;
  for (const ast::Enum::Member& member : node.members) {
    uint64_t value = next;
    if (member.value) {
      ExprPtr constant = checker.ConstantOf(*member.value, types.Unsigned(decl.bits));
      if (constant) value = AsConstant(*constant)->number;
    }
    bool twice = std::any_of(decl.members.begin(), decl.members.end(),
                             [&](const EnumMember& m) { return m.name == member.name.text; });
    if (twice) {
      context.diagnostics.Emit(
          diag::Error(Kind::kDuplicateName, member.name.span,
                      fmt::format("`{}` is declared twice", member.name.text)));
    }
    bool fits = decl.bits >= 64 || value >> decl.bits == 0;
    if (!fits) {
      context.diagnostics.Emit(diag::Error(
          Kind::kNarrowing, member.name.span,
          fmt::format("`{}` is {}, which {} bits don't hold", member.name.text, value, decl.bits)));
    }
    decl.members.push_back({member.name.text, value});
    next = node.is_flags ? value << 1 : value + 1;
  }
  TypeId id = types.AddEnum(std::move(decl));
  SetType(context, file, node.name, id);
}

// Structs may hold structs that stand further down: define those first.
void DefineStructs(Context& context) {
  struct Waiting {
    uint32_t file;
    const ast::Item* item;
    const ast::Struct* node;
  };
  std::vector<Waiting> waiting;
  ForEach<ast::Struct>(context, [&](uint32_t file, const ast::Item& item, const ast::Struct& node) {
    waiting.push_back({file, &item, &node});
  });
  auto depends_on_waiting = [&](const Waiting& entry) {
    for (const ast::Field& field : entry.node->fields) {
      const auto* named = std::get_if<ast::NamedType>(&field.type.node);
      if (!named || named->path.parts.size() != 1) continue;
      for (const Waiting& other : waiting) {
        if (other.file == entry.file && other.node->name.text == named->path.parts[0].text) {
          return true;
        }
      }
    }
    return false;
  };
  while (!waiting.empty()) {
    auto ready = std::find_if_not(waiting.begin(), waiting.end(), depends_on_waiting);
    if (ready == waiting.end()) {
      context.diagnostics.Emit(
          diag::Error(Kind::kRecursive, waiting[0].node->name.span,
                      fmt::format("struct `{}` contains itself", waiting[0].node->name.text)));
      return;
    }
    Waiting entry = *ready;
    waiting.erase(ready);
    StructDecl decl;
    decl.name = entry.node->name.text;
    decl.documentation = entry.item->documentation;
    bool good = true;
    for (const ast::Field& field : entry.node->fields) {
      TypeId type = ResolveType(context, entry.file, field.type);
      good &= type != TypeId{};
      for (const StructField& other : decl.fields) {
        if (other.name != field.name.text) continue;
        context.diagnostics.Emit(diag::Error(Kind::kDuplicateName, field.name.span,
                                             fmt::format("`{}` is declared twice", other.name)));
      }
      decl.fields.push_back({field.name.text, type, 0});
    }
    if (!good) continue;
    TypeId id = context.program.types.AddStruct(std::move(decl));
    SetType(context, entry.file, entry.node->name, id);
  }
}

void DefineEvent(Context& context, uint32_t file, const ast::Event& node) {
  const Symbol* symbol = OwnSymbol(context, file, node.name, SymbolKind::kEvent);
  if (!symbol) return;
  Event& event = context.program.events[symbol->index];
  TypeTable& types = context.program.types;
  uint32_t offset = 8;  // behind id and size
  for (const ast::Field& field : node.fields) {
    TypeId type = ResolveType(context, file, field.type);
    if (type == TypeId{}) continue;
    uint32_t align = types.AlignOf(type);
    offset = (offset + align - 1) / align * align;
    bool twice = std::any_of(event.fields.begin(), event.fields.end(),
                             [&](const EventField& f) { return f.name == field.name.text; });
    if (twice) {
      context.diagnostics.Emit(diag::Error(Kind::kDuplicateName, field.name.span,
                                           fmt::format("`{}` is declared twice", field.name.text)));
      continue;
    }
    event.fields.push_back({field.name.text, type, offset});
    offset += types.SizeOf(type);
  }
  event.size = (offset + 7) / 8 * 8;
}

}  // namespace

void DeclareNames(Context& context) {
  context.symbols.files.resize(context.unit.files.size());
  for (uint32_t i = 0; i < context.unit.files.size(); ++i) {
    const ast::File& file = context.unit.files[i];
    if (file.is_module && !file.name.parts.empty()) {
      context.symbols.modules[DottedPath(file.name)] = i;
    }
  }
  // Modules first, so that a pipeline that takes a protocol's name is told so.
  for (size_t n = context.unit.files.size(); n-- > 0;) {
    uint32_t file = static_cast<uint32_t>(n);
    for (const ast::Item& item : context.unit.files[file].items) {
      std::visit(NameDeclarer{context, file, item}, item.node);
    }
  }
}

void DefineTypes(Context& context) {
  ForEach<ast::Enum>(context, [&](uint32_t file, const ast::Item& item, const ast::Enum& node) {
    DefineEnum(context, file, item, node);
  });
  DefineStructs(context);
  ForEach<ast::Event>(context, [&](uint32_t file, const ast::Item&, const ast::Event& node) {
    DefineEvent(context, file, node);
  });
}

static TypeId TypeOrText(Context& context, uint32_t file, const ast::Type& type) {
  if (auto text = TextType(context, file, type)) return *text;
  return ResolveType(context, file, type);
}

const Expr* ConstantValue(Context& context, uint32_t index) {
  ConstInfo& info = context.consts[index];
  if (info.step == ConstInfo::Step::kChecking) {
    context.diagnostics.Emit(
        diag::Error(Kind::kRecursive, info.ast->name.span,
                    fmt::format("`{}` is defined by itself", info.ast->name.text)));
    return nullptr;
  }
  if (info.step == ConstInfo::Step::kWaiting) {
    info.step = ConstInfo::Step::kChecking;
    TypeId type = info.ast->type ? TypeOrText(context, info.file, *info.ast->type) : TypeId{};
    BodyChecker checker(context, info.file, nullptr);
    ExprPtr value = checker.ConstantOf(*info.ast->value, type);
    ConstInfo& again = context.consts[index];
    again.value = std::move(value);
    again.step = ConstInfo::Step::kDone;
  }
  return context.consts[index].value.get();
}

void DefineParams(Context& context) {
  for (uint32_t i = 0; i < context.consts.size(); ++i) ConstantValue(context, i);
  ForEach<ast::Param>(context, [&](uint32_t file, const ast::Item&, const ast::Param& node) {
    const Symbol* symbol = OwnSymbol(context, file, node.name, SymbolKind::kParam);
    if (!symbol) return;
    TypeId type = TypeOrText(context, file, node.type);
    BodyChecker checker(context, file, nullptr);
    ExprPtr value =
        node.value && type != TypeId{} ? checker.ConstantOf(*node.value, type) : nullptr;
    if (!node.value && type != TypeId{}) {
      context.diagnostics.Emit(
          diag::Error(Kind::kMissingField, node.name.span,
                      fmt::format("parameter `{}` has no default", node.name.text))
              .WithHint("here: give it one, as in `= 0`; `--set` overrides it"));
    }
    Param& param = context.program.params[symbol->index];
    param.type = type;
    param.value = std::move(value);
  });
}

}  // namespace netc::sema
