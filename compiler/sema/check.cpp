#include "compiler/sema/check.h"

#include <fmt/format.h>

#include "compiler/sema/context.h"

namespace netc::sema {

using diag::Kind;

namespace {

std::string DottedPath(const ast::Path& path) {
  std::string text;
  for (const ast::Name& part : path.parts) text += (text.empty() ? "" : ".") + part.text;
  return text;
}

void WarnUnreadState(Context& context) {
  for (size_t i = 0; i < context.program.states.size(); ++i) {
    const State& state = context.program.states[i];
    // A counter is read from outside; anything else only matters if a rule reads it.
    if (context.state_read[i] || state.kind == StateKind::kCounter ||
        state.kind == StateKind::kHistogram)
      continue;
    context.diagnostics.Emit(diag::Warning(Kind::kUnusedState, state.span,
                                           fmt::format("`{}` is never read", state.name)));
  }
}

}  // namespace

Program Check(const SourceSet& sources, const Unit& unit, const CheckOptions& options,
              diag::Diagnostics& diagnostics) {
  Context context{sources, unit, diagnostics};
  const ast::File& pipeline = unit.files[0];
  context.program.name = DottedPath(pipeline.name);
  context.program.documentation = pipeline.documentation;
  context.profile = options.profile;
  hooks::KernelVersion oldest =
      options.profile ? options.profile->kernel : hooks::KernelVersion{6, 1};
  context.program.floor = options.kernel.value_or(oldest);
  DeclareNames(context);
  DefineTypes(context);
  DefineHeaders(context);
  DefineParams(context);
  DefineStates(context);
  DefineImportsOfC(context);
  DefineFunctions(context);
  DefineHooks(context);
  DefineSweeps(context);
  DefineControls(context);
  DefineTests(context);
  CheckUnusedAliases(context);
  WarnNeverMatches(context);
  // What is never used matters only once everything else is right.
  if (!diagnostics.has_errors()) WarnUnreadState(context);
  return std::move(context.program);
}

}  // namespace netc::sema
