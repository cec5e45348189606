#include "compiler/hooks/lsm.h"

namespace netc::hooks {
namespace {

constexpr LsmHook kLsmHooks[] = {
#define LSM(name, can_refuse, parameters, hook) {#name, can_refuse, parameters, HookId::k##hook},
#include "compiler/hooks/lsm.def"
#undef LSM
};

}  // namespace

std::span<const LsmHook> AllLsmHooks() {
  return kLsmHooks;
}

const LsmHook* FindLsmHook(std::string_view name) {
  for (const LsmHook& hook : kLsmHooks) {
    if (hook.name == name) return &hook;
  }
  return nullptr;
}

}  // namespace netc::hooks
