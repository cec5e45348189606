// Functions and hook blocks.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/base/nearest.h"
#include "compiler/hooks/names.h"
#include "compiler/sema/attributes.h"
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
  return hooks::AllNames();
}

class HookDefiner {
 public:
  HookDefiner(Context& context, uint32_t index)
      : context_(context), node_(*context.hook_asts[index]), block_(context.program.hooks[index]) {}

  void Define(uint32_t first_rule) {
    std::string name = DottedPath(node_.hook);
    if (block_.family_of.empty()) block_.hook = hooks::FindHook(name);
    auto resolved = hooks::ResolveName(name);
    if (resolved && resolved->lsm) {
      block_.lsm = resolved->lsm;
      block_.hook = &hooks::Get(resolved->lsm->hook);
    }
    if (!block_.hook) {
      context_.diagnostics.Emit(
          Unknown(Kind::kUnknownHook, node_.hook.span, "hook", name, HookNames())
              .WithHint("all hooks: netc explain --table hooks"));
      return;
    }
    if (!node_.name) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kMissingField, node_.hook.span, "this hook block needs a name")
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
    if (block_.lsm && !block_.lsm->can_refuse) block_.on_abort = block_.at_end;
    MachineHasHook(context_, node_.hook.span, *block_.hook);
    BodyChecker checker(context_, 0, &block_.locals);
    checker.EnterHook(&block_);
    Attributes();
    block_.body = checker.Statements(node_.body);
    if (!block_.at_end && !checker.facts().unreachable()) {
      context_.diagnostics.Emit(diag::Error(Kind::kUnsupported, node_.hook.span,
                                            fmt::format("{} has no verdicts", name)));
    }
  }

 private:
  void Attributes() {
    for (const ast::Attribute& attribute : node_.attributes) {
      if (attribute.name.text == "unreadable")
        SetUnreadable(attribute);
      else
        CheckAttribute(context_, block_, attribute);
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
    context_.diagnostics.Emit(diag::Error(
        Kind::kBadAttribute, attribute.value->span,
        fmt::format("`unreadable` is a verdict of {}: {}", block_.hook->name, AnyOf(known))));
  }

  Context& context_;
  const ast::Hook& node_;
  HookBlock& block_;
};

// Functions may call each other, but never in a circle: BPF has no recursion. The
// calls were noted while the bodies were checked.
class RecursionFinder {
 public:
  explicit RecursionFinder(Context& context)
      : context_(context), marks_(context.program.functions.size()) {
    context_.calls.resize(marks_.size());
  }

  void Run() {
    for (uint32_t i = 0; i < marks_.size(); ++i) Visit(i);
  }

 private:
  enum class Mark : uint8_t { kNew, kOpen, kDone };

  void Visit(uint32_t index) {
    if (marks_[index] == Mark::kDone) return;
    if (marks_[index] == Mark::kOpen) {
      const Function& function = context_.program.functions[index];
      context_.diagnostics.Emit(
          diag::Error(Kind::kRecursive, function.span,
                      fmt::format("`{}` calls itself, directly or through others", function.name))
              .WithHint("here: write it as a loop with a bound"));
      return;
    }
    marks_[index] = Mark::kOpen;
    for (uint32_t callee : context_.calls[index]) Visit(callee);
    marks_[index] = Mark::kDone;
  }

  Context& context_;
  std::vector<Mark> marks_;
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
        context.diagnostics.Emit(
            diag::Error(Kind::kMissingField, parameter.name.span,
                        fmt::format("parameter `{}` needs a type", parameter.name.text)));
      }
      function.parameters.push_back(LocalId{static_cast<uint32_t>(function.locals.size())});
      function.locals.push_back({parameter.name.text, parameter.name.span, type, false});
    }
  }
  context.calls.resize(context.function_info.size());
  context.needs.resize(context.function_info.size());
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
      context.diagnostics.Emit(
          diag::Error(Kind::kMissingField, function.span,
                      fmt::format("`{}` can end without `return`", function.name)));
    }
  }
  RecursionFinder(context).Run();
}

void DefineHooks(Context& context) {
  uint32_t rules = 0;
  bool refused = false;
  for (uint32_t i = 0; i < context.hook_asts.size(); ++i) {
    if (!context.hook_asts[i]) continue;
    bool sibling = i > 0 && context.hook_asts[i] == context.hook_asts[i - 1];
    uint32_t first = sibling ? context.program.hooks[i - 1].first_rule : rules;
    const diag::Diagnostics before = context.diagnostics;
    HookDefiner(context, i).Define(first);
    rules = std::max(rules, first + static_cast<uint32_t>(context.program.hooks[i].rules.size()));
    size_t found = context.diagnostics.error_count() - before.error_count();
    // What the block of the first family was told of is not said of the others again.
    if (sibling && (refused || found == 0)) context.diagnostics = before;
    refused = found > 0 || (sibling && refused);
  }
}

}  // namespace netc::sema
