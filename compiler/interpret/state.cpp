#include "compiler/interpret/state.h"

#include <algorithm>
#include <cstring>

#include "compiler/interpret/arithmetic.h"
#include "compiler/interpret/value.h"
#include "compiler/sema/constant.h"

namespace netc::interpret {

using object::Bytes;
using sema::StateKind;

namespace {

using Span = std::span<const uint8_t>;

constexpr uint32_t kTimes = 2 * sizeof(uint64_t);

// Counters, limiters and pacers are one 64-bit word a key; sets have nothing but keys.
uint32_t ValueSize(const sema::Program& program, const sema::State& state) {
  if (state.value) return program.types.SizeOf(*state.value);
  return state.kind == StateKind::kLimiter || state.kind == StateKind::kPacer ? 8 : 0;
}

uint32_t TimesOf(const sema::State& state) {
  return state.expires_ns || state.idle_ns ? kTimes : 0;
}

bool IsZero(Span bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; });
}

// Numbers add up, those inside structs and arrays too; of anything else the first copy
// counts that is not zero.
void Add(const sema::TypeTable& types, sema::TypeId type, const uint8_t* copy, uint8_t* sum) {
  if (types[type].kind == sema::TypeKind::kStruct) {
    for (const sema::StructField& field : types.struct_of(type).fields) {
      Add(types, field.type, copy + field.offset, sum + field.offset);
    }
  } else if (types[type].kind == sema::TypeKind::kArray) {
    uint32_t size = types.SizeOf(types[type].element);
    for (uint32_t at = 0; at < types.SizeOf(type); at += size) {
      Add(types, types[type].element, copy + at, sum + at);
    }
  } else if (types.IsNumber(type)) {
    uint64_t total = Load(types, type, sum).number + Load(types, type, copy).number;
    Store(types, type, Value::Of(Wrap(types, type, total)), sum);
  } else if (IsZero({sum, types.SizeOf(type)})) {
    std::copy_n(copy, types.SizeOf(type), sum);
  }
}

}  // namespace

StateStore::Shape StateStore::ShapeOf(const sema::State& state) {
  switch (state.kind) {
    case StateKind::kPrefixes:
    case StateKind::kPrefixSet:
      return Shape::kPrefixes;
    case StateKind::kQueue:
    case StateKind::kStack:
      return Shape::kQueue;
    default:
      return state.kind == StateKind::kArray || !state.key ? Shape::kArray : Shape::kTable;
  }
}

StateStore::StateStore(const sema::Program& program, const sema::State& state, const World& world,
                       uint32_t processors)
    : program_(program),
      state_(state),
      world_(world),
      shape_(ShapeOf(state)),
      key_size_(state.key ? program.types.SizeOf(*state.key) : 0),
      value_size_(ValueSize(program, state)),
      copies_(state.scope == sema::StateScope::kCpu ? processors : 1),
      table_(key_size_, value_size_ * copies_ + TimesOf(state), state.capacity, state.lru) {
  if (shape_ == Shape::kPrefixes) {
    prefixes_.emplace(key_size_, value_size_ * copies_, state.capacity);
  }
  if (state.kind == StateKind::kRing) ring_.emplace(program, state);
  Reset();
}

void StateStore::Reset() {
  if (ring_) ring_->Forget();
  table_.Clear();
  if (prefixes_) prefixes_->Clear();
  queue_.clear();
  if (state_.kind == sema::StateKind::kInterfaces) {
    // In a test: interface 1 stands for all.
    const uint8_t first[4] = {1, 0, 0, 0};
    if (!state_.entries.empty()) FindOrMake(first);
    return;
  }
  if (sema::IsSlots(state_.kind)) {
    for (const sema::StateEntry& entry : state_.entries) {
      if (auto key = sema::ConstantBytes(program_.types, *entry.key)) FindOrMake(*key);
    }
    return;
  }
  for (const sema::StateEntry& entry : state_.entries) {
    Bytes key, value;
    if (entry.key) key = *sema::ConstantBytes(program_.types, *entry.key);
    if (entry.value) value = *sema::ConstantBytes(program_.types, *entry.value);
    Put(key, value);
  }
}

// --- Expiry ---

Span StateStore::CopiesOf(const Table::Entry& entry) const {
  if (prefixes_) return prefixes_->table().ValueOf(entry);
  return table_.ValueOf(entry).first(size_t{value_size_} * copies_);
}

bool StateStore::IsGone(const Table::Entry& entry) const {
  if (!Expires()) return false;
  uint64_t times[2];
  std::memcpy(times, table_.ValueOf(entry).data() + size_t{value_size_} * copies_, sizeof times);
  return (state_.expires_ns && world_.now >= times[0]) ||
         (state_.idle_ns && world_.now >= times[1]);
}

void StateStore::Stamp(Table::Entry& entry, bool put) {
  if (!Expires()) return;
  uint8_t* at = table_.ValueOf(entry) + size_t{value_size_} * copies_;
  uint64_t times[2];
  std::memcpy(times, at, sizeof times);
  if (put) times[0] = world_.now + state_.expires_ns.value_or(0);
  times[1] = world_.now + state_.idle_ns.value_or(0);
  std::memcpy(at, times, sizeof times);
}

// --- As the program uses it ---

// An array has all its values from the begin; they are made when they are asked for.
bool StateStore::HasIndex(Span key) const {
  if (key.empty()) return true;
  uint32_t index = 0;
  std::memcpy(&index, key.data(), sizeof index);
  return index < state_.capacity;
}

std::vector<uint8_t> StateStore::FullPrefix(Span address) const {
  uint32_t length = key_size_ * 8;
  std::vector<uint8_t> prefix(4 + key_size_);
  std::memcpy(prefix.data(), &length, 4);
  std::copy(address.begin(), address.end(), prefix.begin() + 4);
  return prefix;
}

