// The BPF map behind a state: entries in and out. Works on any descriptor of the
// map, so that `netc state` can look at a pipeline that another process runs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "compiler/object/object_info.h"
#include "runtime/failure.h"
#include "runtime/fd.h"
#include "runtime/process_socket.h"

namespace netc::runtime {

class StateMap {
 public:
  // Keeps `fd` and `state`, owns neither. Fails if the map's key or value has
  // another size than the state says.
  static Result<StateMap> Open(int fd, const object::State& state);

  // Adds the entries or replaces them; all at once where the kernel can.
  // Sockets that slots were filled with are added to `sockets`, if it is given.
  Status Put(const std::vector<object::Entry>& entries,
             std::vector<ProcessSocket>* sockets = nullptr) const;
  // Of slots: what runs behind each, now and when it is filled; -1: nothing.
  Status SetProgram(int program);
  void UseProgram(int program) { program_ = program; }
  // Of a ring: the map of its tables, which each change of members then fills anew.
  void UseTables(int tables) { tables_ = tables; }
  // False if there was none.
  Result<bool> Remove(const object::Bytes& key) const;
  // The value; of a state per CPU, what the CPUs' values add up to. Of a queue or
  // stack: what it gives next. What has expired is not there.
  Result<std::optional<object::Bytes>> Get(const object::Bytes& key) const;
  // All entries, in the kernel's order; of an array, those that are not zero.
  // While others write, an entry may be missed or seen twice.
  Result<std::vector<object::Entry>> List() const;
  // Of a queue or stack: takes what it gives next, if there is anything.
  Result<std::optional<object::Bytes>> Pop() const;
  // Of a swappable state: these entries and no others, from one moment to the next.
  Status Replace(const std::vector<object::Entry>& entries) const;
  // Frees what has expired; how many entries that were.
  uint64_t Sweep() const;
  // What time it is, where it is not the machine's: in a test.
  void SetNow(uint64_t now) { now_ = now; }

  const object::State& state() const { return *state_; }

 private:
  StateMap(int fd, const object::State& state) : fd_(fd), state_(&state) {}
  static Result<StateMap> OpenInner(int outer, const object::State& state);

  bool IsQueue() const;
  // Times behind each value: see object::State.
  uint32_t times() const { return (state_->expires ? 1 : 0) + (state_->idle ? 1 : 0); }
  uint64_t Now() const;
  bool Expired(const object::Bytes& stored) const;
  Status PutAll(int fd, const std::vector<object::Entry>& entries,
                std::vector<ProcessSocket>* sockets) const;
  bool Give(uint8_t* value, bool take) const;

  object::Bytes Stored(const object::Bytes& value) const;
  object::Bytes Loaded(const object::Bytes& stored) const;
  object::Bytes KernelKey(const object::Bytes& key) const;
  Status PutOne(int fd, const object::Entry& entry, std::vector<ProcessSocket>* sockets) const;
  Status PutSlot(const object::Entry& entry, std::vector<ProcessSocket>* sockets) const;
  Failure Refused(const object::Entry& entry, int error) const;

  int fd_ = -1;
  int outer_ = -1;             // of a swappable state: the map that holds the map
  std::shared_ptr<Fd> inner_;  // then fd_ is this one
  std::optional<uint64_t> now_;
  const object::State* state_ = nullptr;
  int program_ = -1;
  int tables_ = -1;
  uint32_t map_type_ = 0;
  uint32_t key_size_ = 0;
  uint32_t value_size_ = 0;  // bytes of one CPU's value
  uint32_t slices_ = 1;      // values the kernel keeps for a key: CPUs, or one
};

// What slices of a value, one a CPU, come to: whole numbers add up, of anything
// else the first slice that is not zero counts. Each slice has type.size bytes,
// at a distance of `stride`.
object::Bytes AddUp(const object::TypeInfo& type, const object::Bytes& slices, uint32_t stride);

}  // namespace netc::runtime
