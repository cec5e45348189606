// What stands in the parentheses behind a hook block's name: where it is attached.
// Each attribute is a word of its own, a constant, or a parameter of its type, which
// the command line may set.
#include "compiler/sema/attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "compiler/base/nearest.h"
#include "compiler/sema/body.h"
#include "compiler/sema/literal.h"

namespace netc::sema {

using diag::Kind;
using hooks::AttributeType;

namespace {

// The longest name of an interface is IFNAMSIZ - 1 (include/uapi/linux/if.h).
constexpr uint32_t kInterfaceSize = 16;
constexpr uint32_t kStringSize = 256;

// Words that some attributes take; empty: anything.
std::vector<std::string> WordsOf(AttributeType type) {
  switch (type) {
    case AttributeType::kMode:
      return {"native", "generic", "offload", "any"};
    case AttributeType::kFlag:
      return {"yes", "no"};
    default:
      return {};
  }
}

const char* Noun(AttributeType type) {
  switch (type) {
    case AttributeType::kInterface:
      return "the name of an interface";
    case AttributeType::kNetns:
      return "`self`, or the name or path of a network namespace";
    case AttributeType::kCgroup:
      return "the path of a cgroup";
    case AttributeType::kNumber:
      return "a number";
    case AttributeType::kDevices:
    case AttributeType::kCpus:
    case AttributeType::kSockets:
      return "a state";
    default:
      return "a word";
  }
}

bool IsState(AttributeType type) {
  return type == AttributeType::kDevices || type == AttributeType::kCpus ||
         type == AttributeType::kSockets;
}

bool IsInterface(const TypeTable& types, TypeId id) {
  return types[id].kind == TypeKind::kString && types[id].count == kInterfaceSize &&
         types[id].bits != 0;
}

bool Takes(const TypeTable& types, AttributeType attribute, TypeId id) {
  if (attribute == AttributeType::kNumber) return types.IsInteger(id);
  if (IsState(attribute) || types[id].kind != TypeKind::kString) return false;
  return attribute == AttributeType::kInterface || !IsInterface(types, id);
}

// dev_valid_name (net/core/dev.c, 6.1).
bool IsInterfaceName(const std::string& name) {
  bool dots = name == "." || name == "..";
  return !name.empty() && name.size() < kInterfaceSize && !dots &&
         name.find_first_of("/: \t\n\v\f\r") == std::string::npos;
}

// The constant or parameter that `name` or `module.name` is.
const Symbol* Named(const Context& context, uint32_t file, const ast::Expr& value) {
  const Symbol* symbol = nullptr;
  if (const auto* name = std::get_if<ast::NameRef>(&value.node)) {
    symbol = context.symbols.Find(file, name->text);
  } else if (const auto* member = std::get_if<ast::Member>(&value.node)) {
    const auto* object = std::get_if<ast::NameRef>(&member->object->node);
    const Symbol* module = object ? context.symbols.Find(file, object->text) : nullptr;
    if (module && module->kind == SymbolKind::kModule) {
      symbol = context.symbols.Find(module->index, member->name.text);
    }
  }
  bool good = symbol && (symbol->kind == SymbolKind::kParam || symbol->kind == SymbolKind::kConst);
  return good ? symbol : nullptr;
}

class AttributeChecker {
 public:
  AttributeChecker(Context& context, HookBlock& block) : context_(context), block_(block) {}

  void Add(const ast::Attribute& node) {
    const hooks::AttachAttribute* row = Row(node.name);
    if (!row) return;
    bool twice = std::any_of(block_.attributes.begin(), block_.attributes.end(),
                             [&](const AttachAttribute& a) { return a.name == row->name; });
    if (twice) {
      context_.diagnostics.Emit(diag::Error(Kind::kDuplicateName, node.name.span,
                                            fmt::format("`{}` is given twice", row->name)));
    }
    AttachAttribute made;
    made.name = row->name;
    if (!Fill(*row, *node.value, made)) return;
    CheckStateAttribute(context_, *row, made, node.value->span);
    block_.attributes.push_back(std::move(made));
  }

 private:
  const hooks::AttachAttribute* Row(const ast::Name& name) {
    std::vector<std::string> known = {"unreadable"};
    for (const auto& row : block_.hook->attributes) {
      if (row.name == name.text) return &row;
      known.emplace_back(row.name);
    }
    context_.diagnostics.Emit(Unknown(Kind::kBadAttribute, name.span,
                                      fmt::format("attribute of {}", block_.hook->name), name.text,
                                      known));
    return nullptr;
  }

