// The callbacks of sockops: which events come, and what can be done in them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "compiler/hooks/hook_id.h"

namespace netc::hooks {

enum class CallbackSocket : uint8_t {
  kFull,       // the context's sk is a full socket
  kActive,     // only where this machine connects; else a request without sk
  kNotSynAck,  // unless a SYN-ACK is being built
};
// What `reply` answers, in the kernel's unit.
enum class CallbackReply : uint8_t { kNothing, kJiffies, kPackets, kYesNo, kMicroseconds };
// What can be done with options of the TCP header.
enum class HeaderOptions : uint8_t { kNoOptions, kReads, kReserves, kWrites };

struct Callback {
  std::string_view word;  // behind `case`; several callbacks may share one
  std::string_view c_name;
  uint32_t number = 0;  // value of bpf_sock_ops.op
  KernelVersion since{};
  std::string_view flag;  // C name; empty: the callback always comes
  CallbackSocket socket{};
  CallbackReply reply{};
  HeaderOptions options{};
};

struct CallbackFlag {
  std::string_view c_name;
  uint32_t value = 0;
};

std::span<const Callback> AllCallbacks();
std::span<const CallbackFlag> AllCallbackFlags();
uint32_t FlagValue(const Callback& callback);  // 0 if it always comes
bool HasCallbacks(HookId hook);

}  // namespace netc::hooks
