// C of the user's: what a file says of the functions in a header, and calls of them.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;

namespace {

// Types that C and netc both have, in one form each: docs/language.md, "Imported C".
bool IsPlain(const TypeTable& types, TypeId type) {
  TypeKind kind = types[type].kind;
  return types.IsNumber(type) || kind == TypeKind::kBool || kind == TypeKind::kEnum ||
         kind == TypeKind::kFlags || kind == TypeKind::kIpv4;
}

class ImportDefiner {
 public:
  ImportDefiner(Context& context, uint32_t file) : context_(context), file_(file) {}

  void Define(const ast::ImportC& node) {
    if (node.language.parts.size() != 1 || node.language.parts[0].text != "c") {
      context_.diagnostics.Emit(
          diag::Error(Kind::kSyntax, node.language.span, "only C can be imported from a file")
              .WithHint(fmt::format("here: `import c \"{}\" {{ … }}`", node.header.text))
              .WithFix(node.language.span, "c"));
      return;
    }
    auto import = static_cast<uint32_t>(context_.program.c_imports.size());
    context_.program.c_imports.push_back({node.header.text, node.header.span});
    context_.diagnostics.Emit(
        diag::Warning(Kind::kUnverified, node.header.span,
                      "netc can't check C: that the kernel's verifier takes it is up to you",
                      "is C of your own")
            .WithHint("a pipeline without `import c` and kernel calls is never refused"));
    for (const ast::CFunction& function : node.functions) DefineFunction(function, import);
  }

 private:
  void DefineFunction(const ast::CFunction& node, uint32_t import) {
    const auto& names = context_.symbols.files[file_].names;
    auto symbol = names.find(node.name.text);
    bool own = symbol != names.end() && symbol->second.kind == SymbolKind::kCFunction &&
               symbol->second.span == node.name.span;
    if (!own) return;
    CFunction& function = context_.program.c_functions[symbol->second.index];
    function.import = import;
    TypeTable& types = context_.program.types;
    function.result = node.result ? Plain(*node.result) : types.Simple(TypeKind::kUnit);
    for (const ast::Parameter& parameter : node.parameters) {
      if (!parameter.type) {
        context_.diagnostics.Emit(
            diag::Error(Kind::kMissingField, parameter.name.span,
                        fmt::format("parameter `{}` needs a type", parameter.name.text)));
        function.parameters.push_back({});
        continue;
      }
      const auto* named = std::get_if<ast::NamedType>(&parameter.type->node);
      bool context = named && named->arguments.empty() && named->path.parts.size() == 1 &&
                     named->path.parts[0].text == "context";
      function.parameters.push_back({context ? TypeId{} : Plain(*parameter.type), context});
    }
    constexpr size_t kMostArguments = 5;
    if (function.parameters.size() > kMostArguments) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kTooMany, node.name.span,
                      fmt::format("a BPF function takes {} arguments at most", kMostArguments)));
    }
  }

  TypeId Plain(const ast::Type& written) {
    TypeId type = ResolveType(context_, file_, written);
    if (type == TypeId{} || IsPlain(context_.program.types, type)) return type;
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, written.span,
                    fmt::format("{} can't be passed to C", context_.program.types.Name(type)))
            .WithHint("here: numbers, `bool`, enums, flags, `ipv4_addr`, and `context`, which is "
                      "what the hook gives the program"));
    return {};
  }

  Context& context_;
  uint32_t file_;
};

}  // namespace

void DefineImportsOfC(Context& context) {
  for (uint32_t file = 0; file < context.unit.files.size(); ++file) {
    for (const ast::Item& item : context.unit.files[file].items) {
      if (const auto* import = std::get_if<ast::ImportC>(&item.node)) {
        ImportDefiner(context, file).Define(*import);
      }
    }
  }
}

const CFunction* BodyChecker::CalledC(const ast::Call& node) const {
  const Symbol* found = nullptr;
  if (const auto* name = std::get_if<ast::NameRef>(&node.callee->node)) {
    found = context_.symbols.Find(file_, name->text);
  } else if (const auto* member = std::get_if<ast::Member>(&node.callee->node)) {
    const auto* object = std::get_if<ast::NameRef>(&member->object->node);
    const Symbol* module = object ? context_.symbols.Find(file_, object->text) : nullptr;
    if (module && module->kind == SymbolKind::kModule) {
      found = context_.symbols.Find(module->index, member->name.text);
    }
  }
  bool function = found && found->kind == SymbolKind::kCFunction;
  return function ? &context_.program.c_functions[found->index] : nullptr;
}

bool BodyChecker::TakesContext(const ast::Expr& value) const {
  const auto* call = std::get_if<ast::Call>(&value.node);
  const CFunction* function = call ? CalledC(*call) : nullptr;
  return function && function->takes_context();
}

ExprPtr BodyChecker::CheckCCall(const ast::Expr& expr, const ast::Call& node,
                                const CFunction& function) {
  size_t wanted = static_cast<size_t>(
      std::count_if(function.parameters.begin(), function.parameters.end(),
                    [](const CFunction::Parameter& parameter) { return !parameter.is_context; }));
  if (node.arguments.size() != wanted) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kWrongArguments, expr.span,
                    fmt::format("`{}` takes {} argument{}, not {}", function.name, wanted,
                                wanted == 1 ? "" : "s", node.arguments.size()))
            .WithLabel(function.span, function.takes_context()
                                          ? "is declared here; netc passes the context"
                                          : "is declared here"));
    return Error(expr.span);
  }
  if (function.takes_context()) {
    // What it gets can change the packet: nothing may be held in the middle of an
    // expression, and what was known before is not known behind it.
    if (!block_) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kWrongPlace, expr.span,
                      "a C function that takes the context is called by a hook, "
                      "not by a function")
              .WithLabel(function.span, "is declared here"));
      return Error(expr.span);
    }
    if (&expr != alone_) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kWrongPlace, expr.span,
                      "a C function that takes the context stands alone",
                      "it may change the packet")
              .WithHint(fmt::format("here: bind what it gives first: `let x = {};`",
                                    context_.sources.Text(expr.span))));
      return Error(expr.span);
    }
  }
  CCall call{static_cast<uint32_t>(&function - context_.program.c_functions.data()), {}};
  size_t next = 0;
  for (const CFunction::Parameter& parameter : function.parameters) {
    if (parameter.is_context) continue;
    ExprPtr value = Coerce(Check(*node.arguments[next++].value, parameter.type), parameter.type);
    if (value->type == error_type()) return value;
    call.arguments.push_back(std::move(value));
  }
  if (function.takes_context()) facts_.Forget();
  return MakeExpr(expr.span, function.result, std::move(call));
}

}  // namespace netc::sema
