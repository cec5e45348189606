#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "compiler/hooks/cc.h"
#include "compiler/hooks/lsm.h"
#include "compiler/hooks/names.h"
#include "compiler/reference/page.h"
#include "compiler/reference/page_parts.h"
#include "compiler/reference/phrases.h"
#include "compiler/reference/text.h"
#include "compiler/reference/word.h"

namespace netc::reference {

using namespace hooks;

namespace {

void AddIdentity(const Hook& hook, Document& page) {
  Table table{{"", ""}, {}};
  table.header = {"what", "value"};
  table.rows = {{"program type", Ticked(Name(hook.prog_type))},
                {"expected attach type", Ticked(Name(hook.attach_type))},
                {"section", Ticked(hook.section)},
                {"context", fmt::format("`struct {} *`", hook.context)},
                {"since", "Linux " + Version(hook.since)},
                {"reentry", ReentryPhrase(hook.reentry)}};
  if (!hook.context.starts_with("unsigned")) {
    page.Add(std::move(table));
    return;
  }
  table.rows[3][1] = fmt::format("`{} *`, an argument each", hook.context);
  page.Add(std::move(table));
}

std::string Roles(const Hook& hook) {
  std::vector<std::string> roles;
  if (hook.at_end != nullptr) {
    roles.push_back(
        fmt::format("A block that ends without a verdict ends with `{}`", hook.at_end->word));
  }
  if (hook.unreadable != nullptr) {
    roles.push_back(fmt::format("a header that can't be read with `{}`", hook.unreadable->word));
  }
  if (hook.abort != nullptr) {
    roles.push_back(fmt::format("an effect that fails with `{}`", hook.abort->word));
  }
  if (roles.empty()) return {};
  std::string last = roles.back();
  roles.pop_back();
  return (roles.empty() ? last : Join(roles) + " and " + last) + ".";
}

void AddVerdicts(const Hook& hook, Document& page) {
  if (hook.verdicts.empty()) return;
  page.Head("Verdicts");
  Table table{{"word", "code", "in C", "takes", "ends", "meaning"}, {}};
  for (const Verdict& verdict : hook.verdicts) {
    table.rows.push_back({Ticked(verdict.word), std::to_string(verdict.code),
                          Ticked(verdict.c_name), FormPhrase(verdict.form),
                          EndsPhrase(verdict.ends), std::string(verdict.meaning)});
  }
  page.Add(std::move(table));
  page.Add(WayTable(hook.id, {}));
  page.Say(Roles(hook));
  page.Say(fmt::format("Return values from {} to {} mean something; {}.", hook.returns.least,
                       hook.returns.most,
                       hook.returns.checked ? "the verifier refuses all others"
                                            : "the verifier doesn't check them"));
  Table misread{{"code", "what the kernel makes of it"}, {}};
  for (const Misread& row : hook.misreads) {
    misread.rows.push_back({row.first == row.last ? std::to_string(row.first)
                                                  : fmt::format("{} to {}", row.first, row.last),
                            std::string(row.meaning)});
  }
  if (!misread.rows.empty())
    page.Say("Codes that netc never returns, since the kernel misreads them:");
  page.Add(std::move(misread));
}

void AddMember(const Hook& hook, Document& page) {
  const CcMember* member = FindCcMember(hook.id);
  if (member == nullptr) return;
  page.Head("Member");
  page.Show("c", fmt::format("{} {}({});\n", member->result, member->name, member->parameters));
  if (!member->parameters_before_6_10.empty()) {
    page.Say(fmt::format("Before Linux 6.10: `{}`.", member->parameters_before_6_10));
  }
  page.Say(member->need == CcNeed::kAlways ? "Every congestion control must have it."
           : member->need == CcNeed::kOneOf
               ? "A congestion control needs either `cong_avoid` or "
                 "`cong_control`, which is called alone if both are there."
               : "A congestion control may leave it out.");
  Table table{{"word", "member of struct tcp_sock", "type", "bytes", "written since"}, {}};
  for (const CcField& field : AllCcFields()) {
    table.rows.push_back({Ticked(field.word), Ticked(field.path), Ticked(field.c_type),
                          std::to_string(field.size), Version(field.writable_since)});
  }
  page.Add(std::move(table));
}

void AddLsm(const Hook& hook, Document& page) {
  Table table{{"hook", "can refuse", "arguments"}, {}};
  for (const LsmHook& lsm : AllLsmHooks()) {
    if (lsm.hook != hook.id) continue;
    table.rows.push_back({fmt::format("`lsm_cgroup.{}`", lsm.name), lsm.can_refuse ? "yes" : "no",
                          Ticked(lsm.parameters)});
  }
  if (table.rows.empty()) return;
  page.Head("Security checks");
  page.Add(std::move(table));
}

void AddPacket(const Hook& hook, Document& page) {
  const PacketModel& packet = hook.packet;
  if (packet.start == PacketStart::kNone) return;
  page.Head("Packet");
  Table table{{"what", "value"}, {}};
  table.rows.push_back({"bytes", StartPhrase(packet.start)});
  table.rows.push_back({"through pointers", packet.direct_write  ? "read and written"
                                            : packet.direct_read ? "read"
                                                                 : "no"});
  if (!packet.pull.empty()) table.rows.push_back({"made directly readable", Ticked(packet.pull)});
  if (!packet.load.empty()) table.rows.push_back({"copied out", Ticked(packet.load)});
  if (!packet.store.empty()) table.rows.push_back({"copied in", Ticked(packet.store)});
  if (!packet.frags.empty())
    table.rows.push_back({"beyond the linear part", std::string(packet.frags)});
  page.Add(std::move(table));
}

void AddFields(const Hook& hook, Document& page) {
  Table table{{"C", "word", "type", "offset", "access", "since"}, {}};
  for (const Field& field : hook.fields) {
    const std::string yields =
        field.yields == Yields::kScalar ? "" : "; yields " + YieldsPhrase(field.yields);
    table.rows.push_back({Ticked(field.name), Ticked(field.word), Ticked(field.c_type),
                          std::to_string(field.offset), AccessPhrase(field) + yields,
                          Version(std::max(field.since, hook.since))});
  }
  if (table.rows.empty()) return;
  page.Head(fmt::format("Fields of struct {}", hook.context));
  page.Add(std::move(table));
}

void AddWords(const Hook& hook, Document& page) {
  Table here{{"word", "made of", "access", "since"}, {}};
  Table instead{{"word", "needs", "here"}, {}};
  for (const std::string& word : AllWrittenWords()) {
    const WordUse use = UseOf(word, hook.id);
    if (!use.made_of.empty()) {
      here.rows.push_back({Ticked(word), use.made_of, use.access, Version(use.since)});
    } else if (!use.instead.empty()) {
      instead.rows.push_back({Ticked(word), Ticked(use.needs), use.instead});
    }
  }
  page.Head("Words");
  page.Add(std::move(here));
  if (!instead.rows.empty()) page.Say("Words that can't be had here, and what to write:");
  page.Add(std::move(instead));
}

void AddEffects(const Hook& hook, Document& page) {
  Table table{{"effect", "what it does", "may fail", "then", "since"}, {}};
  for (const Effect& effect : AllEffects()) {
    if (!effect.hooks.has(hook.id)) continue;
    table.rows.push_back({Ticked(EffectName(effect)), std::string(effect.meaning),
                          effect.can_fail ? "yes" : "no", ChangesPhrase(effect.changes),
                          Version(std::max(effect.since, hook.since))});
  }
  if (table.rows.empty()) return;
  page.Head("Effects");
  page.Add(std::move(table));
}

void AddCallbacks(const Hook& hook, Document& page) {
  if (hook.FindVerdict("reply") == nullptr) return;
  page.Head("Callbacks");
  page.Add(CallbackTable(AllCallbacks()));
}

void AddHelpers(const Hook& hook, Document& page) {
  Table table{{"helper", "takes", "needs", "since"}, {}};
  Table kfuncs{{"kfunc", "first argument", "module", "since"}, {}};
  for (const Helper& helper : AllHelpers()) {
    const Access access = AccessHelper(hook.id, helper, kAnyKernel);
    if (!access.allowed()) continue;
    table.rows.push_back({Ticked(helper.name), ArgumentsPhrase(hook.id, *access.call),
                          NeedsPhrase(helper.flags), Version(access.since)});
  }
  for (const Kfunc& kfunc : AllKfuncs()) {
    const Access access = AccessKfunc(hook.id, kfunc, kAnyKernel);
    if (!access.allowed()) continue;
    kfuncs.rows.push_back({Ticked(kfunc.name), ObjectPhrase(hook.id, *access.call),
                           std::string(kfunc.module), Version(access.since)});
  }
  page.Head("Helpers");
  page.Add(std::move(table));
  if (kfuncs.rows.empty()) return;
  page.Head("Kfuncs");
  page.Say("All need a GPL-compatible licence, which emitted programs have.");
  page.Add(std::move(kfuncs));
}

void AddStorage(const Hook& hook, Document& page) {
  Table table{{"map type", "operations", "since", "at most", "shared"}, {}};
  Table refused{{"map type", "why not here"}, {}};
  for (const MapType& map : AllMapTypes()) {
    std::vector<std::string> operations;
    KernelVersion since = kAnyKernel;
    for (const MapUse& use : map.uses) {
      const Access access = AccessMap(hook.id, map, use.helper, kAnyKernel);
      if (!access.allowed()) continue;
      operations.push_back(Ticked(use.helper));
      since = std::min(since, access.since);
    }
    if (!operations.empty()) {
      table.rows.push_back({Ticked(MapName(map)), Join(operations), Version(since),
                            map.most == 0 ? "" : std::to_string(map.most), OwnerPhrase(map.owner)});
    } else if (!map.why_not.empty()) {
      refused.rows.push_back({Ticked(MapName(map)), std::string(map.why_not)});
    }
  }
  page.Head("Storage");
  page.Add(std::move(table));
  page.Add(std::move(refused));
}

void AddAttach(const Hook& hook, Document& page) {
  const AttachModel& attach = hook.attach;
  page.Head("Attaching");
  Table table{{"what", "value"}, {}};
  table.rows = {
      {"to", ScopePhrase(attach.scope)},
      {"through a link",
       attach.link_since == KernelVersion{} ? "no" : "since " + Version(attach.link_since)},
      {"otherwise",
       LegacyPhrase(attach.legacy) +
           (attach.legacy == Legacy::kNone ? "" : ", since " + Version(attach.legacy_since))},
      {"several at one place", attach.several ? "yes" : "no"},
      {"order", std::string(attach.order)},
      {"replaced at once", attach.replace_since == KernelVersion{}
                               ? "never"
                               : "since " + Version(attach.replace_since)}};
  page.Add(std::move(table));
  Table attributes{{"attribute", "type", "without it", "meaning"}, {}};
  for (const AttachAttribute& attribute : hook.attributes) {
    attributes.rows.push_back({Ticked(attribute.name), AttributeTypePhrase(attribute.type),
                               attribute.required ? "required" : Ticked(attribute.initial),
                               std::string(attribute.meaning)});
  }
  page.Add(std::move(attributes));
}

void AddTestRun(const Hook& hook, Document& page) {
  page.Head("Test run");
  const TestRun& run = hook.test_run;
  if (!run.supported) {
    page.Say("The kernel has no BPF_PROG_TEST_RUN for this hook; it is tested with real traffic.");
    return;
  }
  std::string text = "BPF_PROG_TEST_RUN works";
  if (run.most_bytes > 0)
    text += fmt::format(", on packets of {} to {} bytes", run.least_bytes, run.most_bytes);
  if (!run.context.empty()) text += fmt::format(". It takes {}", run.context);
  if (!run.lacks.empty()) text += fmt::format(". It can't show {}", run.lacks);
  page.Say(text + ".");
}

}  // namespace

std::string PageName(const Hook& hook) {
  return std::string(hook.name) + ".md";
}

Document HookPage(const Hook& hook, const Makings& makings) {
  Document page{std::string(hook.name), {}};
  std::string summary(hook.summary);
  summary[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(summary[0])));
  page.Say(summary + ".");
  page.Show("text", Picture(hook.id));
  AddExample({Category::kHook, ExampleName(hook), {}, {}}, makings, page);
  AddIdentity(hook, page);
  AddMember(hook, page);
  AddLsm(hook, page);
  AddVerdicts(hook, page);
  AddPacket(hook, page);
  AddWords(hook, page);
  AddFields(hook, page);
  AddCallbacks(hook, page);
  AddEffects(hook, page);
  AddAttach(hook, page);
  AddTestRun(hook, page);
  AddStorage(hook, page);
  AddHelpers(hook, page);
  return page;
}

Document IndexPage() {
  Document page{"The hooks", {}};
  page.Say(
      "Where a pipeline can decide, from the application down to the device, and a page for each "
      "with all that it allows. The pages are written by `netc explain --pages docs/hooks` from "
      "the "
      "tables in `compiler/hooks/`, which a test proves against running kernels.");
  page.Show("text", Picture({}));
  Table table{{"hook", "since", "what"}, {}};
  for (const Hook& hook : AllHooks()) {
    table.rows.push_back({fmt::format("[`{}`]({})", hook.name, PageName(hook)), Version(hook.since),
                          std::string(hook.summary)});
  }
  page.Add(std::move(table));
  return page;
}

}  // namespace netc::reference
