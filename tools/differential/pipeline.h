// A pipeline while it is generated: what it declares, what is known at a place of a block.
// Internal to the generator.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/hooks/words.h"
#include "tools/differential/catalog.h"
#include "tools/differential/choices.h"

namespace netc::differential {

// A piece of source with how tightly its outermost operator binds.
struct Text {
  std::string s;
  int precedence = kAtom;

  // Rows of the table in docs/language.md, section 2.
  enum {
    kOrInsert,
    kOr,
    kAnd,
    kNot,
    kCompare,
    kRange,
    kBitOr,
    kXor,
    kBitAnd,
    kShift,
    kSum,
    kProduct,
    kCast,
    kUnary,
    kAtom
  };
};

// Formats what draws: in braces arguments are evaluated from left to right, in a call in any
// order, and then a seed would be other pipelines with another compiler.
struct Written {
  template <typename... T>
  Written(fmt::format_string<T...> format, T&&... parts)
      : s(fmt::format(format, std::forward<T>(parts)...)) {}
  std::string s;
};

struct Variable {
  std::string name;
  Type type;
  bool is_var = false;           // can be assigned
  uint64_t most = ~uint64_t{0};  // a loop's variable: its largest value
};
struct StructType {
  std::string name;  // empty: a tuple
  std::vector<std::pair<std::string, Type>> fields;
  uint32_t size = 0;  // bytes, about
};
struct ArrayType {
  Type element;
  uint32_t count = 0;
  uint32_t size = 0;  // bytes, about
};
enum class StateForm {
  kHash,
  kLru,
  kArray,
  kSet,
  kPrefixSet,
  kPrefixes,
  kCounter,
  kCounterBy,
  kLimiter,
  kLimiterBy,
  kPacer,
  kPacerBy,
  kQueue,
  kStack,
  kHistogram,
  kHistogramBy,
  kRing,    // value: the member
  kRingBy,  // key: what it is a member for
  kSlots
};
struct StateDecl {
  std::string name;
  StateForm form{};
  std::string word;  // of slots: "devices", "interfaces", "cpus", "sockets"
  Type key, value;
  uint32_t capacity = 0;
  bool swappable = false;  // nothing is put into it or taken out
  bool in_bits = false;    // of limiters: bytes are taken
};
struct FunctionDecl {
  std::string name;
  std::vector<Type> parameters;
  std::optional<Type> result;
  bool writes_packet = false;
  bool reads_packet = false;
  bool reads_frame = false;    // headers that only whole frames have
  std::set<uint32_t> changes;  // states whose entries it replaces or removes
  uint32_t weight = 1;         // statements, with those of what it calls
  std::string text;
};
struct EventDecl {
  std::string name;
  std::vector<std::pair<std::string, Type>> fields;
};
struct AliasDecl {
  std::string name;
  bool negatable = false;  // reads nothing that may be absent
  bool frame = false;      // names what only frames have
  bool packet = false;
  std::set<Known> yes;  // what is known where it holds
};

struct Pipeline {
  const Catalog& catalog;
  Choices& choices;
  std::vector<EnumType> enums;      // the library's, then the pipeline's own
  std::vector<Protocol> protocols;  // the library's, then the pipeline's own
  std::vector<StructType> structs;
  std::vector<ArrayType> arrays;
  std::vector<Variable> params, consts;
  std::vector<std::pair<std::string, Type>> prefixes;  // constants; the type of their address
  std::vector<StateDecl> states;
  std::vector<EventDecl> events;
  std::vector<FunctionDecl> functions;
  std::vector<AliasDecl> aliases;
  std::string items;  // as written so far
  uint32_t next_name = 0;
  uint32_t favourite = 0;  // of the protocols: comes often

  std::string Name(const char* prefix) { return prefix + std::to_string(next_name++); }
  std::string TypeName(const Type& type) const;
  bool CanName(const Type& type) const;
  uint32_t SizeOf(const Type& type) const;  // bytes, about
  Type ArrayOf(const Type& element, uint32_t count);
  // Too large for a value in a block: entries of states that are bound in place.
  bool IsLarge(const Type& type) const { return SizeOf(type) > 200; }
};

// Presences that are known, with all that they imply.
class Facts {
 public:
  bool Has(Known known) const { return known_.contains(known); }
  void Add(const Pipeline& pipeline, Known known);
  void AddSocket(hooks::Needs level) { socket_ = std::max(socket_, level); }
  hooks::Needs socket() const { return socket_; }
  void Forget() { *this = {}; }
  const std::set<Known>& all() const { return known_; }
  // What is known on both ways.
  static Facts Either(const Facts& a, const Facts& b);

 private:
  std::set<Known> known_;
  hooks::Needs socket_{};  // of the hook's socket
};

// A value written down, of types that can be constants.
Text Literal(Pipeline& pipeline, const Type& type);
// The same where nothing says which type is wanted.
Text TypedLiteral(Pipeline& pipeline, const Type& type);
std::string Ipv4Text(Choices& choices);
std::string Ipv6Text(Choices& choices);
std::string MacText(Choices& choices);
// Of the family; `length` says how long, so that no two of one state need be alike.
std::string PrefixText(Choices& choices, Kind family);
// `{1, 2..5}`, a range, a prefix: what stands behind `in`, or between arms of a match.
std::string SetText(Pipeline& pipeline, const Type& type, bool one = false);
// Whether values of it can stand in a set.
bool HasSets(const Pipeline& pipeline, const Type& type);

Type AnyScalar(Pipeline& pipeline);
Type AnyType(Pipeline& pipeline);  // structs, tuples and arrays as well

// The declarations before the blocks: types, constants, parameters, events, states, headers.
void WriteItems(Pipeline& pipeline);
void WriteState(Pipeline& pipeline);
void WriteSlots(Pipeline& pipeline);
void WriteHeader(Pipeline& pipeline);

}  // namespace netc::differential
