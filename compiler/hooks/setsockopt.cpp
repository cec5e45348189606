#include "compiler/hooks/setsockopt.h"

#include <algorithm>

#include "compiler/hooks/rows.h"

namespace netc::hooks {
namespace {

using namespace rows;

#define OPTION(word, c_name, level, number, bytes, unit, sockets, since, read_since, valid) \
  {word,  c_name,     level, number, bytes, OptionUnit::unit, OptionSockets::sockets,       \
   since, read_since, valid},
constexpr SocketOption kOptions[] = {
#include "compiler/hooks/setsockopt.def"
};
#undef OPTION

}  // namespace

std::span<const SocketOption> AllSocketOptions() {
  return kOptions;
}

const SocketOption* FindSocketOption(std::string_view word_or_c_name) {
  for (const SocketOption& option : kOptions) {
    if (option.word == word_or_c_name || option.c_name == word_or_c_name) return &option;
  }
  return nullptr;
}

Access AccessOption(HookId id, const SocketOption& option, KernelVersion floor) {
  Access access = AccessHelper(id, *FindHelper("bpf_setsockopt"), floor);
  if (floor < option.since) access.available = {};
  if (access.refusal != Refusal::kNotHere) access.since = std::max(access.since, option.since);
  if (access.allowed() && floor < access.since) access.refusal = Refusal::kTooNew;
  return access;
}

}  // namespace netc::hooks
