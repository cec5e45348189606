#include "runtime/state_map.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "compiler/object/host_order.h"
#include "compiler/object/value.h"
#include "runtime/slots.h"

namespace netc::runtime {

using object::Bytes;
using object::Entry;
using object::Form;
using object::TypeInfo;

namespace {

bool IsPerCpu(uint32_t map_type) {
  return map_type == BPF_MAP_TYPE_PERCPU_ARRAY || map_type == BPF_MAP_TYPE_PERCPU_HASH ||
         map_type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

bool IsArray(uint32_t map_type) {
  return map_type == BPF_MAP_TYPE_PERCPU_ARRAY || map_type == BPF_MAP_TYPE_ARRAY;
}

// The kernel keeps each CPU's value in a multiple of 8 bytes.
uint32_t RoundUp(uint32_t size) {
  return (size + 7) / 8 * 8;
}

bool IsZero(const Bytes& bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; });
}

void AddSlice(const TypeInfo& type, uint8_t* to, const uint8_t* from) {
  if (type.form == Form::kUnsigned || type.form == Form::kSigned || type.form == Form::kSize) {
    uint64_t sum = object::LoadUnsigned(to, type.size) + object::LoadUnsigned(from, type.size);
    Bytes stored = object::StoreInteger(sum, type.size);
    std::memcpy(to, stored.data(), stored.size());
  } else if (type.form == Form::kStruct) {
    for (const TypeInfo::Field& field : type.fields) {
      AddSlice(field.type, to + field.offset, from + field.offset);
    }
  } else if (type.form == Form::kArray) {
    const TypeInfo& element = type.element.front();
    for (uint32_t i = 0; i < type.count; ++i) {
      AddSlice(element, to + i * element.size, from + i * element.size);
    }
  } else if (std::all_of(to, to + type.size, [](uint8_t byte) { return byte == 0; })) {
    std::memcpy(to, from, type.size);
  }
}

}  // namespace

Bytes AddUp(const TypeInfo& type, const Bytes& slices, uint32_t stride) {
  Bytes sum(type.size);
  for (size_t at = 0; at + type.size <= slices.size(); at += stride) {
    AddSlice(type, sum.data(), slices.data() + at);
  }
  return sum;
}

Result<StateMap> StateMap::Open(int fd, const object::State& state) {
  bpf_map_info info = {};
  uint32_t size = sizeof info;
  if (bpf_map_get_info_by_fd(fd, &info, &size) != 0) {
    return Failure{Exit::kPipeline, fmt::format("state `{}` cannot be looked at: {}", state.name,
                                                std::strerror(errno))};
  }
  StateMap map(fd, state);
  map.map_type_ = info.type;
  map.key_size_ = info.key_size;
  map.value_size_ = info.value_size;
  if (IsPerCpu(info.type)) {
    map.slices_ = static_cast<uint32_t>(std::max(1, libbpf_num_possible_cpus()));
  }
  bool key_fits = state.key ? state.key->size == info.key_size : info.key_size == sizeof(uint32_t);
  bool value_fits = IsSlots(state.kind) || !state.value || state.value->size <= info.value_size;
  if (key_fits && value_fits) return map;
  return Failure{
      Exit::kPipeline,
      fmt::format("state `{}` and its map disagree about the size of an entry", state.name),
      {"this object is damaged, or a bug in netc made it"}};
}

// Of a counter per CPU the first CPU takes the whole value; the others start at
// zero, or the sum would be a multiple of what was meant.
Bytes StateMap::Stored(const Bytes& value) const {
  Bytes one = value;
  one.resize(value_size_);
  if (slices_ == 1) return one;
  one.resize(size_t{RoundUp(value_size_)} * slices_);
  return one;
}

Bytes StateMap::Loaded(const Bytes& stored) const {
  if (!state_->value) return {};
  if (IsSlots(state_->kind)) return SlotFromKernel(*state_, stored);
  if (slices_ > 1) return AddUp(*state_->value, stored, RoundUp(value_size_));
  return Bytes(stored.begin(), stored.begin() + state_->value->size);
}

Bytes StateMap::KernelKey(const Bytes& key) const {
  Bytes full = key;
  full.resize(key_size_);
  return full;
}

Failure StateMap::Refused(const Entry& entry, int error) const {
  std::string key =
      state_->key ? object::FormatValue(*state_->key, KernelKey(entry.key).data()) : "it";
  bool full = error == E2BIG || error == ENOSPC;
  if (full && IsArray(map_type_)) {
    return {Exit::kUsage, fmt::format("`{}` is beyond the end of state `{}`, which holds {}", key,
                                      state_->name, state_->capacity)};
  }
  if (full) {
    return {Exit::kUsage, fmt::format("no room for `{}` in state `{}`, which holds {} entries", key,
                                      state_->name, state_->capacity)};
  }
  return {Exit::kUsage, fmt::format("`{}` cannot be put into state `{}`: {}", key, state_->name,
                                    std::strerror(error))};
}

