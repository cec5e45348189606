#include "compiler/interpret/state.h"

#include <algorithm>
#include <cstring>

#include "compiler/interpret/arithmetic.h"
#include "compiler/sema/constant.h"

namespace netc::interpret {

using object::Bytes;
using sema::StateKind;

namespace {

using Span = std::span<const uint8_t>;

// Counters and limiters are one 64-bit word a key; sets have nothing but keys.
uint32_t ValueSize(const sema::Program& program, const sema::State& state) {
  if (state.value) return program.types.SizeOf(*state.value);
  return state.kind == StateKind::kLimiter ? 8 : 0;
}

bool IsPrefixKind(StateKind kind) {
  return kind == StateKind::kPrefixes || kind == StateKind::kPrefixSet;
}

bool IsZero(Span bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; });
}

}  // namespace

std::string WhyNotKept(const sema::Program& program, const sema::State& state) {
  std::string why;
  bool queue = state.kind == StateKind::kQueue || state.kind == StateKind::kStack;
  if (queue) why = "is a queue";
  if (state.kind == StateKind::kHistogram) why = "is a histogram";
  if (state.expires_ns || state.idle_ns) why = "expires";
  bool bits = state.rate && program.types[state.rate->type].kind == sema::TypeKind::kBitrate;
  if (bits) why = "is a limiter in bits a second";
  return why.empty() ? why : "the interpreter doesn't know yet that `" + state.name + "` " + why;
}

StateStore::StateStore(const sema::Program& program, const sema::State& state, uint32_t processors)
    : program_(program),
      state_(state),
      shape_(IsPrefixKind(state.kind)                        ? Shape::kPrefixes
             : state.kind == StateKind::kArray || !state.key ? Shape::kArray
                                                             : Shape::kTable),
      key_size_(state.key ? program.types.SizeOf(*state.key) : 0),
      value_size_(ValueSize(program, state)),
      copies_(state.scope == sema::StateScope::kCpu ? processors : 1),
      table_(key_size_, value_size_ * copies_, state.capacity, state.lru) {
  if (shape_ == Shape::kPrefixes) {
    prefixes_.emplace(key_size_, value_size_ * copies_, state.capacity);
  }
  Reset();
}

void StateStore::Reset() {
  table_.Clear();
  if (prefixes_) prefixes_->Clear();
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
  return CellOf(table_.Find(key));
}

StateStore::Cell StateStore::FindOrMake(Span key, bool* fresh) {
  if (fresh) *fresh = false;
  if (shape_ == Shape::kArray && !HasIndex(key)) return {};
  std::vector<uint8_t> full = prefixes_ ? FullPrefix(key) : std::vector<uint8_t>{};
  Table::Entry* found = prefixes_ ? prefixes_->Find(full) : table_.Find(key);
  if (found) return CellOf(found);
  if (fresh) *fresh = true;
  return CellOf(prefixes_ ? prefixes_->Insert(full) : table_.Insert(key));
}

bool StateStore::Remove(Span key) {
  return prefixes_ ? prefixes_->Remove(FullPrefix(key)) : table_.Remove(key);
}

bool StateStore::Write(Span key, Span value, uint32_t processor) {
  bool fresh = false;
  Cell cell = FindOrMake(key, &fresh);
  if (!cell) return false;
  // What was bound to the entry before is not what stands there now (section 10).
  bool replaces = !fresh && shape_ != Shape::kArray && copies_ == 1;
  if (replaces) ++const_cast<Table::Entry*>(cell.entry)->version;
  std::copy(value.begin(), value.end(), cell.value + OffsetOf(processor));
  return true;
}

bool StateStore::Put(Span key, Span value) {
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
  return true;
}

bool StateStore::RemoveKey(Span key) {
  return prefixes_ ? prefixes_->Remove(key) : table_.Remove(key);
}

// Numbers add up; of anything else the first copy that is not zero counts.
Bytes StateStore::AddUp(Span copies) const {
  if (copies_ == 1) return {copies.begin(), copies.end()};
  bool adds = !state_.value || program_.types.IsNumber(*state_.value);
  uint64_t sum = 0;
  for (uint32_t i = 0; i < copies_; ++i) {
    Span copy = copies.subspan(i * value_size_, value_size_);
    if (!adds && !IsZero(copy)) return {copy.begin(), copy.end()};
    uint64_t number = 0;
    if (adds) std::memcpy(&number, copy.data(), value_size_);
    sum += number;
  }
  Bytes total(value_size_);
  if (adds) std::memcpy(total.data(), &sum, value_size_);
  return total;
}

std::optional<Bytes> StateStore::Get(Span key) const {
  if (prefixes_) {
    const Table::Entry* entry = prefixes_->Peek(key);
    if (!entry) return std::nullopt;
    return AddUp(prefixes_->table().ValueOf(*entry));
  }
  if (const Table::Entry* entry = table_.Peek(key)) return AddUp(table_.ValueOf(*entry));
  if (shape_ == Shape::kArray && HasIndex(key)) return Bytes(value_size_);
  return std::nullopt;
}

std::vector<object::Entry> StateStore::Entries() const {
  std::vector<object::Entry> entries;
  const Table& table = prefixes_ ? prefixes_->table() : table_;
  if (!state_.key) entries.push_back({{}, *Get({})});
  table.ForEach([&](const Table::Entry& entry) {
    Span key = table.KeyOf(entry);
    Bytes value = AddUp(table.ValueOf(entry));
    bool default_value = shape_ == Shape::kArray && (IsZero(value) || !state_.key);
    if (!default_value) entries.push_back({{key.begin(), key.end()}, std::move(value)});
  });
  std::sort(entries.begin(), entries.end(),
            [](const object::Entry& a, const object::Entry& b) { return a.key < b.key; });
  return entries;
}

}  // namespace netc::interpret
