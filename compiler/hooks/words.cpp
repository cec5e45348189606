#include "compiler/hooks/words.h"

#include <algorithm>
#include <array>

#include "compiler/hooks/hook_sets.h"
#include "compiler/hooks/per_hook.h"
#include "compiler/hooks/rows.h"
#include "compiler/hooks/setsockopt.h"

namespace netc::hooks {
namespace {

using namespace rows;
using enum Args;

#define WORD(...)
#define INSTEAD(...)
#define SCALE(...)
#define SOCKET(...)
#define SOURCE(word, hooks, kind, what, object, has) \
  {word, {hooks, SourceKind::kind, what, object, Needs::has}},
struct NamedSource {
  std::string_view word;
  WordSource value;
};
constexpr NamedSource kSourceRows[] = {
#include "compiler/hooks/words.def"
};
#undef SOURCE
#undef INSTEAD
#undef SCALE
#define SOURCE(...)
#define SCALE(word, nanoseconds) {word, nanoseconds},
#define INSTEAD(...)
constexpr std::pair<std::string_view, uint32_t> kScales[] = {
#include "compiler/hooks/words.def"
};
#undef SCALE
#undef INSTEAD
#undef SOCKET
#define SCALE(...)
#define INSTEAD(...)
#define SOCKET(hooks, least, full) {hooks, {Needs::least, Needs::full}},
constexpr Row<SocketModel> kSocketRows[] = {
#include "compiler/hooks/words.def"
};
#undef INSTEAD
#undef SOCKET
#define SOCKET(...)
#define INSTEAD(word, hooks, advice) {word, {hooks, advice}},
struct NamedInstead {
  std::string_view word;
  WordInstead value;
};
constexpr NamedInstead kInsteadRows[] = {
#include "compiler/hooks/words.def"
};
#undef WORD
#undef INSTEAD

constexpr uint32_t ScaleOf(std::string_view word) {
  for (const auto& [name, nanoseconds] : kScales) {
    if (name == word) return nanoseconds;
  }
  return 1;
}

template <typename T, typename Named, size_t kRows>
constexpr std::array<T, kRows> Values(const Named (&rows)[kRows]) {
  std::array<T, kRows> values{};
  for (size_t i = 0; i < kRows; ++i) values[i] = rows[i].value;
  return values;
}
constexpr auto kSources = Values<WordSource>(kSourceRows);
constexpr auto kInstead = Values<WordInstead>(kInsteadRows);

// Rows of one word are neighbours.
template <typename T, typename Named, size_t kRows>
constexpr std::span<const T> Of(std::string_view word, const Named (&rows)[kRows],
                                const std::array<T, kRows>& values) {
  size_t first = 0;
  while (first < kRows && rows[first].word != word) ++first;
  size_t last = first;
  while (last < kRows && rows[last].word == word) ++last;
  return std::span<const T>(values).subspan(first, last - first);
}

#define INSTEAD(...)
#define WORD(name, type, meaning)   \
  {name,                            \
   type,                            \
   meaning,                         \
   ScaleOf(name),                   \
   Of(name, kSourceRows, kSources), \
   Of(name, kInsteadRows, kInstead)},
constexpr Word kWords[] = {
#include "compiler/hooks/words.def"
};
#undef WORD
#undef INSTEAD
#undef SOURCE
#undef SCALE
#undef SOCKET

// First member of "remote_ip4 remote_ip6".
std::string_view FirstOf(std::string_view members) {
  return members.substr(0, members.find(' '));
}

Access AccessSource(HookId id, const WordSource& source, KernelVersion floor) {
  switch (source.kind) {
    case SourceKind::kHelper:
    case SourceKind::kHelperHigh:
    case SourceKind::kHelperText:
      return AccessHelper(id, *FindHelper(source.what), floor);
    case SourceKind::kOption: {
      Access access = AccessHelper(id, *FindHelper("bpf_getsockopt"), floor);
      access.since = std::max(access.since, FindSocketOption(source.what)->read_since);
      if (access.allowed() && floor < access.since) access.refusal = Refusal::kTooNew;
      return access;
    }
    case SourceKind::kPointee:
      if (source.object == kFullSock)
        return AccessHelper(id, *FindHelper("bpf_sk_fullsock"), floor);
      if (source.object == kTcpSock) return AccessHelper(id, *FindHelper("bpf_tcp_sock"), floor);
      [[fallthrough]];
    case SourceKind::kField:
    case SourceKind::kByFamily:
      break;
  }
  Access access;
  const std::string_view member =
      source.kind == SourceKind::kPointee ? std::string_view("sk") : FirstOf(source.what);
  const Field* field = Get(id).FindField(member);
  access.since = std::max(Get(id).since, field == nullptr ? KernelVersion{} : field->since);
  if (field == nullptr) access.refusal = Refusal::kNotHere;
  if (access.allowed() && floor < access.since) access.refusal = Refusal::kTooNew;
  return access;
}

// The first source of the hook that the kernel has; else the one that is nearest.
WordAccess BestSource(HookId id, const Word& word, KernelVersion floor) {
  WordAccess best;
  best.refusal = Refusal::kNotHere;
  for (const WordSource& source : word.sources) {
    if (!source.hooks.has(id)) continue;
    WordAccess access{AccessSource(id, source, floor)};
    if (access.allowed()) {
      access.source = &source;
      return access;
    }
    if (best.refusal == Refusal::kNotHere || access.since < best.since) best = access;
  }
  return best;
}

}  // namespace

SocketModel SocketModelOf(HookId id) {
  return OneOf(kSocketRows, id);
}

std::span<const Word> AllWords() {
  return kWords;
}

const Word* FindWord(std::string_view name) {
  for (const Word& word : kWords) {
    if (word.name == name) return &word;
  }
  return nullptr;
}

WordAccess AccessWord(HookId id, const Word& word, KernelVersion floor) {
  WordAccess access = BestSource(id, word, floor);
  access.available = {};
  for (const Hook& hook : AllHooks()) {
    if (BestSource(hook.id, word, floor).allowed()) access.available = access.available | hook.id;
  }
  if (access.allowed()) return access;
  for (const WordSource& source : word.sources) {
    bool helper = source.kind == SourceKind::kHelper || source.kind == SourceKind::kHelperHigh ||
                  source.kind == SourceKind::kHelperText;
    if (access.needs.empty() && helper) access.needs = source.what;
    if (access.needs.empty() && source.kind == SourceKind::kOption) access.needs = "bpf_getsockopt";
  }
  for (const WordInstead& instead : word.instead) {
    if (instead.hooks.has(id)) access.instead = instead.advice;
  }
  return access;
}

}  // namespace netc::hooks
