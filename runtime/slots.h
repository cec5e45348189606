// Slots: states whose values only the kernel understands. Users write, and see,
// names: an interface's, `pid:812,port:443` for a socket of a process.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/object/object_info.h"
#include "runtime/failure.h"
#include "runtime/fd.h"

namespace netc::runtime {

// Whether `kind` of an object::State is one of them.
bool IsSlots(const std::string& kind);

struct SlotValue {
  object::Bytes bytes;  // as the kernel takes it, `size` bytes
  Fd socket;            // that `bytes` names; to be kept open until it is put
};

// `written` is a value of the state, as object::State::value describes it; `size` is
// that of a value of the map. `program` runs behind a device or CPU; -1: none.
Result<SlotValue> SlotToKernel(const object::State& state, const object::Bytes& written,
                               uint32_t size, int program);

// For a test, whose packets go nowhere: `lo` stands in for interfaces that this machine lacks,
// and for all in a state where they are found by number.
std::vector<object::Entry> WithStandIns(const object::State& state,
                                        std::vector<object::Entry> entries);

// The key of an entry as the map has it, and back. Interfaces have their number there.
object::Bytes SlotKeyToKernel(const object::State& state, const object::Bytes& written);
object::Bytes SlotKeyFromKernel(const object::State& state, const object::Bytes& stored);

// The name that a slot is filled by, without the zeros behind it.
std::string SlotText(const object::Bytes& written);

// The kernel's value with another program behind it.
object::Bytes SlotWithProgram(const object::Bytes& stored, int program);

// The other way, as far as the kernel tells: of a socket its cookie.
object::Bytes SlotFromKernel(const object::State& state, const object::Bytes& stored);

}  // namespace netc::runtime
