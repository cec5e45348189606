// Functions and hook blocks.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/base/nearest.h"
#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;

namespace {

std::string DottedPath(const ast::Path& path) {
  std::string text;
  for (const ast::Name& part : path.parts) text += (text.empty() ? "" : ".") + part.text;
  return text;
}

std::vector<std::string> HookNames() {
  std::vector<std::string> names;
  for (const hooks::Hook& hook : hooks::AllHooks()) names.emplace_back(hook.name);
  return names;
}

// The attribute's value as text, or the parameter that holds it.
bool AttributeValue(BodyChecker& checker, const ast::Expr& value, AttachAttribute& attribute) {
  Context& context = checker.context();
  if (const auto* name = std::get_if<ast::NameRef>(&value.node)) {
    auto found = context.symbols.files[0].names.find(name->text);
    bool param = found != context.symbols.files[0].names.end() &&
                 found->second.kind == SymbolKind::kParam;
    if (param) attribute.param = ParamId{found->second.index};
    else attribute.value = name->text;
    return true;
  }
  if (const auto* literal = std::get_if<ast::Literal>(&value.node)) {
    attribute.value = literal->text;
    return true;
  }
  context.diagnostics.Emit(diag::Error(Kind::kBadAttribute, value.span,
                                       "an attribute is a constant or a parameter"));
  return false;
}

// Words that some attributes take; empty: anything.
std::vector<std::string> WordsOf(hooks::AttributeType type) {
  switch (type) {
    case hooks::AttributeType::kMode: return {"native", "generic", "offload", "any"};
    case hooks::AttributeType::kFlag: return {"yes", "no"};
    default: return {};
  }
}

class HookDefiner {
 public:
  HookDefiner(Context& context, uint32_t index)
      : context_(context), node_(*context.hook_asts[index]), block_(context.program.hooks[index]) {}

  void Define(uint32_t first_rule) {
    std::string name = DottedPath(node_.hook);
    block_.hook = hooks::FindHook(name);
    if (!block_.hook) {
      context_.diagnostics.Emit(
          Unknown(Kind::kUnknownHook, node_.hook.span, "hook", name, HookNames())
              .WithHint("all hooks: netc explain --table hooks"));
      return;
    }
    if (!node_.name) {
      context_.diagnostics.Emit(diag::Error(Kind::kMissingField, node_.hook.span,
                                            "this hook block needs a name")
                                    .WithHint(fmt::format("here: `on {} main {{ … }}`", name)));
      return;
    }
    if (block_.hook->since > context_.program.floor) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kKernelTooOld, node_.hook.span,
                      fmt::format("{} is there since Linux {}.{}", name, block_.hook->since.major,
                                  block_.hook->since.minor),
                      fmt::format("this pipeline is for {}.{} and newer",
                                  context_.program.floor.major, context_.program.floor.minor))
              .WithHint(fmt::format("here: state the floor in the pipeline: `kernel {}.{};`",
                                    block_.hook->since.major, block_.hook->since.minor)));
    }
    block_.first_rule = first_rule;
    block_.unreadable = block_.hook->unreadable;
    block_.on_abort = block_.hook->abort;
    block_.at_end = block_.hook->at_end;
    BodyChecker checker(context_, 0, &block_.locals);
    checker.EnterHook(&block_);
    Attributes(checker);
    block_.body = checker.Statements(node_.body);
    if (!block_.at_end && !checker.facts().unreachable()) {
      context_.diagnostics.Emit(diag::Error(Kind::kUnsupported, node_.hook.span,
                                            fmt::format("{} has no verdicts", name)));
    }
  }

 private:
  void Attributes(BodyChecker& checker) {
    std::vector<std::string> known = {"unreadable"};
    for (const auto& row : block_.hook->attributes) known.emplace_back(row.name);
    for (const ast::Attribute& attribute : node_.attributes) {
      if (attribute.name.text == "unreadable") {
        SetUnreadable(attribute);
        continue;
      }
      const hooks::AttachAttribute* row = nullptr;
      for (const auto& candidate : block_.hook->attributes) {
        if (candidate.name == attribute.name.text) row = &candidate;
      }
      if (!row) {
        context_.diagnostics.Emit(Unknown(Kind::kBadAttribute, attribute.name.span,
                                          fmt::format("attribute of {}", block_.hook->name),
                                          attribute.name.text, known));
        continue;
      }
      bool twice = std::any_of(block_.attributes.begin(), block_.attributes.end(),
                               [&](const AttachAttribute& a) { return a.name == row->name; });
      if (twice) {
        context_.diagnostics.Emit(diag::Error(Kind::kDuplicateName, attribute.name.span,
                                              fmt::format("`{}` is given twice", row->name)));
      }
      AttachAttribute made;
      made.name = row->name;
      if (!AttributeValue(checker, *attribute.value, made)) continue;
      std::vector<std::string> words = WordsOf(row->type);
      bool wrong = !made.param && !words.empty() &&
                   std::find(words.begin(), words.end(), made.value) == words.end();
      if (wrong) {
        context_.diagnostics.Emit(diag::Error(Kind::kBadAttribute, attribute.value->span,
                                              fmt::format("`{}` is {}, not `{}`", row->name,
                                                          AnyOf(words), made.value)));
        continue;
      }
      block_.attributes.push_back(std::move(made));
    }
  }

  void SetUnreadable(const ast::Attribute& attribute) {
    const auto* word = std::get_if<ast::NameRef>(&attribute.value->node);
    const hooks::Verdict* verdict = word ? block_.hook->FindVerdict(word->text) : nullptr;
    if (verdict && verdict->form == hooks::VerdictForm::kPlain) {
      block_.unreadable = verdict;
      return;
    }
    std::vector<std::string> known;
    for (const hooks::Verdict& v : block_.hook->verdicts) {
      if (v.form == hooks::VerdictForm::kPlain) known.emplace_back(v.word);
    }
    context_.diagnostics.Emit(diag::Error(Kind::kBadAttribute, attribute.value->span,
                                          fmt::format("`unreadable` is a verdict of {}: {}",
                                                      block_.hook->name, AnyOf(known))));
  }

  Context& context_;
  const ast::Hook& node_;
  HookBlock& block_;
};

