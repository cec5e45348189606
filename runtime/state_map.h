// The BPF map behind a state: entries in and out. Works on any descriptor of the
// map, so that `netc state` can look at a pipeline that another process runs.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/object/object_info.h"
#include "runtime/failure.h"
#include "runtime/fd.h"

namespace netc::runtime {

class StateMap {
 public:
  // Keeps `fd` and `state`, owns neither. Fails if the map's key or value has
  // another size than the state says.
  static Result<StateMap> Open(int fd, const object::State& state);

  // Adds the entries or replaces them; all at once where the kernel can.
  // Sockets that slots were filled with are added to `sockets`, if it is given.
  Status Put(const std::vector<object::Entry>& entries, std::vector<Fd>* sockets = nullptr) const;
  // Of slots: what runs behind each, now and when it is filled; -1: nothing.
  Status SetProgram(int program);
  void UseProgram(int program) { program_ = program; }
  // False if there was none.
  Result<bool> Remove(const object::Bytes& key) const;
  // The value; of a state per CPU, what the CPUs' values add up to.
  Result<std::optional<object::Bytes>> Get(const object::Bytes& key) const;
  // All entries, in the kernel's order; of an array, those that are not zero.
  // While others write, an entry may be missed or seen twice.
  Result<std::vector<object::Entry>> List() const;

  const object::State& state() const { return *state_; }

 private:
  StateMap(int fd, const object::State& state) : fd_(fd), state_(&state) {}

  object::Bytes Stored(const object::Bytes& value) const;
  object::Bytes Loaded(const object::Bytes& stored) const;
  object::Bytes KernelKey(const object::Bytes& key) const;
  Status PutOne(const object::Entry& entry, std::vector<Fd>* sockets) const;
  Status PutSlot(const object::Entry& entry, std::vector<Fd>* sockets) const;
  Failure Refused(const object::Entry& entry, int error) const;

  int fd_ = -1;
  const object::State* state_ = nullptr;
  int program_ = -1;
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