  bool Fill(const hooks::AttachAttribute& row, const ast::Expr& value, AttachAttribute& made) {
    if (const auto* literal = std::get_if<ast::Literal>(&value.node)) {
      LiteralValue read = EvaluateLiteral(*literal);
      bool number = read.kind == TypeKind::kLiteral && read.error.empty();
      bool fits = row.type == AttributeType::kNumber ? number : read.kind == TypeKind::kString;
      if (!fits) return Refuse(row, value.span, literal->text);
      made.value = number ? std::to_string(read.constant.number) : literal->text;
      return Text(row, value.span, made.value);
    }
    const auto* name = std::get_if<ast::NameRef>(&value.node);
    if (name && IsWord(row, name->text)) {
      made.value = name->text;
      return true;
    }
    if (const Symbol* symbol = Named(context_, 0, value))
      return FromSymbol(row, value.span, *symbol, made);
    if (name && WordsOf(row.type).empty()) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kBadAttribute, value.span,
                      fmt::format("there is no constant or parameter `{}`", name->text),
                      fmt::format("`{}` is {}", row.name, Noun(row.type)))
              .WithHint(fmt::format("here: `\"{}\"`, if that is its name", name->text))
              .WithFix(value.span, fmt::format("\"{}\"", name->text)));
      return false;
    }
    if (name) return Refuse(row, value.span, name->text);
    context_.diagnostics.Emit(
        diag::Error(Kind::kBadAttribute, value.span, "an attribute is a constant or a parameter"));
    return false;
  }

  bool IsWord(const hooks::AttachAttribute& row, const std::string& word) const {
    std::vector<std::string> words = WordsOf(row.type);
    if (row.type == AttributeType::kNetns) words.emplace_back("self");
    if (IsState(row.type)) {
      const Symbol* symbol = context_.symbols.Find(0, word);
      return symbol && symbol->kind == SymbolKind::kState;
    }
    return std::find(words.begin(), words.end(), word) != words.end();
  }

  bool FromSymbol(const hooks::AttachAttribute& row, Span span, const Symbol& symbol,
                  AttachAttribute& made) {
    bool is_param = symbol.kind == SymbolKind::kParam;
    const Expr* value = is_param ? context_.program.params[symbol.index].value.get()
                                 : ConstantValue(context_, symbol.index);
    if (!value) return false;  // it was refused
    const TypeTable& types = context_.program.types;
    if (!Takes(types, row.type, value->type)) {
      std::string text(context_.sources.Text(span));
      context_.diagnostics.Emit(
          diag::Error(Kind::kBadAttribute, span,
                      fmt::format("`{}` is {}, but `{}` is {}", row.name, Noun(row.type), text,
                                  types.Name(value->type)))
              .WithLabel(symbol.span, "is declared here"));
      return false;
    }
    const Constant& constant = *AsConstant(*value);
    std::string text =
        row.type == AttributeType::kNumber ? std::to_string(constant.number) : constant.text;
    if (is_param)
      made.param = ParamId{symbol.index};
    else
      made.value = text;
    return Text(row, span, text);
  }

  // Whether the attribute can have this value; says so if not.
  bool Text(const hooks::AttachAttribute& row, Span span, const std::string& text) {
    std::vector<std::string> words = WordsOf(row.type);
    if (!words.empty() && std::find(words.begin(), words.end(), text) == words.end()) {
      return Refuse(row, span, text);
    }
    if (row.type != AttributeType::kInterface || IsInterfaceName(text)) return true;
    context_.diagnostics.Emit(
        diag::Error(Kind::kBadAttribute, span, fmt::format("no interface can be called `{}`", text))
            .WithHint("here: its name has 1 to 15 bytes, no blank, `/` or `:`"));
    return false;
  }

  bool Refuse(const hooks::AttachAttribute& row, Span span, const std::string& text) {
    std::vector<std::string> words = WordsOf(row.type);
    std::string wanted = words.empty() ? Noun(row.type) : AnyOf(words);
    context_.diagnostics.Emit(diag::Error(
        Kind::kBadAttribute, span, fmt::format("`{}` is {}, not `{}`", row.name, wanted, text)));
    return false;
  }

  Context& context_;
  HookBlock& block_;
};

}  // namespace

std::optional<NamedText> InterfaceText(Context& context, uint32_t file, const ast::Expr& expr) {
  if (const auto* literal = std::get_if<ast::Literal>(&expr.node)) {
    bool good = literal->kind == ast::LiteralKind::kString && IsInterfaceName(literal->text);
    return good ? std::optional<NamedText>({std::nullopt, literal->text, literal->text})
                : std::nullopt;
  }
  const Symbol* symbol = Named(context, file, expr);
  if (!symbol) return std::nullopt;
  bool is_param = symbol->kind == SymbolKind::kParam;
  const Expr* value = is_param ? context.program.params[symbol->index].value.get()
                               : ConstantValue(context, symbol->index);
  if (!value || !Takes(context.program.types, AttributeType::kInterface, value->type)) {
    return std::nullopt;
  }
  NamedText named{std::nullopt, AsConstant(*value)->text,
                  std::string(context.sources.Text(expr.span))};
  if (is_param) named.param = ParamId{symbol->index};
  return IsInterfaceName(named.text) ? std::optional(std::move(named)) : std::nullopt;
}

std::optional<TypeId> TextType(Context& context, uint32_t file, const ast::Type& type) {
  const auto* named = std::get_if<ast::NamedType>(&type.node);
  if (!named || named->path.parts.size() != 1 || !named->arguments.empty()) return std::nullopt;
  const std::string& name = named->path.parts[0].text;
  if (context.symbols.Find(file, name)) return std::nullopt;  // the user's own
  TypeTable& types = context.program.types;
  if (name == "string") return types.Intern({.kind = TypeKind::kString, .count = kStringSize});
  if (name != "interface") return std::nullopt;
  return types.Intern({.kind = TypeKind::kString, .bits = 1, .count = kInterfaceSize});
}

void CheckAttribute(Context& context, HookBlock& block, const ast::Attribute& attribute) {
  AttributeChecker(context, block).Add(attribute);
}

}  // namespace netc::sema
