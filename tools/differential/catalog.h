// What there is to write pipelines of, read from where it stands: hooks from their tables,
// headers, views and their types from the standard library as the checker sees it. So a
// protocol, a field or a hook that is added is generated without a change here.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "compiler/driver/driver.h"

namespace netc::differential {

// Types as the generator tells them apart.
enum class Kind : uint8_t {
  kBool,
  kInteger,
  kPort,
  kDuration,
  kTime,
  kFrequency,
  kBitrate,
  kSize,
  kIpv4,
  kIpv6,
  kIp,
  kMac,
  kEnum,
  kFlags,
  kStruct,
  kArray,
};
struct Type {
  Kind kind = Kind::kBool;
  uint8_t bits = 0;  // kInteger; of what kEnum and kFlags are stored in
  bool is_signed = false;
  uint32_t decl = 0;  // index: kEnum, kFlags into enums; kStruct, kArray into the pipeline's
  friend auto operator<=>(const Type&, const Type&) = default;
};
inline Type Unsigned(uint8_t bits) {
  return {Kind::kInteger, bits, false, 0};
}
inline Type Plain(Kind kind) {
  return {kind, 0, false, 0};
}

struct EnumType {
  std::string name;  // empty: one of the library's, which a pipeline can't name
  uint8_t bits = 32;
  std::vector<std::pair<std::string, uint64_t>> members;
};

// A presence that can be known: a header or a view, of the packet or of the one inside.
using Known = uint32_t;  // index into Catalog::protocols, twice; odd: inner

struct Member {
  std::string name;  // as written behind the protocol's
  Type type;
  uint8_t bits = 0;       // of a field: as many as it has in the packet
  bool is_field = false;  // else a property
  bool assignable = false;
};
struct Protocol {
  std::string name;
  bool is_view = false;
  sema::HeaderId header{};
  std::vector<uint32_t> alternatives;  // of a view, indexes into protocols
  std::vector<Member> members;
  bool inner = false;                         // can be found in a packet inside
  bool needs_frame = false;                   // stands only where packets begin with a frame
  bool pushable = false;                      // `push` and `pop` know it somewhere
  std::set<uint32_t> implies, inner_implies;  // protocols that are there where this one is
};

struct Catalog {
  driver::Checked library;  // a pipeline that names everything
  std::vector<EnumType> enums;
  std::vector<Protocol> protocols;
  std::vector<const netc::hooks::Hook*> runnable;  // hooks that BPF_PROG_TEST_RUN runs

  const sema::Program& program() const { return *library.program; }
};

// Null, with a message on stderr, if the standard library can't be checked.
std::unique_ptr<Catalog> ReadCatalog();

// Every file of the standard library's package, as a comment that makes `import net;` read it.
std::string NamesOfTheLibrary();

}  // namespace netc::differential
