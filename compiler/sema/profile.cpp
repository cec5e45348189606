#include "compiler/sema/profile.h"

#include <fmt/format.h>

#include "compiler/hooks/maps.h"
#include "compiler/sema/context.h"
#include "compiler/sema/kernel_call.h"

namespace netc::sema {

using diag::Kind;

static void Lacks(Context& context, Span span, std::string what) {
  context.diagnostics.Emit(
      diag::Error(Kind::kMachineLacks, span, std::move(what),
                  fmt::format("the profile is of Linux {}", context.profile->release))
          .WithHint("here: `netc doctor` on that machine says why"));
}

bool MachineHasHook(Context& context, Span span, const hooks::Hook& hook) {
  if (!context.profile || context.profile->hooks.has(hook.id)) return true;
  Lacks(context, span, fmt::format("the machine can't run {}", hook.name));
  return false;
}

bool MachineHasHelper(Context& context, Span span, const hooks::Hook& hook, std::string_view name) {
  if (!context.profile || context.profile->Has(hook.name, name)) return true;
  Lacks(context, span, fmt::format("the machine has no `{}` in {}", name, hook.name));
  return false;
}

bool MachineHasMap(Context& context, Span span, const State& state) {
  if (!context.profile) return true;
  for (uint32_t number : MapTypeNumbers(state, context.program.floor)) {
    const hooks::MapType* type = hooks::FindMapType(number);
    if (!type || !context.profile->missing_maps.contains(std::string(type->name))) continue;
    Lacks(context, span,
          fmt::format("the machine has no maps of type {}, which `{}` is kept in", type->name,
                      state.name));
    return false;
  }
  return true;
}

}  // namespace netc::sema
