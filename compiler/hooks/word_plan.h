// How a hook reads and writes a word of the language, whichever table names it: abstract
// words (words.def), fields of the context, what stands behind socket pointers, and
// socket options.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/hooks/setsockopt.h"
#include "compiler/hooks/words.h"

namespace netc::hooks {

enum class WordType : uint8_t {
  kNone,  // no single value: the whole socket, an array
  kCondition,
  kBool,
  kU8,
  kU16,
  kU32,
  kU64,
  kI32,
  kPort,
  kIpv4,
  kIpv6,
  kIp,  // of either family
  kDuration,
  kSize,
  kBitrate,
  kText,  // 16 bytes with a NUL
};

struct WordPlan : Access {
  WordSource source;  // if allowed
  WordType type{};
  uint32_t scale = 1;             // nanoseconds in one of the kernel's units
  const Field* field = nullptr;   // kField, kByFamily, kPointee: the only one, or that of IPv4
  const Field* field6 = nullptr;  // the one of IPv6, where there are two
  const SocketOption* option = nullptr;
  std::string_view needs;    // if not allowed: the helper that is missing; may be empty
  std::string_view instead;  // what to write here; may be empty
};

// Whether any table has the word.
bool IsWord(std::string_view word);
// How the hook reads it. Without `available`, which HooksThatRead tells.
WordPlan PlanRead(HookId id, std::string_view word, KernelVersion floor);
// "cgroup.ingress, cgroup.egress (since 5.8)"; empty if none can.
std::string HooksThatRead(std::string_view word);
// "tc.ingress, tc.egress (since 5.8); sweep (since 5.9)"
std::string Grouped(const std::map<KernelVersion, HookSet>& by_kernel);

// How the hook writes it: a field of the context, or an option of the socket.
struct WordWrite : Access {
  WordType type{};
  const Field* field = nullptr;
  const SocketOption* option = nullptr;
  Args object{};  // of an option: kCtx or kCtxSk
};
WordWrite PlanWrite(HookId id, std::string_view word, KernelVersion floor);
std::string HooksThatWrite(std::string_view word);

WordType TypeOfField(const Field& field);
WordType TypeOfOption(const SocketOption& option);

// All words that something can be written for, for near matches.
std::vector<std::string> WordsOf(HookId id);

}  // namespace netc::hooks
