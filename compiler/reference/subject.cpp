#include "compiler/reference/subject.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "compiler/base/nearest.h"
#include "compiler/diagnostics/diagnostic.h"
#include "compiler/hooks/cc.h"
#include "compiler/hooks/names.h"
#include "compiler/reference/phrases.h"
#include "compiler/reference/word.h"

namespace netc::reference {

using namespace hooks;

namespace {

constexpr std::array<std::string_view, kCategories> kNames = {
    "hook",    "verdict", "word",      "field",  "helper",   "kfunc",
    "storage", "effect",  "attribute", "option", "callback", "diagnostic"};

// Subjects of one category, by name: rows that share one are one subject.
class Collector {
 public:
  Collector(Category category, std::vector<Subject>& subjects)
      : category_(category), subjects_(subjects) {}

  void Add(std::string name, std::vector<std::string> aliases, std::string summary) {
    auto [place, is_new] = index_.try_emplace(name, subjects_.size());
    if (is_new) subjects_.push_back({category_, std::move(name), {}, std::move(summary)});
    Subject& subject = subjects_[place->second];
    for (std::string& alias : aliases) {
      const bool known =
          alias.empty() || alias == subject.name ||
          std::find(subject.aliases.begin(), subject.aliases.end(), alias) != subject.aliases.end();
      if (!known) subject.aliases.push_back(std::move(alias));
    }
  }

