#include "compiler/reference/page_call.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/hooks/cc.h"
#include "compiler/hooks/signature.h"
#include "compiler/reference/page_parts.h"
#include "compiler/reference/phrases.h"
#include "compiler/reference/text.h"

namespace netc::reference {

using namespace hooks;

namespace {

// "long bpf_f(void *map)"
std::string Prototype(std::string_view result, std::string_view name, std::string_view parameters) {
  const std::string space = result.ends_with('*') ? "" : " ";
  return fmt::format("{}{}{}({});\n", result, space, name,
                     parameters.empty() ? "void" : parameters);
}

// Hooks that make the call in the same way since the same kernel.
struct Form {
  std::string takes;
  KernelVersion since;
  HookSet hooks;
};

template <typename Function, typename Ask, typename Phrase>
std::vector<Form> Forms(const Function& function, Ask ask, Phrase phrase) {
  std::vector<Form> forms;
  for (const Hook& hook : AllHooks()) {
    const Access access = ask(hook.id, function, kAnyKernel);
    if (access.call == nullptr || !access.call->fits) continue;
    const std::string takes = phrase(hook.id, *access.call);
    auto same = std::find_if(forms.begin(), forms.end(), [&](const Form& form) {
      return form.takes == takes && form.since == access.since;
    });
    if (same == forms.end()) {
      forms.push_back({takes, access.since, hook.id});
    } else {
      same->hooks = same->hooks | hook.id;
    }
  }
  return forms;
}

// `known`: where the verifier resolves the call, whatever fits; `why` nothing does.
void AddForms(const std::vector<Form>& forms, HookSet known, std::string_view why, CallFlags flags,
              const std::string& takes, Document& page) {
  Table table{{"hooks", takes, "since"}, {}};
  HookSet all;
  for (const Form& form : forms) {
    table.rows.push_back({HooksPhrase(form.hooks), form.takes, Version(form.since)});
    all = all | form.hooks;
  }
  const HookSet every = HookSet::FromBits((uint64_t{1} << kHookCount) - 1);
  if (Has(flags, CallFlags::kSleepable)) {
    page.Say(
        "No hook may call it: only programs that may sleep can, and those of a hook don't. The "
        "kernel knows it in programs of these types, which is why it stands here:");
  }
  page.Add(std::move(table));
  if (forms.empty()) {
    page.Say(
        fmt::format("No hook may call it: it {}. It stands here since the kernel knows it in {}.",
                    why, HooksPhrase(known)));
  } else if (all != every) {
    page.Say(fmt::format("Not in: {}.", HooksPhrase(every - all)));
  }
}

template <typename Function>
HookSet Known(const Function& function) {
  HookSet hooks;
  for (const Call& call : function.calls) hooks = hooks | call.hooks;
  return hooks;
}

template <typename Function>
std::string_view WhyNowhere(const Function& function) {
  for (const Call& call : function.calls) {
    const Signature signature = SignatureOf(function, call);
    if (!signature.why_not.empty()) return signature.why_not;
  }
  return "takes what no program of a hook has";
}

// Why a pipeline can't call it by its name; nothing if it can, or if no hook may.
template <typename Function>
void AddObstacle(const Function& function, Document& page) {
  if (IsRelease(function.name)) {
    page.Say("netc calls it: what a block binds is given back on every way out of it.");
    return;
  }
  if (Has(function.flags, CallFlags::kSleepable)) return;
  for (HookId id : function.hooks()) {
    const Signature signature = SignatureOf(function, *function.In(id));
    if (!signature.why_not.empty()) {
      page.Say(fmt::format("A pipeline can't call it by its name: it {}. Instead: {}.",
                           signature.why_not, signature.instead));
      return;
    }
    for (const CallParameter& parameter : signature.parameters) {
      if (!IsOutOfReach(parameter)) continue;
      page.Say(
          fmt::format("A pipeline can't call it by its name: it takes {}, which no call gives "
                      "it. Instead: C of your own with `import c`.",
                      Ticked("struct " + std::string(parameter.pointee))));
      return;
    }
  }
}

std::string Properties(CallFlags flags) {
  std::vector<std::string> properties;
  if (Has(flags, CallFlags::kGpl)) properties.emplace_back("needs a GPL-compatible licence");
  if (Has(flags, CallFlags::kPerfmon)) properties.emplace_back("needs CAP_PERFMON");
  if (Has(flags, CallFlags::kSleepable)) {
    properties.emplace_back("is only for sleepable programs, which netc doesn't make");
  }
  if (Has(flags, CallFlags::kAcquires)) {
    properties.emplace_back("gives what must be released, which netc does");
  }
  if (Has(flags, CallFlags::kReleases)) properties.emplace_back("releases what it is given");
  if (Has(flags, CallFlags::kMayBeNull)) properties.emplace_back("may return null");
  if (Has(flags, CallFlags::kTrusted)) {
    properties.emplace_back("takes only pointers that are known to live");
  }
  if (Has(flags, CallFlags::kRcu)) {
    properties.emplace_back("takes pointers that live or are protected by RCU");
  }
  return properties.empty() ? "" : " It " + Join(properties, "; it ") + ".";
}

// Words of the language that are made of it.
void AddWordsMadeOf(std::string_view name, Document& page) {
  std::vector<std::string> words;
  for (const Word& word : AllWords()) {
    for (const WordSource& source : word.sources) {
      if (source.what != name) continue;
      words.push_back(Ticked(word.name));
      break;
    }
  }
  for (const Effect& effect : AllEffects()) {
    if (effect.helper == name) words.push_back(Ticked(EffectName(effect)));
  }
  if (!words.empty()) page.Say(fmt::format("In a pipeline: {}.", Join(words)));
}

}  // namespace

Document HelperPage(const Helper& helper, const Makings& makings) {
  Document page{std::string(helper.name), {}};
  page.Say(fmt::format("A helper, number {}, since Linux {}.{}", helper.number,
                       Version(helper.since), Properties(helper.flags)));
  page.Show("c", Prototype(helper.result, helper.name, helper.parameters));
  AddForms(Forms(helper, AccessHelper, ArgumentsPhrase), Known(helper), WhyNowhere(helper),
           helper.flags, "takes", page);
  AddWordsMadeOf(helper.name, page);
  AddObstacle(helper, page);
  page.Head("Example");
  AddExample({Category::kHelper, std::string(helper.name), {}, {}}, makings, page);
  return page;
}

Document KfuncPage(const Kfunc& kfunc, const Makings& makings) {
  Document page{std::string(kfunc.name), {}};
  page.Say(fmt::format("A kfunc, since Linux {}{}.{}", Version(kfunc.since),
                       kfunc.module.empty() ? "" : fmt::format(", in module {}", kfunc.module),
                       Properties(kfunc.flags)));
  page.Show("c", Prototype(kfunc.result, kfunc.name, kfunc.parameters));
  AddForms(Forms(kfunc, AccessKfunc, ObjectPhrase), Known(kfunc), WhyNowhere(kfunc), kfunc.flags,
           "context or socket", page);
  AddWordsMadeOf(kfunc.name, page);
  AddObstacle(kfunc, page);
  page.Head("Example");
  AddExample({Category::kKfunc, std::string(kfunc.name), {}, {}}, makings, page);
  return page;
}

}  // namespace netc::reference
