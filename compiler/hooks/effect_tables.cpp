#include "compiler/hooks/hook_sets.h"
#include "compiler/hooks/hooks.h"
#include "compiler/hooks/rows.h"

namespace netc::hooks {
namespace {

using namespace rows;

#define EFFECT(hooks, word, kind, helper, since, can_fail, changes, meaning) \
  {hooks, word, kind, helper, since, can_fail, Changes::changes, meaning},
constexpr Effect kEffects[] = {
#include "compiler/hooks/effects.def"
};
#undef EFFECT

}  // namespace

std::span<const Effect> AllEffects() {
  return kEffects;
}

const Effect* FindEffect(HookId id, std::string_view word, std::string_view kind) {
  for (const Effect& effect : kEffects) {
    if (effect.hooks.has(id) && effect.word == word && effect.kind == kind) return &effect;
  }
  return nullptr;
}

}  // namespace netc::hooks
