// The expressions of a checked program; program.h says how they are evaluated.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/base/source.h"
#include "compiler/hooks/signature.h"
#include "compiler/hooks/word_plan.h"
#include "compiler/sema/type.h"

namespace netc::sema {

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

// Indexes into the vectors of Program, or of the hook's locals.
enum class SelectorId : uint32_t {};
enum class HeaderId : uint32_t {};
enum class ParamId : uint32_t {};
enum class StateId : uint32_t {};
enum class EventId : uint32_t {};
enum class FunctionId : uint32_t {};
enum class LocalId : uint32_t {};  // index into Body::locals

// One occurrence of a header: the packet's own, or that of the packet inside.
enum class Scope : uint8_t {
  kOuter,
  kInner,
  kSelf,  // in a header's own declaration: whichever occurrence is meant
};
struct HeaderRef {
  HeaderId header{};
  Scope scope = Scope::kOuter;
  friend auto operator<=>(const HeaderRef&, const HeaderRef&) = default;
};

// --- Expressions ---------------------------------------------------------------

// Numbers, booleans, enums: `number`, sign-extended to 64 bits. Addresses: network
// order, in the first bytes of `bytes`. Prefixes: `number` is the length.
struct Constant {
  uint64_t number = 0;
  std::array<uint8_t, 16> bytes{};
  std::string text;  // kString
};
struct LocalRef {
  LocalId local{};
};
struct ParamRef {
  ParamId param{};
};
struct FieldRead {
  HeaderRef header;
  uint32_t field = 0;  // index into Header::fields
};
struct Present {
  HeaderRef header;
};
// Field of a struct or tuple value.
struct FieldOf {
  ExprPtr object;
  uint32_t field = 0;
};
// Of a struct, a tuple or an array.
struct StructValue {
  std::vector<ExprPtr> fields;  // in declaration order, all of them; of a kernel struct null: 0
};
// Element of an array. Where `index` is known to be below the array's length, the
// node has the element's type; else an optional of it, absent beyond the end.
struct ElementOf {
  ExprPtr object;
  ExprPtr index;  // an unsigned integer
};
enum class UnaryOp { kNegate, kComplement };
struct Unary {
  UnaryOp op;
  ExprPtr operand;
};
// Both operands and the result have the node's type, but for shifts, whose right
// operand may be any unsigned type. Wraps at the type's width; x / 0 = 0,
// x % 0 = x; shift amounts are taken modulo the width.
enum class BinaryOp { kMul, kDiv, kRem, kAdd, kSub, kShl, kShr, kAnd, kXor, kOr };
struct Binary {
  BinaryOp op;
  ExprPtr left, right;
};
// Operands of one type; signed where the type is.
enum class CompareOp { kEq, kNe, kLt, kLe, kGt, kGe };
struct Compare {
  CompareOp op;
  ExprPtr left, right;
};
struct Not {
  ExprPtr operand;
};
struct And {
  std::vector<ExprPtr> operands;
};
struct Or {
  std::vector<ExprPtr> operands;
};
struct Select {
  ExprPtr condition, yes, no;
};
// `subject in {1, 5..9, 10.0.0.0/8}`; the elements are constants of the subject's
// type. `mask` says which bits of `first` count for a prefix (length in bits).
struct Contains {
  struct Element {
    enum class Form { kValue, kRange, kPrefix } form = Form::kValue;
    Constant first;
    Constant last;        // kRange, inclusive
    uint32_t length = 0;  // kPrefix
  };
  ExprPtr subject;
  std::vector<Element> elements;
};
// To the node's type: integers widen, or narrow by dropping high bits; ipv4 → ip;
// bool → integer; enum ↔ its representation; a number ↔ a quantity of the same bits.
struct Convert {
  ExprPtr operand;
};
// bool: binds `local` to what the optional holds and yields `condition`; false
// where it holds nothing. `optional` may also be a plain value, which is always there. The local of
// a state lookup is the entry in place.
struct IfPresent {
  LocalId local{};
  ExprPtr optional;
  ExprPtr condition;
};
// Is the key (or, in prefixes, a prefix that covers it) there?
struct StateContains {
  StateId state{};
  ExprPtr key;
};
// optional<value>: the entry itself; a local bound to it by IfLet refers to it in
// place. The key is absent for arrays of one element.
struct StateLookup {
  StateId state{};
  ExprPtr key;
};
// The value of state that always has one (a counter without key, an array element
// with a bound index). Counters read as u64.
struct StateRead {
  StateId state{};
  ExprPtr key;  // may be null
};
struct OrInsert {
  StateId state{};
  ExprPtr key;
  ExprPtr value;
};
// bool: takes `amount` from the limiter's budget; false when it is used up.
struct LimiterTake {
  StateId state{};
  ExprPtr key;     // null for a limiter without key
  ExprPtr amount;  // null: 1
};
// optional<value>: what a queue or stack gives next; `peek` leaves it there.
struct QueueTake {
  StateId state{};
  bool peek = false;
};
// optional<member>: whom the hash leads to among the members for the key.
struct RingPick {
  StateId state{};
  ExprPtr key;     // null for a ring without one
  ExprPtr amount;  // the hash, a u32
};
// A field of the hook's context, by its row in the hook tables.
struct ContextField {
  uint32_t field = 0;  // index into hooks::Hook::fields
  int word = -1;       // of an array: 32 bits of it
};
// optional<uN>: bytes of a socket option's value, in host order; absent where it is
// shorter.
struct ValueRead {
  uint32_t at = 0;  // bytes from its begin
  uint32_t bits = 8;
};
// A word of the hook that is no plain field of its context. Where it is not `known` to
// have a value it is an optional<value>.
struct WordRead {
  std::string word;
  std::shared_ptr<const hooks::WordPlan> plan;
  bool known = false;
};
// An argument of the LSM hook that is a number: HookBlock::lsm.
struct ArgumentRead {
  uint32_t index = 0;
};
// bool: is there a socket of this level (kSocket, kFull, kTcp)?
struct SocketTest {
  hooks::Needs level{};
};
enum class Builtin {
  kNow,           // time
  kRandom,        // u32
  kCpu,           // u32
  kNumaNode,      // u32
  kPacketLength,  // u32, bytes from the packet's start in this hook
  kHash,          // u32 of the argument's bytes, netc's own function
  kMulDiv,        // (a, b, c): a * b / c in 128 bits, saturated
  kMin,
  kMax,
  kAbs,
  kHeaderSize,  // u32: in a header's own declaration, its size in bytes
  kExtent,      // u32: bytes from its start that belong to it and what it carries
};
struct BuiltinCall {
  Builtin builtin;
  std::vector<ExprPtr> arguments;
};
// Bytes of the payload behind the innermost parsed transport header, in network
// order: optional<uN>, absent where the packet ends before.
struct PayloadRead {
  uint32_t bits = 8;
  HeaderRef after;  // the payload is what follows this header
  ExprPtr offset;   // u32, bytes
};
struct FunctionCall {
  FunctionId function{};
  std::vector<ExprPtr> arguments;
};
// A function of the user's C; its context, where it takes one, is no argument here.
struct CCall {
  uint32_t function = 0;  // index into Program::c_functions
  std::vector<ExprPtr> arguments;
};
// What is handed to a function of the kernel's, parameter by parameter.
struct KernelArgument {
  hooks::Pass pass{};
  // kScalar, kMemory: the value, or with `in_place` the local that the kernel may
  // write; kObject, kSocket, kTask: a LocalRef of an object; null: the hook's own.
  ExprPtr value;
  bool in_place = false;
  bool big_endian = false;          // kScalar: handed over in network order
  std::optional<HeaderRef> header;  // kMemory: this header's fixed part
  std::optional<StateId> state;     // kMap
  uint64_t bytes = 0;               // kSize
  std::string text;                 // kText
  bool whole = false;               // kMemory: the header's options too; then kSize is theirs
};
// A function of the kernel's by name. Yields a number, nothing, an object (bound by a
// Let, or where it may be absent by an IfLet: in whose block, and no longer, the object
// is there and is given back on every way out of it), or optionally the value in the
// map, in place.
struct HelperCall {
  const hooks::Helper* helper = nullptr;  // one of the two
  const hooks::Kfunc* kfunc = nullptr;
  std::vector<KernelArgument> given;
  const hooks::ObjectKind* gives = nullptr;  // the object that it yields
  bool changes_packet = false;               // nothing is known of headers behind it

