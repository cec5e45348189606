// What the columns of the hook tables say, in words.
#pragma once

#include <string>
#include <string_view>

#include "compiler/hooks/hooks.h"
#include "compiler/hooks/maps.h"
#include "compiler/hooks/setsockopt.h"
#include "compiler/hooks/sockops.h"
#include "compiler/hooks/stack.h"
#include "compiler/hooks/words.h"

namespace netc::reference {

// Newer than every kernel: asks what is possible at all.
inline constexpr hooks::KernelVersion kAnyKernel{255, 255};

std::string Ticked(std::string_view code);  // in backticks; empty stays empty

// "6.1", or "never" for {0, 0}.
std::string Version(hooks::KernelVersion version);

// "all", "all but cc, sweep" or "tc.ingress, tc.egress", whichever is shortest.
std::string HooksPhrase(hooks::HookSet hooks);

// The object that a call takes in this hook: "ctx", "ctx->sk (full socket)", "BTF socket".
std::string ArgumentPhrase(hooks::HookId id, hooks::Args args);
// All arguments of a call, in order.
std::string ArgumentsPhrase(hooks::HookId id, const hooks::Call& call);
// Only the socket or context among them: what the second of the common questions asks.
std::string ObjectPhrase(hooks::HookId id, const hooks::Call& call);

// "GPL, CAP_PERFMON", empty if it needs nothing.
std::string NeedsPhrase(hooks::CallFlags flags);

// "1, 2 or 4 bytes", "never".
std::string WidthsPhrase(const hooks::Widths& widths);
// "read 4 bytes; write 4 bytes"
std::string AccessPhrase(const hooks::Field& field);
std::string YieldsPhrase(hooks::Yields yields);

// What an abstract word is made of in a hook.
std::string SourcePhrase(hooks::HookId id, const hooks::WordSource& source);

std::string FormPhrase(hooks::VerdictForm form);  // what the word takes; may be empty
std::string EndsPhrase(hooks::Ends ends);
std::string ScopePhrase(hooks::AttachScope scope);
std::string LegacyPhrase(hooks::Legacy legacy);
std::string ReentryPhrase(hooks::Reentry reentry);
std::string StartPhrase(hooks::PacketStart start);
std::string OwnerPhrase(hooks::MapOwner owner);
std::string ChangesPhrase(hooks::Changes changes);
std::string UnitPhrase(hooks::OptionUnit unit);
std::string SocketsPhrase(hooks::OptionSockets sockets);
std::string PointerPhrase(hooks::Pointer pointer);
std::string CallbackSocketPhrase(hooks::CallbackSocket socket);
std::string CallbackReplyPhrase(hooks::CallbackReply reply);
std::string HeaderOptionsPhrase(hooks::HeaderOptions options);
std::string WayPhrase(hooks::Way way);
std::string AttributeTypePhrase(hooks::AttributeType type);

// "LpmTrie" is the kernel's "lpm_trie", in C "BPF_MAP_TYPE_LPM_TRIE".
std::string MapName(const hooks::MapType& map);

}  // namespace netc::reference
