// What a state holds while a program runs (section 10). Internal to this folder.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/interpret/prefixes.h"
#include "compiler/interpret/table.h"
#include "compiler/sema/program.h"

namespace netc::interpret {

// Why the interpreter can't run a program with this state; empty: it can.
std::string WhyNotKept(const sema::Program& program, const sema::State& state);

class StateStore {
 public:
  StateStore(const sema::Program& program, const sema::State& state, uint32_t processors);

  // A value in its place, and whether it is still the one that was found there.
  struct Cell {
    uint8_t* value = nullptr;  // of the first processor
    const Table::Entry* entry = nullptr;
    explicit operator bool() const { return value != nullptr; }
  };

  uint32_t key_size() const { return key_size_; }      // of what the program gives
  uint32_t value_size() const { return value_size_; }  // of one copy
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
  // Puts the value, of the processor that runs; all others keep or get zeros.
  bool Write(std::span<const uint8_t> key, std::span<const uint8_t> value, uint32_t processor);

  // From outside: keys of prefixes are prefixes. What is put is the first copy's.
  bool Put(std::span<const uint8_t> key, std::span<const uint8_t> value);
  bool RemoveKey(std::span<const uint8_t> key);
  std::optional<object::Bytes> Get(std::span<const uint8_t> key) const;
  std::vector<object::Entry> Entries() const;
  void Reset();
  bool gave_way() const { return !prefixes_ && table_.gave_way(); }

 private:
  enum class Shape { kTable, kArray, kPrefixes };
  bool HasIndex(std::span<const uint8_t> key) const;
  std::vector<uint8_t> FullPrefix(std::span<const uint8_t> address) const;
  Cell CellOf(Table::Entry* entry);
  object::Bytes AddUp(std::span<const uint8_t> copies) const;

  const sema::Program& program_;
  const sema::State& state_;
  Shape shape_;
  uint32_t key_size_ = 0, value_size_ = 0, copies_ = 1;
  Table table_;
  std::optional<Prefixes> prefixes_;
};

}  // namespace netc::interpret
