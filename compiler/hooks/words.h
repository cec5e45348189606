// Abstract words: one meaning, made of something else in each hook.
#pragma once

#include <span>
#include <string_view>

#include "compiler/hooks/access.h"

namespace netc::hooks {

enum class SourceKind : uint8_t {
  kField,
  kByFamily,
  kPointee,
  kHelper,
  kHelperHigh,
  kHelperText,
  kOption,
};

// When a word has a value. The first four are in order: what has a TCP socket has all.
enum class Needs : uint8_t {
  kNothing,  // always
  kSocket,   // with any socket, also a request or one in TIME_WAIT
  kFull,     // with a full socket
  kTcp,      // with a full TCP socket
  kFound,    // with any socket; without one the value is 0
  kAnswer,   // where the kernel gives one
};

// What is known of a hook's socket.
struct SocketModel {
  Needs least = Needs::kNothing;  // always, kSocket, kFull or kTcp
  Needs full = Needs::kNothing;   // what a full socket is here; kNothing: there is none at all
};
SocketModel SocketModelOf(HookId id);

struct WordSource {
  HookSet hooks;
  SourceKind kind{};
  std::string_view what;  // C member(s), helper, or option; see words.def
  Args object{};          // what it is applied to; kNone: the context itself or nothing
  Needs has{};
};

// What to write in these hooks where the word can't be had.
struct WordInstead {
  HookSet hooks;
  std::string_view advice;
};

struct Word {
  std::string_view name;  // "sk.cgroup_id"
  std::string_view type;  // netc's
  std::string_view meaning;
  uint32_t scale = 1;                   // of a duration: nanoseconds in one of the kernel's units
  std::span<const WordSource> sources;  // cheapest first
  std::span<const WordInstead> instead;
};

struct WordAccess : Access {
  const WordSource* source = nullptr;  // null unless allowed
  // Where it isn't allowed: the helper that it needs and this hook lacks; may be empty.
  std::string_view needs;
  std::string_view instead;  // what to write here; may be empty
};

std::span<const Word> AllWords();
const Word* FindWord(std::string_view name);  // or null
WordAccess AccessWord(HookId id, const Word& word, KernelVersion floor);

}  // namespace netc::hooks
