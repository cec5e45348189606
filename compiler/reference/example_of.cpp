#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <type_traits>

#include "compiler/hooks/access.h"
#include "compiler/hooks/maps.h"
#include "compiler/hooks/names.h"
#include "compiler/hooks/sockops.h"
#include "compiler/reference/example.h"
#include "compiler/reference/page_parts.h"
#include "compiler/reference/phrases.h"
#include "compiler/reference/word.h"

namespace netc::reference {

using namespace hooks;

namespace {

// Those that are called back.
HookSet HooksThatReply() {
  HookSet hooks;
  for (const Hook& hook : AllHooks()) {
    if (hook.FindVerdict("reply") != nullptr) hooks = hooks | hook.id;
  }
  return hooks;
}

// Hooks that can be written behind `on`, one of each kind of program: to try all 56
// would take a second.
HookSet OneOfEachType(HookSet hooks) {
  HookSet some;
  std::set<ProgType> seen;
  for (HookId id : hooks) {
    if (seen.insert(Get(id).prog_type).second) some = some | id;
  }
  return some;
}

// To try more would take longer than a reader waits.
HookSet Few(HookSet hooks) {
  constexpr size_t kMost = 4;
  HookSet few;
  for (HookId id : OneOfEachType(hooks)) {
    if (few.size() < kMost) few = few | id;
  }
  return few;
}

bool IsWordChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// `name` stands in the C as a whole word.
Shows Contains(std::string name) {
  return [name = std::move(name)](const std::string& c) {
    for (size_t at = c.find(name); at != std::string::npos; at = c.find(name, at + 1)) {
      const bool begins = at == 0 || !IsWordChar(c[at - 1]);
      const size_t end = at + name.size();
      if (begins && (end == c.size() || !IsWordChar(c[end]))) return true;
    }
    return false;
  };
}

std::string ForHook(std::string_view name, const Translate& translate) {
  const auto resolved = ResolveName(name);
  if (!resolved) {
    // A row that stands for several, by the name of one of them.
    const Hook* row = FindHook(name);
    const std::string one = row != nullptr ? ExampleName(*row) : std::string(name);
    return one == name ? std::string() : ForHook(one, translate);
  }
  const Hook& hook = Get(*resolved->hooks.begin());
  const std::string end = hook.at_end != nullptr ? fmt::format("{};\n", hook.at_end->word) : "";
  std::string pipeline = Pipeline(name, hook.since, {"", end});
  const std::optional<std::string> c = translate(pipeline);
  return c && HasProgramOf(hook, *c) ? pipeline : std::string();
}

std::string ForVerdict(std::string_view word, const Translate& translate) {
  for (const Hook& hook : AllHooks()) {
    const Verdict* verdict = hook.FindVerdict(word);
    if (verdict == nullptr) continue;
    std::string example = FirstAccepted(hook.id, hook.since, VerdictSketches(*verdict), translate);
    if (!example.empty()) return example;
  }
  return {};
}

std::string ForWord(std::string_view word, const Translate& translate) {
  HookSet hooks;
  KernelVersion since = kAnyKernel;
  for (const Hook& hook : AllHooks()) {
    const WordUse use = UseOf(word, hook.id);
    if (use.made_of.empty()) continue;
    hooks = hooks | hook.id;
    since = std::min(since, use.since);
  }
  // The first kernel that has it somewhere need not be that of the hook it is shown in.
  for (HookId id : OneOfEachType(hooks)) {
    since = std::max(UseOf(word, id).since, kOldestKernel);
    std::string example = FirstAccepted(id, since, ReadSketches(word), translate);
    if (example.empty()) example = FirstAccepted(id, since, SetSketches(word), translate);
    if (!example.empty()) return example;
  }
  return {};
}

std::string ForField(std::string_view member, const Translate& translate) {
  for (const FieldUse& use : AllFieldUses()) {
    if (use.field != member || use.statements.empty()) continue;
    HookSet hooks;
    for (const Hook& hook : AllHooks()) {
      if (hook.FindField(member) != nullptr) hooks = hooks | hook.id;
    }
    return FirstAccepted(OneOfEachType(hooks), kOldestKernel, {{"", std::string(use.statements)}},
                         translate, Contains("ctx->" + std::string(member)));
  }
  for (const Hook& hook : AllHooks()) {
    for (const Field& field : hook.fields) {
      if (field.name != member || field.word.empty()) continue;
      std::string example = ForWord(field.word, translate);
      if (!example.empty()) return example;
    }
  }
  for (const PointeeField& row : AllPointeeFields()) {
    if (row.field.name != member || row.field.word.empty()) continue;
    std::string example = ForWord(row.field.word, translate);
    if (!example.empty()) return example;
  }
  return {};
}

HookSet HandOn(const Helper&) {
  return {};
}
HookSet HandOn(const Kfunc& kfunc) {
  return HooksThatHandOn(kfunc);
}

template <typename Function>
std::string ForCall(const Function& function, const Translate& translate) {
  const Shows shows = Contains(std::string(function.name));
  std::vector<Sketch> sketches;
  for (const Word& word : AllWords()) {
    for (const WordSource& source : word.sources) {
      if (source.what != function.name) continue;
      for (Sketch& sketch : ReadSketches(word.name)) sketches.push_back(std::move(sketch));
      break;
    }
  }
  for (const Effect& effect : AllEffects()) {
    if (effect.helper != function.name) continue;
    for (Sketch& sketch : EffectSketches(effect)) sketches.push_back(std::move(sketch));
  }
  if (std::is_same_v<Function, Helper>) {
    for (Sketch& sketch : StorageSketches()) sketches.push_back(std::move(sketch));
  }
  std::string example =
      FirstAccepted(Few(function.hooks()), function.since, sketches, translate, shows);
  if (!example.empty()) return example;
  // By its own name, where no word and no state leads to it.
  for (HookId id : Few(function.hooks()) | HandOn(function)) {
    KernelVersion since = std::max(function.since, Since(id, *function.In(id)));
    example = FirstAccepted(id, since, CallSketches(function, id), translate, shows);
    if (!example.empty()) return example;
  }
  return {};
}

std::string ForStorage(std::string_view name, const Translate& translate) {
  for (const MapType& map : AllMapTypes()) {
    if (MapName(map) != name) continue;
    const Shows shows = Contains(CNameOf(map));
    for (const MapUse& use : map.uses) {
      for (HookId id : Few(use.hooks)) {
        const KernelVersion since = AccessMap(id, map, use.helper, kAnyKernel).since;
        std::string example = FirstAccepted(id, since, StorageSketches(), translate, shows);
        if (!example.empty()) return example;
      }
    }
  }
  return {};
}

std::string ForEffect(std::string_view name, const Translate& translate) {
  for (const Effect& effect : AllEffects()) {
    const std::string whole = effect.kind.empty()
                                  ? std::string(effect.word)
                                  : std::string(effect.word) + " " + std::string(effect.kind);
    if (whole != name) continue;
    std::string example =
        FirstAccepted(OneOfEachType(effect.hooks), effect.since, EffectSketches(effect), translate);
    if (!example.empty()) return example;
    // One that a kfunc is all of is written by its name.
    const Kfunc* kfunc = FindKfunc(effect.helper);
    if (kfunc != nullptr) example = ForCall(*kfunc, translate);
    if (!example.empty()) return example;
  }
  return {};
}

std::string ForAttribute(std::string_view name, const Translate& translate) {
  for (const Hook& hook : AllHooks()) {
    for (const AttachAttribute& attribute : hook.attributes) {
      if (attribute.name != name) continue;
      std::string example = ForHook(hook.name, translate);
      const std::string text =
          std::string(name) + ": " +
          (attribute.initial.empty() ? "self" : std::string(attribute.initial));
      if (example.find(std::string(name) + ": ") != std::string::npos) return example;
      // One that need not be given: its value without it, behind those that must.
      const size_t close = example.find(") {\n");
      const size_t open = example.find(" {\n");
      if (example.empty() || open == std::string::npos) continue;
      close != std::string::npos ? example.insert(close, ", " + text)
                                 : example.insert(open, " (" + text + ")");
      if (translate(example)) return example;
    }
  }
  return {};
}

std::string ForCallback(std::string_view word, const Translate& translate) {
  for (const Callback& callback : AllCallbacks()) {
    if (callback.word != word) continue;
    const std::string begin = "case " + std::string(word) + " {\n    ";
    return FirstAccepted(HooksThatReply(), callback.since,
                         {{"", begin + "reply 200ms;\n}\n"},
                          {"", begin + "reply 10;\n}\n"},
                          {"", begin + "reply true;\n}\n"},
                          {"", begin + "pass;\n}\n"}},
                         translate);
  }
  return {};
}

// What C that calls, keeps or reads the subject has in it; empty if C says nothing of it.
std::string InC(const Subject& subject) {
  switch (subject.category) {
    case Category::kHelper:
    case Category::kKfunc:
      return subject.name + "(";
    case Category::kStorage:
      for (const MapType& map : AllMapTypes()) {
        if (MapName(map) == subject.name) return CNameOf(map) + ")";
      }
      return {};
    case Category::kField:
      return "->" + subject.name;
    default:
      return {};
  }
}

// Declarations alone show nothing.
bool Shown(const std::string& text, const std::string& c) {
  for (size_t at = c.find(text); at != std::string::npos; at = c.find(text, at + 1)) {
    const bool begins = !IsWordChar(text[0]) || at == 0 || !IsWordChar(c[at - 1]);
    const size_t end = at + text.size();
    const bool ends = !IsWordChar(text.back()) || end == c.size() || !IsWordChar(c[end]);
    const size_t line = c.rfind('\n', at) + 1;
    if (begins && ends && c.compare(line, 7, "extern ") != 0) return true;
  }
  return false;
}

// The shortest says most plainly what is meant.
Example FromC(const Subject& subject, const std::vector<CExample>& examples) {
  const std::string text = InC(subject);
  if (text.empty()) return {};
  const CExample* found = nullptr;
  for (const CExample& each : examples) {
    if (!Shown(text, each.header)) continue;
    if (found == nullptr || each.header.size() < found->header.size()) found = &each;
  }
  if (found == nullptr) return {};
  return {found->pipeline, found->name + ".h", found->header};
}

std::string OfPipeline(const Subject& subject, const Translate& translate) {
  switch (subject.category) {
    case Category::kHook:
      return ForHook(subject.name, translate);
    case Category::kVerdict:
      return ForVerdict(subject.name, translate);
    case Category::kWord:
      return ForWord(subject.name, translate);
    case Category::kField:
      return ForField(subject.name, translate);
    case Category::kHelper:
      return ForCall(*FindHelper(subject.name), translate);
    case Category::kKfunc:
      return ForCall(*FindKfunc(subject.name), translate);
    case Category::kStorage:
      return ForStorage(subject.name, translate);
    case Category::kEffect:
      return ForEffect(subject.name, translate);
    case Category::kAttribute:
      return ForAttribute(subject.name, translate);
    case Category::kOption:
      return ForWord(FindSocketOption(subject.name)->word, translate);
    case Category::kCallback:
      return ForCallback(subject.name, translate);
    case Category::kDiagnostic:
      break;
  }
  return {};
}

}  // namespace

bool CanBeUsed(const Subject& subject) {
  const auto by = [](const auto& function, auto access) {
    for (HookId id : function.hooks()) {
      if (access(id, function, kAnyKernel).allowed()) return true;
    }
    return false;
  };
  if (subject.category == Category::kHelper) return by(*FindHelper(subject.name), AccessHelper);
  if (subject.category == Category::kKfunc) return by(*FindKfunc(subject.name), AccessKfunc);
  return true;
}

Example ExampleOf(const Subject& subject, const Makings& makings) {
  if (!CanBeUsed(subject)) return {};
  const std::string pipeline = OfPipeline(subject, makings.translate);
  return pipeline.empty() ? FromC(subject, makings.c) : Example{pipeline, {}, {}};
}

}  // namespace netc::reference
