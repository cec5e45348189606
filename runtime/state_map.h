// The BPF map behind a state: entries in and out. Works on any descriptor of the
// map, so that `netc state` can look at a pipeline that another process runs.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/object/object_info.h"
#include "runtime/failure.h"

namespace netc::runtime {

class StateMap {
 public:
  // Keeps `fd` and `state`, owns neither. Fails if the map's key or value has
  // another size than the state says.
  static Result<StateMap> Open(int fd, const object::State& state);

  // Adds the entries or replaces them; all at once where the kernel can.
  Status Put(const std::vector<object::Entry>& entries) const;
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
  Status PutOne(const object::Entry& entry) const;
  Failure Refused(const object::Entry& entry, int error) const;

  int fd_ = -1;
  const object::State* state_ = nullptr;
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
