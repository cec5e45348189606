#include "tests/hooks/tables.h"

namespace netc::prove {

const hooks::Call* FormIn(const std::vector<hooks::Call>& calls, hooks::HookId id) {
  for (const hooks::Call& call : calls) {
    if (call.hooks.has(id)) return &call;
  }
  return nullptr;
}

const HelperFacts* Tables::FindHelper(uint32_t number) const {
  for (const HelperFacts& facts : helpers) {
    if (facts.helper.number == number) return &facts;
  }
  return nullptr;
}

Tables CopyTables() {
  Tables tables;
  for (const hooks::Hook& hook : hooks::AllHooks()) {
    tables.hooks.push_back({hook,
                            {hook.fields.begin(), hook.fields.end()},
                            {hook.verdicts.begin(), hook.verdicts.end()}});
  }
  for (const hooks::Helper& helper : hooks::AllHelpers()) {
    tables.helpers.push_back({helper, {helper.calls.begin(), helper.calls.end()}});
  }
  for (const hooks::Kfunc& kfunc : hooks::AllKfuncs()) {
    tables.kfuncs.push_back({kfunc, {kfunc.calls.begin(), kfunc.calls.end()}});
  }
  const auto pointees = hooks::AllPointeeFields();
  tables.pointees.assign(pointees.begin(), pointees.end());
  for (const hooks::MapType& map : hooks::AllMapTypes()) {
    tables.maps.push_back({map, {map.uses.begin(), map.uses.end()}});
  }
  const auto fields = hooks::AllCcFields();
  tables.cc_fields.assign(fields.begin(), fields.end());
  const auto options = hooks::AllSocketOptions();
  tables.options.assign(options.begin(), options.end());
  return tables;
}

}  // namespace netc::prove
