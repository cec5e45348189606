// The executable specification: runs a checked program on packets as
// docs/language.md says, without lowering, without C, without a kernel. The kernel's
// runs are compared with it; see docs/decisions/0012-reference-interpreter.md.
//
//   interpret::Machine machine(program);
//   machine.world().now = 5'000'000'000;
//   const interpret::Outcome& outcome = machine.Run(block, packet);
//
// Everything that comparisons need has one form: state as (key, value) sorted by the
// key's bytes, values as section 3 lays them out, events as the records of section 11.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/sema/program.h"

namespace netc::interpret {

// What a program is told of the machine, and what the machine has room for.
struct World {
  uint64_t now = 0;     // nanoseconds
  uint32_t random = 0;  // what each `random()` gives
  uint32_t cpu = 0;
  uint32_t numa_node = 0;
  // Whose copies of per-CPU state the program uses: less than Machine's `processors`.
  uint32_t processor = 0;
  // Words of the hook, as "packet.mark"; those that are not here are 0, but for
  // `packet.protocol`, which the frame says.
  std::vector<std::pair<std::string, uint64_t>> words;
  // Those that are addresses, of either family as an `ip_addr`.
  std::vector<std::pair<std::string, std::array<uint8_t, 16>>> addresses;
  // What the hook's socket is, if that is said: then of the words that need one, those that are
  // given have their value, and those that need more of one are absent.
  std::optional<hooks::Needs> socket;
  // What `ip_protocol` (reuseport) or `ethertype` (cgroup) is of a packet without the
  // header that says it.
  std::optional<uint64_t> protocol;
  // Whether the frame comes from a device: its first VLAN tag is then beside the packet, not in
  // its bytes (net/core/dev.c, __netif_receive_skb_core). In a test run it isn't.
  bool from_device = false;
  uint32_t room_before = 216;   // bytes that XDP can put before a frame
  uint32_t room_behind = 3520;  // that a frame and what is put behind it can have there
  uint32_t skb_most = 16'064;   // bytes of an skb that `grow` and `push` make, at most
};

// How one run ended. Kept by the machine, until its next run.
struct Outcome {
  const hooks::Verdict* verdict = nullptr;  // null where it is not known: see below
  std::optional<uint32_t> rule;             // that decided, if one did
  std::string fault;                        // the last one that was counted
  std::optional<uint64_t> argument;         // of a verdict with a target: slot or interface
  // With the link header, where the packet had one when it was sent.
  std::span<const uint8_t> packet;
  // A VLAN tag that the packet goes on with beside its bytes, kind first; 0: none. A test run
  // doesn't show it, a wire has it in its place.
  uint32_t tag = 0;
  // Records one behind the other; each says its size in its second word.
  std::vector<uint8_t> events;
  // Why the run was given up: the program called what is no part of the language.
  std::string not_interpretable;

  std::vector<object::Bytes> EventRecords() const;
};

struct Fault {
  std::string name;  // "unreadable in guard"
  uint64_t count = 0;
};

class Machine {
 public:
  // Keeps `program`. `processors`: copies of each per-CPU value.
  explicit Machine(const sema::Program& program, uint32_t processors = 1);
  ~Machine();
  Machine(Machine&&) noexcept;
  Machine& operator=(Machine&&) noexcept;

  World& world();

  // Runs a block of Program::hooks on a packet. In the cgroup hooks it begins with an
  // Ethernet header too, which the program doesn't see.
  const Outcome& Run(uint32_t block, std::span<const uint8_t> packet);

  // State and parameters as declared, counts at 0. The world stays.
  void Reset();

  void SetParameter(sema::ParamId parameter, std::span<const uint8_t> value);

  // Keys of prefixes are prefixes, all others as declared; empty where there is none.
  // Put fails where there is no room, or no such index.
  bool Put(sema::StateId state, std::span<const uint8_t> key, std::span<const uint8_t> value);
  bool Remove(sema::StateId state, std::span<const uint8_t> key);
  // Of per-CPU state what its copies come to: section 10.
  std::optional<object::Bytes> Get(sema::StateId state, std::span<const uint8_t> key) const;
  // What a queue or stack gives next; `take`: and takes it out.
  std::optional<object::Bytes> Next(sema::StateId state, bool take);
  // Sorted; of a queue or stack as they come out. Of an array those that are not zero; a state
  // without key has one entry.
  std::vector<object::Entry> Entries(sema::StateId state) const;

  // Since the last Reset: how often each rule decided, by its number, and what failed.
  const std::vector<uint64_t>& rules() const;
  const std::vector<Fault>& faults() const;
  // Why what happened since the last Reset is not determined by the language (an entry
  // gave way, an entry was used behind its removal); empty while it is.
  const std::string& undetermined() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace netc::interpret
