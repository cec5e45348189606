#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <type_traits>

#include "compiler/hooks/access.h"
#include "compiler/hooks/names.h"
#include "compiler/hooks/sockops.h"
#include "compiler/reference/example.h"
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

std::string ForHook(std::string_view name, const Translate& translate) {
  const auto resolved = ResolveName(name);
  if (!resolved) return {};
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
    HookSet hooks;
    for (const MapUse& use : map.uses) hooks = hooks | use.hooks;
    return FirstAccepted(Few(hooks), map.since, StorageSketches(), translate,
                         Contains(MapCName(map)));
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

}  // namespace

std::string ExampleOf(const Subject& subject, const Translate& translate) {
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

}  // namespace netc::reference
