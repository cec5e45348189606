// What a state holds while a program runs (section 10). Internal to this folder.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/interpret/interpret.h"
#include "compiler/interpret/prefixes.h"
#include "compiler/interpret/ring.h"
#include "compiler/interpret/table.h"
#include "compiler/sema/program.h"

namespace netc::interpret {

class StateStore {
 public:
  // Keeps `world`, whose time says what has expired.
  StateStore(const sema::Program& program, const sema::State& state, const World& world,
             uint32_t processors);

  // A value in its place, and whether it is still the one that was found there.
  struct Cell {
    uint8_t* value = nullptr;  // of the first processor
    const Table::Entry* entry = nullptr;
    explicit operator bool() const { return value != nullptr; }
  };

  // From a cell's value to that of a processor.
  uint32_t OffsetOf(uint32_t processor) const {
    return state_.scope == sema::StateScope::kCpu ? processor * value_size_ : 0;
  }

  // As the program uses it: keys are as declared, of prefixes addresses.
  Cell Find(std::span<const uint8_t> key);
  // The cell of just this key, made with zeros where it is absent; none if there is no
  // room. `fresh`: it was made.
  Cell FindOrMake(std::span<const uint8_t> key, bool* fresh = nullptr);
  bool Remove(std::span<const uint8_t> key);
  // Puts the value, of the processor that runs; all others keep or get zeros. A queue
  // or stack takes it in.
  bool Write(std::span<const uint8_t> key, std::span<const uint8_t> value, uint32_t processor);
  // What a queue or stack gives next; `take`: and takes it out.
  std::optional<object::Bytes> Next(bool take);

  // Of a ring: the member that the hash leads to; empty if there is none.
  std::span<const uint8_t> Pick(std::span<const uint8_t> key, uint32_t hash) {
    return ring_->Pick(table_, key, hash);
  }

  // From outside: keys of prefixes are prefixes. What is put is the first copy's.
  bool Put(std::span<const uint8_t> key, std::span<const uint8_t> value);
  bool RemoveKey(std::span<const uint8_t> key);
  std::optional<object::Bytes> Get(std::span<const uint8_t> key) const;
  std::vector<object::Entry> Entries() const;
  void Reset();
  bool gave_way() const { return !prefixes_ && table_.gave_way(); }

 private:
  enum class Shape { kTable, kArray, kPrefixes, kQueue };
  static Shape ShapeOf(const sema::State& state);
  bool HasIndex(std::span<const uint8_t> key) const;
  std::vector<uint8_t> FullPrefix(std::span<const uint8_t> address) const;
  Cell CellOf(Table::Entry* entry);
  object::Bytes AddUp(std::span<const uint8_t> copies) const;

  // The times at which the entry is gone: behind its copies, when it was put, and when
  // it was used. Those that the state doesn't have count for nothing.
  bool Expires() const { return state_.expires_ns || state_.idle_ns; }
  std::span<const uint8_t> CopiesOf(const Table::Entry& entry) const;
  bool IsGone(const Table::Entry& entry) const;
  void Stamp(Table::Entry& entry, bool put);

  const sema::Program& program_;
  const sema::State& state_;
  const World& world_;
  Shape shape_;
  uint32_t key_size_ = 0, value_size_ = 0, copies_ = 1;
  Table table_;
  std::optional<Prefixes> prefixes_;
  std::optional<Ring> ring_;
  std::deque<object::Bytes> queue_;
};

}  // namespace netc::interpret
