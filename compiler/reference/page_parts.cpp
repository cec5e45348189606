#include "compiler/reference/page_parts.h"

#include <fmt/format.h>

#include "compiler/hooks/lsm.h"
#include "compiler/hooks/verdict_notes.h"
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

namespace {

std::string WhyNone(const Subject& subject) {
  if (!CanBeUsed(subject)) return "There is none, since no hook may call it.";
  for (const Effect& effect : AllEffects()) {
    if (subject.category != Category::kEffect || EffectName(effect) != subject.name) continue;
    return fmt::format(
        "Not yet: no statement of the language makes this effect. {} can be called "
        "by its name.",
        Ticked(effect.helper));
  }
  return "Not yet: this version of netc has no way to write it in a pipeline.";
}

}  // namespace

void AddExample(const Subject& subject, const Makings& makings, Document& page) {
  const Example example = ExampleOf(subject, makings);
  if (example.empty()) {
    page.Say(WhyNone(subject));
    return;
  }
  page.Show("np", example.pipeline);
  if (example.header.empty()) return;
  page.Say(fmt::format("In `{}`, beside it:", example.header_name));
  page.Show("c", example.header);
}

Table WayTable(HookSet hooks, std::string_view word) {
  Table table{{"way to the target", "in C", "hooks", "meaning"}, {}};
  for (const TargetWay& way : AllTargetWays()) {
    if ((way.hooks & hooks).empty() || (!word.empty() && way.verdict != word)) continue;
    table.rows.push_back({Ticked(fmt::format("{} {}(…)", way.verdict, way.word)),
                          Ticked(way.helper), HooksPhrase(way.hooks), std::string(way.meaning)});
  }
  return table;
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
