#include "runtime/state_map.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <set>

#include "compiler/object/host_order.h"
#include "compiler/object/value.h"
#include "runtime/libbpf_options.h"
#include "runtime/ring.h"
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

Bytes Padded(Bytes bytes, size_t size) {
  bytes.resize(size);
  return bytes;
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

// The map that a swappable state holds now.
Result<StateMap> StateMap::OpenInner(int outer, const object::State& state) {
  uint32_t slot = 0, id = 0;
  int fd = bpf_map_lookup_elem(outer, &slot, &id) == 0 ? bpf_map_get_fd_by_id(id) : -1;
  if (fd < 0) {
    return Failure{Exit::kPipeline,
                   fmt::format("state `{}` holds no map: {}", state.name, std::strerror(errno))};
  }
  auto inner = std::make_shared<Fd>(fd);
  auto map = Open(fd, state);
  if (!map) return map;
  map->inner_ = std::move(inner);
  map->outer_ = outer;
  return map;
}

Result<StateMap> StateMap::Open(int fd, const object::State& state) {
  bpf_map_info info = {};
  uint32_t size = sizeof info;
  if (bpf_map_get_info_by_fd(fd, &info, &size) != 0) {
    return Failure{Exit::kPipeline, fmt::format("state `{}` cannot be looked at: {}", state.name,
                                                std::strerror(errno))};
  }
  if (info.type == BPF_MAP_TYPE_ARRAY_OF_MAPS) return OpenInner(fd, state);
  StateMap map(fd, state);
  map.map_type_ = info.type;
  map.key_size_ = info.key_size;
  map.value_size_ = info.value_size;
  if (IsPerCpu(info.type)) {
    map.slices_ = static_cast<uint32_t>(std::max(1, libbpf_num_possible_cpus()));
  }
  uint32_t no_key = map.IsQueue() ? 0 : sizeof(uint32_t);
  bool named = state.kind == "interfaces";
  bool key_fits = named || info.key_size == (state.key ? state.key->size : no_key);
  uint64_t least = (state.value ? state.value->size : 0) + uint64_t{map.times()} * 8;
  bool value_fits = IsSlots(state.kind) || least <= info.value_size;
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
  size_t at = value_size_ - size_t{times()} * sizeof(uint64_t);
  for (const std::optional<uint64_t>* after : {&state_->expires, &state_->idle}) {
    if (!*after) continue;
    uint64_t gone = Now() + **after;
    std::memcpy(one.data() + at, &gone, sizeof gone);
    at += sizeof gone;
  }
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

bool StateMap::IsQueue() const {
  return map_type_ == BPF_MAP_TYPE_QUEUE || map_type_ == BPF_MAP_TYPE_STACK;
}

// What the program's now() counts.
uint64_t StateMap::Now() const {
  if (now_) return *now_;
  timespec time = {};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

bool StateMap::Expired(const Bytes& stored) const {
  uint64_t now = times() > 0 ? Now() : 0;
  for (uint32_t i = 1; i <= times(); ++i) {
    uint64_t gone = 0;
    std::memcpy(&gone, stored.data() + value_size_ - size_t{i} * sizeof gone, sizeof gone);
    if (gone <= now) return true;
  }
  return false;
}

Bytes StateMap::KernelKey(const Bytes& key) const {
  Bytes full = SlotKeyToKernel(*state_, key);
  full.resize(key_size_);
  return full;
}

Failure StateMap::Refused(const Entry& entry, int error) const {
  std::string key = "it";
  if (state_->key)
    key = object::FormatValue(*state_->key, Padded(entry.key, state_->key->size).data());
  else if (state_->value && entry.value.size() >= state_->value->size)
    key = object::FormatValue(*state_->value, entry.value.data());
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

Status StateMap::PutSlot(const Entry& entry, std::vector<ProcessSocket>* sockets) const {
  const Bytes& written = state_->value ? entry.value : entry.key;
  auto value = SlotToKernel(*state_, written, value_size_, program_);
  if (!value) return value.failure();
  if (bpf_map_update_elem(fd_, KernelKey(entry.key).data(), value->bytes.data(), BPF_ANY) != 0) {
    return Refused(entry, errno);
  }
  if (sockets != nullptr && value->socket) {
    sockets->push_back({SlotText(entry.value), std::move(value->socket)});
  }
  return std::nullopt;
}

Status StateMap::SetProgram(int program) {
  program_ = program;
  bool runs_programs = map_type_ == BPF_MAP_TYPE_DEVMAP || map_type_ == BPF_MAP_TYPE_DEVMAP_HASH ||
                       map_type_ == BPF_MAP_TYPE_CPUMAP;
  if (!runs_programs) return std::nullopt;
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

Status StateMap::PutOne(int fd, const Entry& entry, std::vector<ProcessSocket>* sockets) const {
  if (IsSlots(state_->kind)) return PutSlot(entry, sockets);
  Bytes key = KernelKey(entry.key);
  const void* at = IsQueue() ? nullptr : key.data();
  if (bpf_map_update_elem(fd, at, Stored(entry.value).data(), BPF_ANY) == 0) return std::nullopt;
  return Refused(entry, errno);
}

Status StateMap::Put(const std::vector<Entry>& entries, std::vector<ProcessSocket>* sockets) const {
  if (auto failure = PutAll(fd_, entries, sockets)) return failure;
  if (tables_ < 0) return std::nullopt;
  std::set<Bytes> keys;
  for (const Entry& entry : entries) keys.insert(TableOf(*state_, entry.key));
  return FillTables(*this, tables_, keys);
}

Status StateMap::PutAll(int fd, const std::vector<Entry>& entries,
                        std::vector<ProcessSocket>* sockets) const {
  constexpr size_t kBatch = 4096;
  size_t done = 0;
  bool batches = entries.size() > 1 && !IsSlots(state_->kind) && !IsQueue();
  // Some map types, and kernels before 5.6, have no batches: then one by one.
  while (batches && done < entries.size()) {
    uint32_t count = static_cast<uint32_t>(std::min(kBatch, entries.size() - done));
    Bytes keys, values;
    for (size_t i = done; i < done + count; ++i) {
      Bytes key = KernelKey(entries[i].key);
      Bytes value = Stored(entries[i].value);
      keys.insert(keys.end(), key.begin(), key.end());
      values.insert(values.end(), value.begin(), value.end());
    }
    uint32_t put = count;
    batches = bpf_map_update_batch(fd, keys.data(), values.data(), &put, nullptr) == 0;
    // `put` is only meaningful when some were put; repeating one is harmless.
    if (batches) done += count;
  }
  for (; done < entries.size(); ++done) {
    if (Status failure = PutOne(fd, entries[done], sockets)) return failure;
  }
  return std::nullopt;
}

// Filled before anybody sees it; then the pointer to it is exchanged.
Status StateMap::Replace(const std::vector<Entry>& entries) const {
  auto failed = [this](const char* what) {
    return Failure{Exit::kUsage, fmt::format("state `{}` cannot be {}: {}", state_->name, what,
                                             std::strerror(errno))};
  };
  bpf_map_info info = {};
  uint32_t size = sizeof info;
  if (outer_ < 0 || bpf_map_get_info_by_fd(fd_, &info, &size) != 0) return failed("looked at");
  auto options = Options<bpf_map_create_opts>();
  options.map_flags = info.map_flags;
  // With the same types: Linux 6.1 takes no map of structs in another's place that was
  // made without (6.1 kernel/bpf/map_in_map.c, bpf_map_meta_equal: timer_off).
  Fd types(info.btf_id != 0 ? bpf_btf_get_fd_by_id(info.btf_id) : -1);
  if (types) {
    options.btf_fd = static_cast<uint32_t>(types.get());
    options.btf_key_type_id = info.btf_key_type_id;
    options.btf_value_type_id = info.btf_value_type_id;
  }
  Fd fresh(bpf_map_create(static_cast<bpf_map_type>(info.type), info.name, info.key_size,
                          info.value_size, info.max_entries, &options));
  if (!fresh) return failed("made anew");
  if (auto failure = PutAll(fresh.get(), entries, nullptr)) return failure;
  uint32_t slot = 0;
  int fd = fresh.get();
  if (bpf_map_update_elem(outer_, &slot, &fd, BPF_ANY) != 0) return failed("exchanged");
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
  // A member of a ring loses its buckets before anybody misses it.
  if (tables_ >= 0) {
    uint32_t nothing = 0;
    bool there = bpf_map_update_elem(fd_, KernelKey(key).data(), &nothing, BPF_EXIST) == 0;
    if (there) {
      if (auto failure = FillTables(*this, tables_, {TableOf(*state_, key)})) return *failure;
    }
  }
  if (bpf_map_delete_elem(fd_, KernelKey(key).data()) == 0) return true;
  if (errno == ENOENT) return false;
  return Failure{Exit::kUsage, fmt::format("state `{}` does not let go of an entry: {}",
                                           state_->name, std::strerror(errno))};
}

bool StateMap::Give(uint8_t* value, bool take) const {
  int error = take ? bpf_map_lookup_and_delete_elem(fd_, nullptr, value)
                   : bpf_map_lookup_elem(fd_, nullptr, value);
  return error == 0;
}

Result<std::optional<Bytes>> StateMap::Pop() const {
  Bytes stored(value_size_);
  if (Give(stored.data(), true)) return std::optional<Bytes>(Loaded(stored));
  if (errno == ENOENT) return std::optional<Bytes>();
  return Failure{Exit::kUsage, fmt::format("nothing can be taken from state `{}`: {}", state_->name,
                                           std::strerror(errno))};
}

// By batches, since a walk from key to key takes two calls for each. Whoever puts an
// entry anew in the moment between has it put back.
uint64_t StateMap::Sweep() const {
  if (times() == 0 || slices_ > 1) return 0;
  constexpr uint32_t kBatch = 4096;
  Bytes keys(size_t{kBatch} * key_size_), values(size_t{kBatch} * value_size_);
  std::vector<Bytes> gone;
  uint64_t position = 0;  // at least as large as the key of a hash's bucket
  for (bool first = true, more = true; more; first = false) {
    uint32_t count = kBatch;
    more = bpf_map_lookup_batch(fd_, first ? nullptr : &position, &position, keys.data(),
                                values.data(), &count, nullptr) == 0;
    if (!more && errno != ENOENT) break;
    for (uint32_t i = 0; i < count; ++i) {
      const uint8_t* value = values.data() + size_t{i} * value_size_;
      if (!Expired(Bytes(value, value + value_size_))) continue;
      const uint8_t* key = keys.data() + size_t{i} * key_size_;
      gone.emplace_back(key, key + key_size_);
    }
  }
  uint64_t freed = 0;
  Bytes value(value_size_);
  for (const Bytes& key : gone) {
    if (bpf_map_lookup_and_delete_elem(fd_, key.data(), value.data()) != 0) continue;
    if (Expired(value))
      ++freed;
    else
      bpf_map_update_elem(fd_, key.data(), value.data(), BPF_NOEXIST);
  }
  return freed;
}

Result<std::optional<Bytes>> StateMap::Get(const Bytes& key) const {
  if (IsQueue()) {
    Bytes next(value_size_);
    return Give(next.data(), false) ? std::optional<Bytes>(Loaded(next)) : std::optional<Bytes>();
  }
  Bytes stored(size_t{slices_ > 1 ? RoundUp(value_size_) : value_size_} * slices_);
  if (bpf_map_lookup_elem(fd_, KernelKey(key).data(), stored.data()) == 0) {
    if (Expired(stored)) return std::optional<Bytes>();
    return std::optional<Bytes>(Loaded(stored));
  }
  // A map of AF_XDP sockets can't be read.
  if (errno == ENOENT || errno == EOPNOTSUPP) return std::optional<Bytes>();
  return Failure{Exit::kUsage,
                 fmt::format("state `{}` cannot be read: {}", state_->name, std::strerror(errno))};
}

Result<std::vector<Entry>> StateMap::List() const {
  std::vector<Entry> entries;
  if (IsQueue()) {
    auto next = Get({});
    if (next && *next) entries.push_back({{}, **next});
    return entries;
  }
  Bytes key(key_size_), next(key_size_);
  const void* from = nullptr;
  // When the key it stands on is deleted, the kernel starts anew; the bound ends
  // a walk over a map that others keep changing.
  for (uint64_t steps = 0; steps <= 2ull * std::max(state_->capacity, 64u); ++steps) {
    if (bpf_map_get_next_key(fd_, from, next.data()) != 0) break;
    std::swap(key, next);
    from = key.data();
    Bytes shown = state_->key ? SlotKeyFromKernel(*state_, key) : Bytes();
    auto value = Get(state_->key ? shown : key);
    if (!value) return value.failure();
    if (!*value || (IsArray(map_type_) && IsZero(**value))) continue;
    entries.push_back({std::move(shown), **value});
  }
  return entries;
}

}  // namespace netc::runtime