  std::string_view name() const { return helper ? helper->name : kfunc->name; }
};
// A field of an object that a local is bound to.
struct ObjectField {
  LocalId local{};
  uint32_t field = 0;  // index into hooks::AllPointeeFields()
};
// The object of the hook's own that a state is kept for: its socket, the running task,
// or the cgroup. Only as the key of such a state.
struct OwnObject {};
// A value of the node's type of which all bytes are zero.
struct Zero {};
// A function of the kernel's own, in a congestion control; the connection, where it
// takes one, is not among the arguments.
struct KfuncCall {
  const hooks::Kfunc* kfunc = nullptr;
  std::vector<ExprPtr> arguments;
};
// What a member of a congestion control knows: see Control and HookBlock::member.
struct ConnectionRead {
  enum class Of : uint8_t {
    kField,      // of the connection: index into hooks::AllCcFields()
    kPrivate,    // of its private state: index into Control::fields
    kParameter,  // of the member: index among those behind the connection
    kSample,     // of what a parameter points to: `sample` into hooks::AllCcSampleFields()
  };
  Of of{};
  uint32_t index = 0;
  uint32_t sample = 0;
};

struct Expr {
  Span span;
  TypeId type{};
  std::variant<Constant, LocalRef, ParamRef, FieldRead, Present, FieldOf, StructValue, Unary,
               Binary, Compare, Not, And, Or, Select, Contains, Convert, IfPresent, StateContains,
               StateLookup, StateRead, OrInsert, LimiterTake, QueueTake, RingPick, ElementOf,
               ContextField, ValueRead, ArgumentRead, WordRead, SocketTest, BuiltinCall,
               PayloadRead, FunctionCall, CCall, HelperCall, KfuncCall, ConnectionRead, ObjectField,
               OwnObject, Zero>
      node;
};

}  // namespace netc::sema