// Functions may call each other, but never in a circle: BPF has no recursion.
class RecursionFinder {
 public:
  explicit RecursionFinder(Context& context) : context_(context), state_(context.program.functions.size()) {}

  void Run() {
    for (uint32_t i = 0; i < state_.size(); ++i) Visit(i);
  }

 private:
  enum class Mark : uint8_t { kNew, kOpen, kDone };

  void Visit(uint32_t index) {
    if (state_[index] == Mark::kDone) return;
    if (state_[index] == Mark::kOpen) {
      const Function& function = context_.program.functions[index];
      context_.diagnostics.Emit(
          diag::Error(Kind::kRecursive, function.span,
                      fmt::format("`{}` calls itself, directly or through others", function.name))
              .WithHint("here: write it as a loop with a bound"));
      return;
    }
    state_[index] = Mark::kOpen;
    VisitBlock(context_.function_info[index].ast->body, context_.function_info[index].file);
    state_[index] = Mark::kDone;
  }

  void VisitExpr(const ast::ExprPtr& expr, uint32_t file) {
    if (!expr) return;
    if (const auto* call = std::get_if<ast::Call>(&expr->node)) {
      if (const auto* name = std::get_if<ast::NameRef>(&call->callee->node)) {
        const Symbol* symbol = context_.symbols.Find(file, name->text);
        if (symbol && symbol->kind == SymbolKind::kFunction) Visit(symbol->index);
      }
      for (const ast::Argument& argument : call->arguments) VisitExpr(argument.value, file);
    }
    VisitOperands(*expr, file);
  }

  void VisitOperands(const ast::Expr& expr, uint32_t file) {
    auto each = [&](const std::vector<ast::ExprPtr>& many) {
      for (const ast::ExprPtr& one : many) VisitExpr(one, file);
    };
    if (const auto* n = std::get_if<ast::Binary>(&expr.node)) {
      VisitExpr(n->left, file), VisitExpr(n->right, file);
    } else if (const auto* compare = std::get_if<ast::Compare>(&expr.node)) {
      VisitExpr(compare->left, file), VisitExpr(compare->right, file);
    } else if (const auto* both = std::get_if<ast::And>(&expr.node)) {
      each(both->operands);
    } else if (const auto* any = std::get_if<ast::Or>(&expr.node)) {
      each(any->operands);
    } else if (const auto* inverted = std::get_if<ast::Not>(&expr.node)) {
      VisitExpr(inverted->operand, file);
    } else if (const auto* unary = std::get_if<ast::Unary>(&expr.node)) {
      VisitExpr(unary->operand, file);
    } else if (const auto* cast = std::get_if<ast::Cast>(&expr.node)) {
      VisitExpr(cast->operand, file);
    } else if (const auto* tuple = std::get_if<ast::Tuple>(&expr.node)) {
      each(tuple->elements);
    } else if (const auto* insert = std::get_if<ast::OrInsert>(&expr.node)) {
      VisitExpr(insert->lookup, file), VisitExpr(insert->value, file);
    } else if (const auto* index = std::get_if<ast::Index>(&expr.node)) {
      VisitExpr(index->index, file);
    } else if (const auto* made = std::get_if<ast::StructLiteral>(&expr.node)) {
      for (const ast::Initializer& field : made->fields) VisitExpr(field.value, file);
    }
  }

