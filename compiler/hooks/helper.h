// Helpers and kfuncs: what a program may call, and with which arguments.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "compiler/hooks/hook_id.h"

namespace netc::hooks {

// Kinds of registers that the verifier takes as one argument; a set of bits.
enum class Args : uint32_t {
  kNone = 0,
  kAny = 1u << 0,          // not checked: any scalar
  kCtx = 1u << 1,          // the program's context
  kMap = 1u << 2,          // a map
  kMem = 1u << 3,          // memory: stack, map value, record of a ring buffer
  kPkt = 1u << 4,          // packet bytes, bounds checked
  kBtfRo = 1u << 5,        // a kernel object by BTF, as memory that is only read
  kSize = 1u << 6,         // size of the memory before it; not zero
  kSizeOrZero = 1u << 7,   // size of the memory before it
  kNull = 1u << 8,         // constant 0
  kCtxSk = 1u << 9,        // the context's socket: field sk; in cc and sweep the BTF socket
  kFullSock = 1u << 10,    // what bpf_sk_fullsock returned
  kTcpSock = 1u << 11,     // what bpf_tcp_sock returned
  kListener = 1u << 12,    // what bpf_get_listener_sock returned
  kBtfSk = 1u << 13,       // what bpf_skc_to_* returned
  kAcquiredSk = 1u << 14,  // a looked-up socket, to be released
  kTask = 1u << 15,        // struct task_struct by BTF
  kCgroupPtr = 1u << 16,   // struct cgroup by BTF
  kDynptr = 1u << 17,      // a dynptr on the stack
  kDynptrUninit = 1u << 18,
  kConstStr = 1u << 19,   // a string in read-only data
  kSpinLock = 1u << 20,   // struct bpf_spin_lock in a map value
  kTimer = 1u << 21,      // struct bpf_timer in a map value
  kCallback = 1u << 22,   // a static function of the program
  kRecord = 1u << 23,     // a reserved record of a ring buffer
  kMapValue = 1u << 24,   // a map value
  kKptrSlot = 1u << 25,   // a kernel pointer in a map value
  kPerCpuPtr = 1u << 26,  // a per-CPU kernel variable by BTF
  kBtf = 1u << 27,        // another kernel object by BTF, as the C signature says
  kKernCtx = 1u << 28,    // what bpf_cast_to_kern_ctx made of the context
};

constexpr Args operator|(Args a, Args b) {
  return static_cast<Args>(static_cast<uint32_t>(a) | static_cast<uint32_t>(b));
}
constexpr bool Takes(Args set, Args kind) {
  return (static_cast<uint32_t>(set) & static_cast<uint32_t>(kind)) != 0;
}

// A form of a call: in these hooks, since that kernel, with these arguments.
struct Call {
  HookSet hooks;
  KernelVersion since{};
  uint8_t arity = 0;
  std::array<Args, 5> arguments{};  // of kfuncs only the first, and only if it is an object
  bool fits = true;                 // false: the kernel knows the call, but no argument fits there
};

enum class CallFlags : uint16_t {
  kNone = 0,
  kGpl = 1 << 0,        // only with a GPL-compatible licence
  kPerfmon = 1 << 1,    // needs CAP_PERFMON
  kSleepable = 1 << 2,  // only in sleepable programs, which netc doesn't make
  kAcquires = 1 << 3,   // what it returns must be released
  kReleases = 1 << 4,   // releases what it is given
  kMayBeNull = 1 << 5,
  kTrusted = 1 << 6,        // takes only pointers that are known to live
  kRcu = 1 << 7,            // takes pointers that live, or are protected by RCU
  kChangesPacket = 1 << 8,  // pointers into the packet die, and its headers may be others behind it
};
constexpr CallFlags operator|(CallFlags a, CallFlags b) {
  return static_cast<CallFlags>(static_cast<uint16_t>(a) | static_cast<uint16_t>(b));
}
constexpr bool Has(CallFlags set, CallFlags flag) {
  return (static_cast<uint16_t>(set) & static_cast<uint16_t>(flag)) != 0;
}

struct Helper {
  std::string_view name;        // "bpf_sk_cgroup_id"
  uint32_t number = 0;          // enum bpf_func_id
  std::string_view result;      // C type
  std::string_view parameters;  // C, as in a prototype
  KernelVersion since{};
  CallFlags flags{};
  std::span<const Call> calls;

  const Call* In(HookId id) const;  // the form in this hook, or null
  HookSet hooks() const;            // where it may be called, on some kernel
};

struct Kfunc {
  std::string_view name;
  std::string_view result;
  std::string_view parameters;
  KernelVersion since{};
  CallFlags flags{};
  std::string_view module;  // where a kernel may keep it; empty: built in
  std::span<const Call> calls;

  const Call* In(HookId id) const;
  HookSet hooks() const;
};

}  // namespace netc::hooks