Status StateMap::PutSlot(const Entry& entry, std::vector<Fd>* sockets) const {
  auto value = SlotToKernel(*state_, entry.value, value_size_, program_);
  if (!value) return value.failure();
  if (bpf_map_update_elem(fd_, KernelKey(entry.key).data(), value->bytes.data(), BPF_ANY) != 0) {
    return Refused(entry, errno);
  }
  if (sockets != nullptr && value->socket) sockets->push_back(std::move(value->socket));
  return std::nullopt;
}

Status StateMap::SetProgram(int program) {
  program_ = program;
  if (map_type_ != BPF_MAP_TYPE_DEVMAP && map_type_ != BPF_MAP_TYPE_CPUMAP) return std::nullopt;
  Bytes key(key_size_), next(key_size_), value(value_size_);
  const void* from = nullptr;
  for (uint32_t steps = 0; steps < state_->capacity; ++steps) {
    if (bpf_map_get_next_key(fd_, from, next.data()) != 0) break;
    std::swap(key, next);
    from = key.data();
    if (bpf_map_lookup_elem(fd_, key.data(), value.data()) != 0) continue;
    Bytes with = SlotWithProgram(value, program);
    if (bpf_map_update_elem(fd_, key.data(), with.data(), BPF_ANY) != 0) {
      return Failure{Exit::kAttach, std::strerror(errno)};
    }
  }
  return std::nullopt;
}

Status StateMap::PutOne(const Entry& entry, std::vector<Fd>* sockets) const {
  if (IsSlots(state_->kind)) return PutSlot(entry, sockets);
  if (bpf_map_update_elem(fd_, KernelKey(entry.key).data(), Stored(entry.value).data(), BPF_ANY) ==
      0) {
    return std::nullopt;
  }
  return Refused(entry, errno);
}

Status StateMap::Put(const std::vector<Entry>& entries, std::vector<Fd>* sockets) const {
  constexpr size_t kBatch = 4096;
  size_t done = 0;
  // Some map types, and kernels before 5.6, have no batches: then one by one.
  for (bool batches = entries.size() > 1 && !IsSlots(state_->kind);
       batches && done < entries.size();) {
    uint32_t count = static_cast<uint32_t>(std::min(kBatch, entries.size() - done));
    Bytes keys, values;
    for (size_t i = done; i < done + count; ++i) {
      Bytes key = KernelKey(entries[i].key);
      Bytes value = Stored(entries[i].value);
      keys.insert(keys.end(), key.begin(), key.end());
      values.insert(values.end(), value.begin(), value.end());
    }
    uint32_t put = count;
    batches = bpf_map_update_batch(fd_, keys.data(), values.data(), &put, nullptr) == 0;
    // `put` is only meaningful when some were put; repeating one is harmless.
    if (batches) done += count;
  }
  for (; done < entries.size(); ++done) {
    if (Status failure = PutOne(entries[done], sockets)) return failure;
  }
  return std::nullopt;
}

Result<bool> StateMap::Remove(const Bytes& key) const {
  // The slots of an array cannot be deleted; zero is what they start with.
  if (IsArray(map_type_)) {
    Bytes zero = Stored(Bytes(value_size_));
    if (bpf_map_update_elem(fd_, KernelKey(key).data(), zero.data(), BPF_ANY) != 0) {
      return Refused({key, {}}, errno);
    }
    return true;
  }
  if (bpf_map_delete_elem(fd_, KernelKey(key).data()) == 0) return true;
  if (errno == ENOENT) return false;
  return Failure{Exit::kUsage, fmt::format("state `{}` does not let go of an entry: {}",
                                           state_->name, std::strerror(errno))};
}

Result<std::optional<Bytes>> StateMap::Get(const Bytes& key) const {
  Bytes stored(size_t{slices_ > 1 ? RoundUp(value_size_) : value_size_} * slices_);
  if (bpf_map_lookup_elem(fd_, KernelKey(key).data(), stored.data()) == 0) {
    return std::optional<Bytes>(Loaded(stored));
  }
  // A map of AF_XDP sockets can't be read.
  if (errno == ENOENT || errno == EOPNOTSUPP) return std::optional<Bytes>();
  return Failure{Exit::kUsage,
                 fmt::format("state `{}` cannot be read: {}", state_->name, std::strerror(errno))};
}

Result<std::vector<Entry>> StateMap::List() const {
  std::vector<Entry> entries;
  Bytes key(key_size_), next(key_size_);
  const void* from = nullptr;
  // When the key it stands on is deleted, the kernel starts anew; the bound ends
  // a walk over a map that others keep changing.
  for (uint64_t steps = 0; steps <= 2ull * std::max(state_->capacity, 64u); ++steps) {
    if (bpf_map_get_next_key(fd_, from, next.data()) != 0) break;
    std::swap(key, next);
    from = key.data();
    auto value = Get(key);
    if (!value) return value.failure();
    if (!*value || (IsArray(map_type_) && IsZero(**value))) continue;
    entries.push_back({state_->key ? key : Bytes(), **value});
  }
  return entries;
}

}  // namespace netc::runtime