  void VisitBlock(const ast::Block& block, uint32_t file) {
    for (const ast::Statement& statement : block.statements) VisitStatement(statement, file);
  }

  void VisitStatement(const ast::Statement& statement, uint32_t file) {
    const auto& node = statement.node;
    if (const auto* n = std::get_if<ast::Let>(&node)) VisitExpr(n->value, file);
    if (const auto* n = std::get_if<ast::Return>(&node)) VisitExpr(n->value, file);
    if (const auto* n = std::get_if<ast::Evaluate>(&node)) VisitExpr(n->value, file);
    if (const auto* n = std::get_if<ast::Assign>(&node)) VisitExpr(n->value, file);
    if (const auto* n = std::get_if<ast::Block>(&node)) VisitBlock(*n, file);
    if (const auto* n = std::get_if<ast::For>(&node)) VisitBlock(n->body, file);
    if (const auto* n = std::get_if<ast::If>(&node)) {
      for (const ast::If::Branch& branch : n->branches) {
        VisitExpr(branch.condition.value, file);
        VisitBlock(branch.block, file);
      }
      if (n->otherwise) VisitBlock(*n->otherwise, file);
    }
    if (const auto* n = std::get_if<ast::Match>(&node)) {
      VisitExpr(n->subject, file);
      for (const ast::Match::Arm& arm : n->arms) VisitStatement(*arm.body, file);
    }
  }

  Context& context_;
  std::vector<Mark> state_;
};

}  // namespace

void DefineFunctions(Context& context) {
  for (uint32_t i = 0; i < context.function_info.size(); ++i) {
    const FunctionInfo info = context.function_info[i];
    Function& function = context.program.functions[i];
    function.result = info.ast->result ? ResolveType(context, info.file, *info.ast->result)
                                       : context.program.types.Simple(TypeKind::kUnit);
    for (const ast::Parameter& parameter : info.ast->parameters) {
      TypeId type{};
      if (parameter.type) {
        type = ResolveType(context, info.file, *parameter.type);
      } else {
        context.diagnostics.Emit(diag::Error(Kind::kMissingField, parameter.name.span,
                                             fmt::format("parameter `{}` needs a type",
                                                         parameter.name.text)));
      }
      function.parameters.push_back(LocalId{static_cast<uint32_t>(function.locals.size())});
      function.locals.push_back({parameter.name.text, parameter.name.span, type, false});
    }
  }
  RecursionFinder(context).Run();
  for (uint32_t i = 0; i < context.function_info.size(); ++i) {
    const FunctionInfo info = context.function_info[i];
    std::vector<Local> locals = std::move(context.program.functions[i].locals);
    size_t parameters = locals.size();
    std::vector<Local> all;
    BodyChecker checker(context, info.file, &all);
    checker.EnterFunction(&context.program.functions[i]);
    for (size_t p = 0; p < parameters; ++p) {
      checker.AddLocal({locals[p].name, locals[p].span}, locals[p].type);
    }
    context.program.functions[i].locals = all;
    Block body = checker.Statements(info.ast->body);
    Function& function = context.program.functions[i];
    function.body = std::move(body);
    function.locals = std::move(all);
    bool returns = context.program.types[function.result].kind == TypeKind::kUnit ||
                   checker.facts().unreachable();
    if (!returns) {
      context.diagnostics.Emit(diag::Error(Kind::kMissingField, function.span,
                                           fmt::format("`{}` can end without `return`",
                                                       function.name)));
    }
  }
}

void DefineHooks(Context& context) {
  uint32_t rules = 0;
  for (uint32_t i = 0; i < context.hook_asts.size(); ++i) {
    HookDefiner(context, i).Define(rules);
    rules += static_cast<uint32_t>(context.program.hooks[i].rules.size());
  }
}

}  // namespace netc::sema
