// A hook with everything the tables say of it.
#pragma once

#include <span>
#include <string_view>

#include "compiler/hooks/attach.h"
#include "compiler/hooks/field.h"
#include "compiler/hooks/hook_id.h"
#include "compiler/hooks/verdict.h"

namespace netc::hooks {

enum class ProgType : uint8_t {
#define ATTACH_TYPE(...)
#define PROG_TYPE(id, number, name) k##id = number,
#include "compiler/hooks/types.def"
#undef PROG_TYPE
#undef ATTACH_TYPE
};
enum class AttachType : uint8_t {
#define PROG_TYPE(...)
#define ATTACH_TYPE(id, number, name) k##id = number,
#include "compiler/hooks/types.def"
#undef PROG_TYPE
#undef ATTACH_TYPE
};
// C names, e.g. "BPF_PROG_TYPE_XDP".
std::string_view Name(ProgType type);
std::string_view Name(AttachType type);

// Where the bytes begin that a program can reach.
enum class PacketStart : uint8_t {
  kNone,       // no packet
  kFrame,      // at the link-layer header
  kNetwork,    // at the IPv4 or IPv6 header
  kTransport,  // at the TCP or UDP header
  kOption,     // no packet: the bytes of a socket option's value
};

struct PacketModel {
  PacketStart start{};
  bool direct_read = false;  // through pointers, after a bounds check
  bool direct_write = false;
  std::string_view pull;   // helper that makes bytes directly readable; may be empty
  std::string_view load;   // helper that copies bytes out; may be empty
  std::string_view store;  // helper that copies bytes in; may be empty
  std::string_view frags;  // how bytes beyond the linear part are reached; may be empty
};

// Whether a run of the program can be interrupted, on the same CPU, by another run
// of the same program. If so: atomics, and no per-CPU scratch (language.md, rule 8).
enum class Reentry : uint8_t {
  kNone,        // bottom halves are off and nothing nests
  kNested,      // by itself, when it clones a packet into a device it is attached to
  kInterrupted  // by a soft interrupt or by preemption
};

struct Hook {
  HookId id{};
  std::string_view name;  // as written behind `on`, e.g. "cgroup.connect4"
  ProgType prog_type{};
  AttachType attach_type{};  // expected attach type at load
  std::string_view section;  // libbpf's
  std::string_view context;  // C type behind the program's argument, e.g. "xdp_md"
  KernelVersion since{};
  std::string_view summary;  // what it sees; a noun phrase

  PacketModel packet;
  Reentry reentry{};
  AttachModel attach;
  TestRun test_run;
  Returns returns;

  std::span<const Field> fields;  // in the order of the context struct
  std::span<const Verdict> verdicts;
  std::span<const Misread> misreads;
  std::span<const AttachAttribute> attributes;
  const Verdict* at_end = nullptr;      // null in cc: members return values
  const Verdict* unreadable = nullptr;  // null without headers
  const Verdict* abort = nullptr;       // null in cc

  const Verdict* FindVerdict(std::string_view word) const;      // or null
  const Field* FindField(std::string_view word_or_name) const;  // netc word or C member; or null
};

}  // namespace netc::hooks
