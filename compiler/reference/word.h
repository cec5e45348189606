// Words of a pipeline about packets and sockets: all that rows of the tables name so,
// whether abstract, a field of a context, a socket option or a connection's in cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/hooks/hook_id.h"

namespace netc::reference {

std::vector<std::string> AllWrittenWords();
std::string WordMeaning(std::string_view word);
// "per socket" of "storage.socket"; else empty.
std::string WordAlias(std::string_view word);

// What a word is in one hook.
struct WordUse {
  std::string made_of;  // in C; empty: the hook has none
  std::string access;   // "read", "read, write", "set"
  hooks::KernelVersion since{};
  std::string instead;  // what to write where there is none; may be empty
  std::string needs;    // the helper that is missing; may be empty
};
WordUse UseOf(std::string_view word, hooks::HookId id);

}  // namespace netc::reference