StateStore::Cell StateStore::CellOf(Table::Entry* entry) {
  if (!entry) return {};
  return {table_.ValueOf(*entry) + (prefixes_ ? 4 : 0), entry};
}

StateStore::Cell StateStore::Find(Span key) {
  if (prefixes_) return CellOf(prefixes_->Longest(key));
  if (shape_ == Shape::kArray && !sema::IsSlots(state_.kind)) {
    return HasIndex(key) ? FindOrMake(key) : Cell{};
  }
  Table::Entry* entry = table_.Find(key);
  if (!entry || IsGone(*entry)) return {};
  Stamp(*entry, false);
  return CellOf(entry);
}

StateStore::Cell StateStore::FindOrMake(Span key, bool* fresh) {
  if (fresh) *fresh = false;
  if (shape_ == Shape::kArray && !HasIndex(key)) return {};
  std::vector<uint8_t> full = prefixes_ ? FullPrefix(key) : std::vector<uint8_t>{};
  Table::Entry* found = prefixes_ ? prefixes_->Find(full) : table_.Find(key);
  bool gone = found && IsGone(*found);
  if (found && !gone) {
    Stamp(*found, false);
    return CellOf(found);
  }
  if (fresh) *fresh = true;
  if (gone) {  // a new one takes its place
    ++found->version;
    std::fill_n(table_.ValueOf(*found), size_t{value_size_} * copies_, uint8_t{0});
  } else {
    found = prefixes_ ? prefixes_->Insert(full) : table_.Insert(key);
  }
  if (found) Stamp(*found, true);
  return CellOf(found);
}

bool StateStore::Remove(Span key) {
  return prefixes_ ? prefixes_->Remove(FullPrefix(key)) : table_.Remove(key);
}

bool StateStore::Write(Span key, Span value, uint32_t processor) {
  if (shape_ == Shape::kQueue) return Put(key, value);
  bool fresh = false;
  Cell cell = FindOrMake(key, &fresh);
  if (!cell) return false;
  auto* entry = const_cast<Table::Entry*>(cell.entry);
  // What was bound to the entry before is not what stands there now (section 10).
  if (!fresh && shape_ != Shape::kArray && copies_ == 1) ++entry->version;
  Stamp(*entry, true);
  std::copy(value.begin(), value.end(), cell.value + OffsetOf(processor));
  return true;
}

std::optional<Bytes> StateStore::Next(bool take) {
  if (queue_.empty()) return std::nullopt;
  bool newest = state_.kind == StateKind::kStack;
  Bytes next = newest ? queue_.back() : queue_.front();
  if (take) newest ? queue_.pop_back() : queue_.pop_front();
  return next;
}

// --- From outside ---

bool StateStore::Put(Span key, Span value) {
  if (ring_) ring_->Forget();
  if (shape_ == Shape::kQueue) {
    if (queue_.size() == state_.capacity) return false;
    queue_.emplace_back(value.begin(), value.end());
    return true;
  }
  Table::Entry* entry = nullptr;
  if (prefixes_) {
    entry = prefixes_->Find(key);
    if (!entry) entry = prefixes_->Insert(key);
  } else {
    if (shape_ == Shape::kArray && !HasIndex(key)) return false;
    entry = table_.Find(key);
    if (!entry) entry = table_.Insert(key);
  }
  if (!entry) return false;
  uint8_t* to = CellOf(entry).value;
  std::fill_n(to, size_t{value_size_} * copies_, uint8_t{0});
  std::copy_n(value.begin(), std::min<size_t>(value.size(), value_size_), to);
  Stamp(*entry, true);
  return true;
}

bool StateStore::RemoveKey(Span key) {
  if (ring_) ring_->Forget();
  return prefixes_ ? prefixes_->Remove(key) : table_.Remove(key);
}

Bytes StateStore::AddUp(Span copies) const {
  if (copies_ == 1 || !state_.value) return {copies.begin(), copies.begin() + value_size_};
  Bytes sum(value_size_);
  for (uint32_t i = 0; i < copies_; ++i) {
    Add(program_.types, *state_.value, copies.data() + size_t{i} * value_size_, sum.data());
  }
  return sum;
}

std::optional<Bytes> StateStore::Get(Span key) const {
  if (shape_ == Shape::kQueue) return std::nullopt;
  const Table::Entry* entry = prefixes_ ? prefixes_->Peek(key) : table_.Peek(key);
  if (entry && !IsGone(*entry)) return AddUp(CopiesOf(*entry));
  if (shape_ == Shape::kArray && HasIndex(key)) return Bytes(value_size_);
  return std::nullopt;
}

std::vector<object::Entry> StateStore::Entries() const {
  std::vector<object::Entry> entries;
  if (shape_ == Shape::kQueue) {
    for (const Bytes& value : queue_) entries.push_back({{}, value});
    if (state_.kind == StateKind::kStack) std::reverse(entries.begin(), entries.end());
    return entries;
  }
  const Table& table = prefixes_ ? prefixes_->table() : table_;
  if (!state_.key) entries.push_back({{}, *Get({})});
  table.ForEach([&](const Table::Entry& entry) {
    if (IsGone(entry)) return;
    Span key = table.KeyOf(entry);
    Bytes value = AddUp(CopiesOf(entry));
    bool default_value = shape_ == Shape::kArray && (IsZero(value) || !state_.key);
    if (!default_value) entries.push_back({{key.begin(), key.end()}, std::move(value)});
  });
  std::sort(entries.begin(), entries.end(),
            [](const object::Entry& a, const object::Entry& b) { return a.key < b.key; });
  return entries;
}

}  // namespace netc::interpret
