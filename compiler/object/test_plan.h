// A test of the source, resolved to bytes: what `netc test` runs through
// BPF_PROG_TEST_RUN or over real devices. Built by the compiler, executed by the
// runtime against a freshly loaded object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/object/object_info.h"

namespace netc::object {

// Puts an entry into a state (adds or replaces), or removes it.
struct ChangeState {
  uint32_t state = 0;  // index into ObjectInfo::states
  bool remove = false;
  Bytes key;
  Bytes value;
};

// The world as the program sees it from here on.
struct SetWorld {
  enum class What { kNow, kRandom, kCpu } what = What::kNow;
  uint64_t value = 0;
};

struct SetParameter {
  uint32_t parameter = 0;  // index into ObjectInfo::parameters
  Bytes value;
};

// From here on the scratch namespace of the test knows this route …
struct AddRoute {
  Bytes address;        // network order, 4 or 16 bytes
  uint32_t length = 0;  // of the prefix, in bits
  Bytes via;            // of the same family; empty: on the link
  Bytes mac;            // 6 bytes, of the next hop
};
// … or has a socket that listens here.
struct AddListener {
  bool tcp = true;
  Bytes address;  // network order, 4 or 16 bytes
  uint16_t port = 0;
};

// Runs the program once, or `times` times, on this packet.
struct Send {
  Bytes packet;
  uint32_t times = 1;
};

struct ExpectVerdict {
  std::string word;
  std::vector<int64_t> codes;  // any of these
};

// The packet after the last Send. Bytes under a zero mask are not compared.
struct ExpectPacket {
  Bytes packet;
  Bytes mask;  // same length; 0xff where it counts
  // Which header fields the bytes are, to name the one that differs.
  struct Field {
    std::string name;
    uint32_t bit_offset = 0;
    uint32_t bits = 0;
    TypeInfo type;
  };
  std::vector<Field> fields;
};

struct ExpectState {
  uint32_t state = 0;
  Bytes key;
  std::optional<Bytes> value;  // absent: the key must not be there
  bool present = true;         // with no value: the key is there, whatever its value
  // Of an array: only this element counts, and an entry that isn't there has 0.
  std::optional<uint32_t> element;
};

// Takes what a queue or stack gives next (or only looks), which is `value`; none:
// there is nothing.
struct ExpectQueue {
  uint32_t state = 0;
  bool peek = false;
  std::optional<Bytes> value;
};

// The next event that was not expected yet. Fields that are not named are free.
struct ExpectEvent {
  uint32_t event = 0;                              // index into ObjectInfo::events
  std::vector<std::pair<uint32_t, Bytes>> fields;  // field index, bytes
};

struct ExpectNoEvent {};

// A fault counter, since the test began.
struct ExpectFault {
  std::string fault;  // of ObjectInfo::faults
  uint64_t count = 0;
};

struct Step {
  Place place;
  std::string text;  // as written, on one line
  std::variant<ChangeState, SetWorld, SetParameter, AddRoute, AddListener, Send, ExpectVerdict,
               ExpectPacket, ExpectState, ExpectQueue, ExpectEvent, ExpectNoEvent, ExpectFault>
      what;
};

struct TestPlan {
  std::string name;
  Place place;
  uint32_t program = 0;  // index into ObjectInfo::programs
  std::vector<Step> steps;
};

}  // namespace netc::object
