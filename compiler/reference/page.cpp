#include "compiler/reference/page.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/hooks/cc.h"
#include "compiler/hooks/lsm.h"
#include "compiler/hooks/names.h"
#include "compiler/reference/example.h"
#include "compiler/reference/page_call.h"
#include "compiler/reference/page_parts.h"
#include "compiler/reference/phrases.h"
#include "compiler/reference/text.h"
#include "compiler/reference/word.h"

namespace netc::reference {

using namespace hooks;

namespace {

// A name that stands for several hooks.
void ComposeGroup(HookSet hooks, Document& page) {
  page.Show("text", Picture(hooks));
  Table table{{"hook", "since", "what"}, {}};
  for (HookId id : hooks) {
    table.rows.push_back(
        {Ticked(Get(id).name), Version(Get(id).since), std::string(Get(id).summary)});
  }
  page.Add(std::move(table));
}

Document ComposeHook(const Subject& subject, const Makings& makings) {
  const auto resolved = ResolveName(subject.name);
  const Hook* row = FindHook(subject.name);
  if (row != nullptr) return HookPage(*row, makings);
  if (resolved->lsm != nullptr) {
    Document page = HookPage(Get(resolved->lsm->hook), makings);
    page.title = subject.name;
    page.blocks.insert(
        page.blocks.begin() + 1,
        Paragraph{fmt::format(
            "Its arguments: {}. {}",
            resolved->lsm->parameters.empty() ? "none" : Ticked(resolved->lsm->parameters),
            resolved->lsm->can_refuse ? "It can refuse." : "It can't refuse.")});
    return page;
  }
  Document page{subject.name, {}};
  page.Say(
      fmt::format("Stands for several hooks: a block on it is a program on each. `netc explain {}` "
                  "and the like say all of one.",
                  Get(*resolved->hooks.begin()).name));
  ComposeGroup(resolved->hooks, page);
  page.Head("Example");
  AddExample(subject, makings, page);
  return page;
}

Document ComposeVerdict(const Subject& subject, const Makings& makings) {
  Document page{subject.name, {}};
  page.Say(fmt::format("A verdict: what a block ends with. It {}.", subject.summary));
  struct Meaning {
    const Verdict* verdict;
    HookSet hooks;
  };
  std::vector<Meaning> meanings;
  HookSet having;
  for (const Hook& hook : AllHooks()) {
    const Verdict* verdict = hook.FindVerdict(subject.name);
    if (verdict == nullptr) continue;
    having = having | hook.id;
    auto same = std::find_if(meanings.begin(), meanings.end(), [&](const Meaning& each) {
      return each.verdict->code == verdict->code && each.verdict->meaning == verdict->meaning;
    });
    if (same == meanings.end()) {
      meanings.push_back({verdict, hook.id});
    } else {
      same->hooks = same->hooks | hook.id;
    }
  }
  Table table{{"hooks", "code", "in C", "takes", "ends", "meaning"}, {}};
  for (const Meaning& each : meanings) {
    table.rows.push_back({HooksPhrase(each.hooks), std::to_string(each.verdict->code),
                          Ticked(each.verdict->c_name), FormPhrase(each.verdict->form),
                          EndsPhrase(each.verdict->ends), std::string(each.verdict->meaning)});
  }
  page.Add(std::move(table));
  page.Add(WayTable(having, subject.name));
  page.Head("Example");
  AddExample(subject, makings, page);
  return page;
}

struct SameUse {
  WordUse use;
  HookSet hooks;
};

Document ComposeWord(const Subject& subject, const Makings& makings) {
  Document page{subject.name, {}};
  const Word* row = FindWord(subject.name);
  page.Say(fmt::format("A word of a pipeline: {}.{}", WordMeaning(subject.name),
                       row == nullptr ? "" : fmt::format(" Its type is `{}`.", row->type)));
  std::vector<SameUse> uses;
  for (const Hook& hook : AllHooks()) {
    WordUse use = UseOf(subject.name, hook.id);
    auto same = std::find_if(uses.begin(), uses.end(), [&](const SameUse& each) {
      return each.use.made_of == use.made_of && each.use.access == use.access &&
             each.use.since == use.since && each.use.instead == use.instead;
    });
    if (same == uses.end()) {
      uses.push_back({std::move(use), hook.id});
    } else {
      same->hooks = same->hooks | hook.id;
    }
  }
  Table here{{"hooks", "made of", "access", "since"}, {}};
  Table instead{{"not in", "write there"}, {}};
  HookSet nowhere;
  for (const SameUse& each : uses) {
    if (!each.use.made_of.empty()) {
      here.rows.push_back(
          {HooksPhrase(each.hooks), each.use.made_of, each.use.access, Version(each.use.since)});
    } else if (!each.use.instead.empty()) {
      instead.rows.push_back({HooksPhrase(each.hooks), each.use.instead});
    } else {
      nowhere = nowhere | each.hooks;
    }
  }
  page.Add(std::move(here));
  page.Add(std::move(instead));
  if (!nowhere.empty()) page.Say(fmt::format("Not in: {}.", HooksPhrase(nowhere)));
  page.Head("Example");
  AddExample(subject, makings, page);
  return page;
}

struct SameField {
  const Field* field;
  HookSet hooks;
};

Document ComposeField(const Subject& subject, const Makings& makings) {
  Document page{subject.name, {}};
  page.Say(fmt::format("A {} of the kernel's interface.", subject.summary));
  for (const FieldUse& use : AllFieldUses()) {
    if (use.field != subject.name) continue;
    page.Say(fmt::format("No word stands for it: {}.{}", use.meaning,
                         use.statements.empty() ? " C of your own can read it." : ""));
  }
  std::vector<SameField> fields;
  for (const Hook& hook : AllHooks()) {
    for (const Field& field : hook.fields) {
      if (field.name != subject.name) continue;
      auto same = std::find_if(fields.begin(), fields.end(), [&](const SameField& each) {
        return each.field->context == field.context && each.field->word == field.word &&
               AccessPhrase(*each.field) == AccessPhrase(field) &&
               each.field->yields == field.yields;
      });
      if (same == fields.end()) {
        fields.push_back({&field, hook.id});
      } else {
        same->hooks = same->hooks | hook.id;
      }
    }
  }
  Table table{{"struct", "type", "offset", "word", "access", "yields", "since", "hooks"}, {}};
  for (const SameField& each : fields) {
    const Field& field = *each.field;
    table.rows.push_back({Ticked(field.context), Ticked(field.c_type), std::to_string(field.offset),
                          Ticked(field.word), AccessPhrase(field), YieldsPhrase(field.yields),
                          Version(field.since), HooksPhrase(each.hooks)});
  }
  page.Add(std::move(table));
  Table behind{{"through a pointer to", "struct", "type", "word", "access", "since"}, {}};
  for (const PointeeField& row : AllPointeeFields()) {
    if (row.field.name != subject.name) continue;
    behind.rows.push_back({PointerPhrase(row.pointer), Ticked(row.field.context),
                           Ticked(row.field.c_type), Ticked(row.field.word),
                           AccessPhrase(row.field), Version(row.field.since)});
  }
  page.Add(std::move(behind));
  page.Head("Example");
  AddExample(subject, makings, page);
  return page;
}

Document ComposeStorage(const Subject& subject, const Makings& makings) {
  const auto found = std::find_if(AllMapTypes().begin(), AllMapTypes().end(),
                                  [&](const MapType& map) { return MapName(map) == subject.name; });
  Document page{subject.name, {}};
  page.Say(
      fmt::format("A type of map, `{}` ({}), since Linux {}. {}{}.", CNameOf(*found), found->number,
                  Version(found->since),
                  found->most == 0 ? "" : fmt::format("A program may use {} of it. ", found->most),
                  "Sharing: " + OwnerPhrase(found->owner)));
  Table table{{"operation", "hooks", "since"}, {}};
  for (const MapUse& use : found->uses) {
    std::vector<std::pair<KernelVersion, HookSet>> by_since;
    for (const Hook& hook : AllHooks()) {
      const Access access = AccessMap(hook.id, *found, use.helper, kAnyKernel);
      if (!access.allowed()) continue;
      auto same = std::find_if(by_since.begin(), by_since.end(),
                               [&](const auto& each) { return each.first == access.since; });
      if (same == by_since.end()) {
        by_since.emplace_back(access.since, hook.id);
      } else {
        same->second = same->second | hook.id;
      }
    }
    for (const auto& [since, hooks] : by_since) {
      table.rows.push_back({Ticked(use.helper), HooksPhrase(hooks), Version(since)});
    }
  }
  page.Add(std::move(table));
  if (!found->why_not.empty())
    page.Say(fmt::format("Elsewhere it can't be used: {}.", found->why_not));
  page.Head("Example");
  AddExample(subject, makings, page);
  return page;
}

Document ComposeEffect(const Subject& subject, const Makings& makings) {
  Document page{subject.name, {}};
  for (const Effect& effect : AllEffects()) {
    if (EffectName(effect) != subject.name) continue;
    if (page.blocks.empty()) page.Say(fmt::format("An effect: {}.", effect.meaning));
    page.Add(Table{{"hooks", "since", "may fail", "then", "made of"},
                   {{HooksPhrase(effect.hooks), Version(effect.since),
                     effect.can_fail ? "yes: it takes an `else`" : "no",
                     ChangesPhrase(effect.changes), Ticked(effect.helper)}}});
  }
  page.Head("Example");
  AddExample(subject, makings, page);
  return page;
}

Document ComposeAttribute(const Subject& subject, const Makings& makings) {
  Document page{subject.name, {}};
  page.Say("An attribute of a block: stands in the parentheses behind its name.");
  std::vector<std::pair<const AttachAttribute*, HookSet>> rows;
  for (const Hook& hook : AllHooks()) {
    for (const AttachAttribute& attribute : hook.attributes) {
      if (attribute.name != subject.name) continue;
      auto same = std::find_if(rows.begin(), rows.end(), [&](const auto& each) {
        return each.first->meaning == attribute.meaning;
      });
      if (same == rows.end()) {
        rows.emplace_back(&attribute, hook.id);
      } else {
        same->second = same->second | hook.id;
      }
    }
  }
  Table table{{"hooks", "type", "without it", "meaning"}, {}};
  for (const auto& [attribute, hooks] : rows) {
    table.rows.push_back({HooksPhrase(hooks), AttributeTypePhrase(attribute->type),
                          attribute->required ? "required" : Ticked(attribute->initial),
                          std::string(attribute->meaning)});
  }
  page.Add(std::move(table));
  page.Head("Example");
  AddExample(subject, makings, page);
  return page;
}

Document ComposeOption(const Subject& subject, const Makings& makings) {
  const SocketOption& option = *FindSocketOption(subject.name);
  Document page{subject.name, {}};
  page.Say(fmt::format(
      "A socket option, in a pipeline `{}`: {} in {} bytes, on sockets of {}. Level {}, "
      "number {}. Set by programs since Linux {}, read {}.",
      option.word, UnitPhrase(option.unit), option.bytes, SocketsPhrase(option.sockets),
      option.level, option.number, Version(option.since),
      option.read_since == KernelVersion{} ? "never" : "since " + Version(option.read_since)));
  std::vector<std::pair<std::string, HookSet>> rows;
  std::vector<KernelVersion> since;
  for (const Hook& hook : AllHooks()) {
    const Access access = AccessOption(hook.id, option, kAnyKernel);
    if (!access.allowed()) continue;
    const std::string object = ArgumentPhrase(hook.id, access.call->arguments[0]);
    size_t i = 0;
    while (i < rows.size() && (rows[i].first != object || since[i] != access.since)) ++i;
    if (i == rows.size()) {
      rows.emplace_back(object, HookSet());
      since.push_back(access.since);
    }
    rows[i].second = rows[i].second | hook.id;
  }
  Table table{{"hooks", "object of bpf_setsockopt", "since"}, {}};
  for (size_t i = 0; i < rows.size(); ++i) {
    table.rows.push_back({HooksPhrase(rows[i].second), rows[i].first, Version(since[i])});
  }
  page.Add(std::move(table));
  page.Head("Example");
  AddExample(subject, makings, page);
  return page;
}

Document ComposeCallback(const Subject& subject, const Makings& makings) {
  Document page{subject.name, {}};
  page.Say(
      "A callback of sockops: `case` chooses it. netc sets the flags that a pipeline's cases "
      "need.");
  std::vector<Callback> callbacks;
  for (const Callback& callback : AllCallbacks()) {
    if (callback.word == subject.name) callbacks.push_back(callback);
  }
  page.Add(CallbackTable(callbacks));
  page.Head("Example");
  AddExample(subject, makings, page);
  return page;
}

}  // namespace

Document PageOf(const Subject& subject, const Makings& makings) {
  switch (subject.category) {
    case Category::kHook:
      return ComposeHook(subject, makings);
    case Category::kVerdict:
      return ComposeVerdict(subject, makings);
    case Category::kWord:
      return ComposeWord(subject, makings);
    case Category::kField:
      return ComposeField(subject, makings);
    case Category::kHelper:
      return HelperPage(*FindHelper(subject.name), makings);
    case Category::kKfunc:
      return KfuncPage(*FindKfunc(subject.name), makings);
    case Category::kStorage:
      return ComposeStorage(subject, makings);
    case Category::kEffect:
      return ComposeEffect(subject, makings);
    case Category::kAttribute:
      return ComposeAttribute(subject, makings);
    case Category::kOption:
      return ComposeOption(subject, makings);
    case Category::kCallback:
      return ComposeCallback(subject, makings);
    case Category::kDiagnostic:
      break;
  }
  return {subject.name, {}};
}

}  // namespace netc::reference
