// Socket options that programs can set and get.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "compiler/hooks/access.h"

namespace netc::hooks {

// Of the kernel's value; the compiler converts from netc's own quantities.
enum class OptionUnit : uint8_t {
  kNumber,
  kYesNo,
  kText,
  kSeconds,
  kMilliseconds,
  kMicroseconds,
  kBytesPerSecond,
  kBytes,
  kPackets,
  kInterface,
};
enum class OptionSockets : uint8_t { kTcp, kAnySocket, kAny6 };

struct SocketOption {
  std::string_view word;    // "sk.congestion"
  std::string_view c_name;  // "TCP_CONGESTION"
  int32_t level = 0;
  int32_t number = 0;
  uint32_t bytes = 0;  // of the value; text is NUL-terminated within
  OptionUnit unit{};
  OptionSockets sockets{};
  KernelVersion since{};       // in bpf_setsockopt
  KernelVersion read_since{};  // in bpf_getsockopt; {0, 0}: never
  int32_t valid = 0;           // a value that the kernel takes
};

std::span<const SocketOption> AllSocketOptions();
const SocketOption* FindSocketOption(std::string_view word_or_c_name);  // or null

// May this hook set the option of its socket? `call` of the answer tells the object.
Access AccessOption(HookId id, const SocketOption& option, KernelVersion floor);

}  // namespace netc::hooks
