#include "compiler/reference/page_parts.h"

#include "compiler/hooks/lsm.h"
#include "compiler/reference/phrases.h"

namespace netc::reference {

using namespace hooks;

std::string EffectName(const Effect& effect) {
  std::string name(effect.word);
  if (!effect.kind.empty()) name += " " + std::string(effect.kind);
  return name;
}

std::string ExampleName(const Hook& hook) {
  for (const LsmHook& lsm : AllLsmHooks()) {
    if (lsm.hook == hook.id) return "lsm_cgroup." + std::string(lsm.name);
  }
  return std::string(hook.name);
}

void AddExample(const Subject& subject, const Translate& translate, Document& page) {
  const std::string example = ExampleOf(subject, translate);
  if (!example.empty()) {
    page.Show("np", example);
    return;
  }
  page.Say("This version of netc has no way to write it in a pipeline.");
}

Table CallbackTable(std::span<const Callback> callbacks) {
  Table table{{"case", "in C", "since", "flag it needs", "socket", "reply", "header options"}, {}};
  for (const Callback& callback : callbacks) {
    table.rows.push_back({Ticked(callback.word), Ticked(callback.c_name), Version(callback.since),
                          Ticked(callback.flag), CallbackSocketPhrase(callback.socket),
                          CallbackReplyPhrase(callback.reply),
                          HeaderOptionsPhrase(callback.options)});
  }
  return table;
}

}  // namespace netc::reference