 private:
  Category category_;
  std::vector<Subject>& subjects_;
  std::map<std::string, size_t> index_;
};

void AddHooks(std::vector<Subject>& subjects) {
  Collector hooks(Category::kHook, subjects);
  for (const Hook& hook : AllHooks()) {
    const CcMember* member = FindCcMember(hook.id);
    hooks.Add(std::string(hook.name),
              {std::string(Name(hook.prog_type)), std::string(Name(hook.attach_type)),
               std::string(member != nullptr ? member->name : ""), std::string(hook.section)},
              std::string(hook.summary));
  }
  for (const std::string& name : AllNames()) {
    const Resolved resolved = *ResolveName(name);
    if (resolved.lsm != nullptr) {
      hooks.Add(name, {std::string(resolved.lsm->name)}, "a security check of the kernel");
    } else {
      hooks.Add(name, {}, HooksPhrase(resolved.hooks));
    }
  }
}

void AddVerdicts(std::vector<Subject>& subjects) {
  Collector verdicts(Category::kVerdict, subjects);
  std::map<std::string_view, HookSet> where;
  for (const Hook& hook : AllHooks()) {
    for (const Verdict& verdict : hook.verdicts) {
      where[verdict.word] = where[verdict.word] | hook.id;
    }
  }
  for (const Hook& hook : AllHooks()) {
    for (const Verdict& verdict : hook.verdicts) {
      const bool constant = verdict.c_name.find('_') != std::string_view::npos;
      verdicts.Add(std::string(verdict.word),
                   {constant ? std::string(verdict.c_name) : std::string()},
                   "ends " + HooksPhrase(where[verdict.word]));
    }
  }
}

void AddFields(std::vector<Subject>& subjects) {
  std::map<std::string_view, std::set<std::string_view>> contexts;
  for (const Hook& hook : AllHooks()) {
    for (const Field& field : hook.fields) contexts[field.name].insert(field.context);
  }
  for (const PointeeField& row : AllPointeeFields()) {
    contexts[row.field.name].insert(row.field.context);
  }
  Collector fields(Category::kField, subjects);
  const auto add = [&](const Field& field) {
    std::string of;
    for (std::string_view context : contexts[field.name]) {
      of += fmt::format("{}{}", of.empty() ? "" : ", ", context);
    }
    fields.Add(std::string(field.name), {fmt::format("{}.{}", field.context, field.name)},
               "member of " + of);
  };
  for (const Hook& hook : AllHooks()) {
    for (const Field& field : hook.fields) add(field);
  }
  for (const PointeeField& row : AllPointeeFields()) add(row.field);
}

void AddCalls(std::vector<Subject>& subjects) {
  constexpr size_t kPrefix = 4;  // "bpf_"
  Collector helpers(Category::kHelper, subjects);
  for (const Helper& helper : AllHelpers()) {
    helpers.Add(std::string(helper.name), {std::string(helper.name.substr(kPrefix))},
                "function of the kernel, called by number");
  }
  Collector kfuncs(Category::kKfunc, subjects);
  for (const Kfunc& kfunc : AllKfuncs()) {
    const bool prefixed = kfunc.name.starts_with("bpf_");
    kfuncs.Add(std::string(kfunc.name),
               {std::string(prefixed ? kfunc.name.substr(kPrefix) : std::string_view())},
               "function of the kernel, called by its BTF name");
  }
}

void AddOthers(std::vector<Subject>& subjects) {
  Collector storage(Category::kStorage, subjects);
  for (const MapType& map : AllMapTypes()) {
    storage.Add(MapName(map), {CNameOf(map), std::string(map.name)}, "type of a map");
  }
  Collector effects(Category::kEffect, subjects);
  for (const Effect& effect : AllEffects()) {
    const std::string whole = effect.kind.empty() ? std::string(effect.word)
                                                  : fmt::format("{} {}", effect.word, effect.kind);
    effects.Add(whole, {std::string(effect.word), std::string(effect.kind)},
                std::string(effect.meaning));
  }
  Collector attributes(Category::kAttribute, subjects);
  for (const Hook& hook : AllHooks()) {
    for (const AttachAttribute& attribute : hook.attributes) {
      attributes.Add(std::string(attribute.name), {},
                     fmt::format("where or how a block is attached: {}", attribute.meaning));
    }
  }
  Collector options(Category::kOption, subjects);
  for (const SocketOption& option : AllSocketOptions()) {
    options.Add(std::string(option.c_name), {}, fmt::format("socket option, `{}`", option.word));
  }
  Collector callbacks(Category::kCallback, subjects);
  for (const Callback& callback : AllCallbacks()) {
    callbacks.Add(std::string(callback.word),
                  {std::string(callback.c_name), std::string(callback.flag)},
                  "event of a TCP connection, in sockops");
  }
  Collector diagnostics(Category::kDiagnostic, subjects);
  for (diag::Kind kind : diag::AllKinds()) {
    diagnostics.Add(std::string(diag::Name(kind)), {}, "error or warning of netc");
  }
}

std::vector<Subject> Collect() {
  std::vector<Subject> subjects;
  AddHooks(subjects);
  AddVerdicts(subjects);
  Collector words(Category::kWord, subjects);
  for (const std::string& word : AllWrittenWords()) {
    words.Add(word, {WordAlias(word)}, WordMeaning(word));
  }
  AddFields(subjects);
  AddCalls(subjects);
  AddOthers(subjects);
  return subjects;
}

bool Is(const Subject& subject, std::string_view word) {
  return subject.name == word ||
         std::find(subject.aliases.begin(), subject.aliases.end(), word) != subject.aliases.end();
}

}  // namespace

std::string_view Name(Category category) {
  return kNames[static_cast<size_t>(category)];
}

std::optional<Category> FindCategory(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Category>(found - kNames.begin());
}

const std::vector<Subject>& AllSubjects() {
  static const std::vector<Subject> subjects = Collect();
  return subjects;
}

// A name as it stands goes before one that is another's alias.
std::vector<const Subject*> Find(std::string_view word, std::optional<Category> category) {
  std::vector<const Subject*> found;
  for (const Subject& subject : AllSubjects()) {
    if (category && subject.category != *category) continue;
    if (Is(subject, word)) found.push_back(&subject);
  }
  if (category) {
    const auto exact = std::find_if(found.begin(), found.end(),
                                    [&](const Subject* subject) { return subject->name == word; });
    if (exact != found.end()) return {*exact};
  }
  return found;
}

std::vector<std::string> NearNames(std::string_view word, std::optional<Category> category) {
  std::vector<std::string> names;
  for (const Subject& subject : AllSubjects()) {
    if (category && subject.category != *category) continue;
    names.push_back(subject.name);
    names.insert(names.end(), subject.aliases.begin(), subject.aliases.end());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return NearestNames(word, names);
}

}  // namespace netc::reference
