// A checked program: every name resolved, every expression typed, every presence
// test explicit, everything legal for its hook. Check makes it; Lower and the
// reference interpreter read it; nothing changes it.
//
// Conventions
// - Evaluation is left to right; `and` and `or` stop early.
// - A header field is only ever read where its header is known to be present:
//   the checker put a Present test before it or refused the program.
// - Present ends the hook with its `unreadable` verdict if the header can't be
//   read; otherwise it yields whether the header is there.
// - Integers are in host order here; byte order is lowering's business.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/base/source.h"
#include "compiler/hooks/cc.h"
#include "compiler/hooks/hooks.h"
#include "compiler/hooks/lsm.h"
#include "compiler/hooks/sockops.h"
#include "compiler/hooks/verdict_notes.h"
#include "compiler/hooks/word_plan.h"
#include "compiler/object/test_plan.h"
#include "compiler/sema/expression.h"
#include "compiler/sema/type.h"

namespace netc::sema {

struct Statement;
using Block = std::vector<Statement>;

// --- Statements ------------------------------------------------------------------

struct Let {
  LocalId local{};
  ExprPtr value;
};
// A place inside a value: fields of structs and elements of arrays, outermost first.
// Empty: all of it.
struct PathStep {
  uint32_t field = 0;  // of a struct
  ExprPtr index;       // of an array, known to be below its length; null: a field
};
using Path = std::vector<PathStep>;
struct AssignLocal {
  LocalId local{};
  Path path;
  ExprPtr value;
};
// Writes a header field; checksums that cover it are kept right.
struct AssignField {
  HeaderRef header;
  uint32_t field = 0;
  ExprPtr value;
};
struct AssignContext {
  uint32_t field = 0;
  ExprPtr value;
  int word = -1;  // of an array: 32 bits of it
};
// Sets an option of the hook's socket; runs `otherwise` where the kernel refuses.
struct SetOption {
  const hooks::SocketOption* option = nullptr;
  hooks::Args socket{};  // kCtx, or kCtxSk
  ExprPtr value;
  Block otherwise;
};
// Writes bytes of a socket option's value, or its length (`bits` 0); runs `otherwise`
// where the value has no such bytes, or no room for the length.
struct ValueWrite {
  uint32_t at = 0;  // bytes from its begin
  uint32_t bits = 0;
  ExprPtr value;
  Block otherwise;
};
// Counts the fault and ends the hook with its abort verdict; a member of a congestion
// control, which has none, goes on.
struct Fail {
  std::string fault;
};
// Of a field of the connection or of its private state.
struct AssignConnection {
  ConnectionRead place;
  ExprPtr value;
};
struct If {
  ExprPtr condition;
  Block then;
  Block otherwise;
  // Set where the source has `VERDICT when …`: matches are counted under it.
  std::optional<uint32_t> rule;
};
// Binds `local` to what the optional holds and runs `then`, or runs `otherwise`.
// Where it comes from a state, the local is the entry in place.
struct IfLet {
  LocalId local{};
  ExprPtr optional;
  Block then;
  Block otherwise;
};
struct Match {
  struct Arm {
    std::vector<Contains::Element> patterns;
    Block body;
  };
  ExprPtr subject;
  std::vector<Arm> arms;
  Block otherwise;
};
// Runs the body with the local = 0 … count-1, at most `bound` times.
struct For {
  LocalId local{};
  ExprPtr first;       // inclusive
  ExprPtr last;        // exclusive
  uint32_t bound = 0;  // compile-time maximum of iterations
  Block body;
};
struct Emit {
  EventId event{};
  std::vector<ExprPtr> fields;
};
// Ends the hook; but one with a target lets the next statement run where the target's
// slot is empty.
struct Verdict {
  const hooks::Verdict* verdict = nullptr;
  // kTarget, kSocket: the slot of `target`, or without one an interface's number; behind it
  // the next hop's address, if the way takes one and it is given.
  // kValue: the answer; a duration where `reply` is kJiffies or kMicroseconds.
  std::vector<ExprPtr> arguments;
  std::optional<StateId> target;
  const hooks::TargetWay* way = nullptr;  // another way to the interface
  TypeId hop{};                           // the struct in which the kernel takes the next hop
  int32_t error = 0;  // kErrno: what the call fails with; 0: what the kernel says
  hooks::CallbackReply reply{};
  std::optional<uint32_t> rule;  // counted here if the verdict stands alone
};
struct CounterAdd {
  StateId state{};
  ExprPtr key;  // null for a counter without key
  ExprPtr amount;
};
struct StateWrite {
  StateId state{};
  ExprPtr key;
  ExprPtr value;    // null for sets
  Block otherwise;  // when it fails (full); empty: counted as a fault, goes on
};
// A place in an entry = place op value, as one step: none of those that run at the
// same time comes between. Nothing is inserted: where there is no such entry,
// `otherwise` runs.
struct StateUpdate {
  StateId state{};
  ExprPtr key;
  Path path;
  TypeId type{};  // of the place, a number or flags of 32 or 64 bits
  BinaryOp op{};
  ExprPtr value;  // of that type; of a shift, any integer
  Block otherwise;
  bool has_otherwise = false;  // else: counted as a fault, goes on
};
// Counts `value` in its bucket.
struct HistogramRecord {
  StateId state{};
  ExprPtr key;    // null for a histogram without key
  ExprPtr value;  // u64
};
struct StateRemove {
  StateId state{};
  ExprPtr key;
};
struct Return {
  ExprPtr value;  // may be null
};
struct Break {};
struct Continue {};
struct Evaluate {
  ExprPtr value;
};
// An effect that moves the packet's ends. It happens whole or not at all; where it
// fails, `otherwise` runs. Behind it, and in `otherwise`, nothing is known of the
// packet's headers: the checker has forgotten it.
enum class EffectKind {
  kTrim,        // (u32 bytes) are cut off the packet's end
  kGrow,        // (u32 bytes) of zero are put behind the packet
  kPushBytes,   // (u32 bytes) of zero are put before the packet
  kPopBytes,    // (u32 bytes) are cut off the packet's begin
  kPushHeader,  // `header`, with one argument a field, is put behind `carrier`
  kPopHeader,   // `header`, which is present, is taken out from behind `carrier`
  kEncap,       // `layers` are put behind `carrier`, whose fields `front` are set
  kBecome,      // the packet is `layers`, `total` bytes, and nothing else
  kDecap,       // what is before `inside` is taken out, or all up to it if it is a frame
  kAssign,      // (socket) gets the packet; nothing is forgotten
  kClone,       // (slot of `target`, or a number): a copy leaves by that interface
  kPace,        // ([key,] bitrate): the packet departs when `pacer`'s line is free
};
// A header that `encap` writes: one argument a field; its own sum is computed, if it
// covers the header alone, and is else 0.
struct OuterHeader {
  HeaderId header{};
  std::vector<ExprPtr> arguments;
  // Of kBecome: where it begins, its bytes with its options and the zeros behind them; and
  // where its checksum is made: the bytes from its begin that it covers, and what else is
  // added, numbers and addresses.
  uint32_t at = 0, size = 0, summed = 0;
  std::vector<ExprPtr> summands{};
};
// Of a field of the header that begins the frame: its new value, or the old one of
// another field.
struct FrontChange {
  uint32_t field = 0;
  ExprPtr value;  // null: that of `from`
  uint32_t from = 0;
};
struct Effect {
  EffectKind effect{};
  const hooks::Effect* row = nullptr;
  std::vector<ExprPtr> arguments;
  StateId pacer{};                // of kPace
  std::optional<StateId> target;  // of kClone
  // Of the header effects: `carrier` begins the frame; its field `link` says what
  // follows it, and so does field `next` of `header`, whose own value is `value`.
  HeaderRef carrier, header;
  uint32_t link = 0, next = 0;
  uint64_t value = 0;
  // Of kEncap and kDecap. The effect fails where `guard` doesn't hold; it and all values
  // are evaluated before anything is changed: layers, then `front`, then `guard`.
  std::vector<OuterHeader> layers;  // outermost first
  std::vector<FrontChange> front;
  ExprPtr guard;
  uint32_t total = 0;
  bool of_frame = false;  // the whole frame is carried, with its own link header
  // Of kDecap: the header that begins what is inside, one of these; the IP header that it
  // has, or is, and that of the packet around it, with the values by which a link header
  // names them.
  struct Family {
    HeaderRef header;
    uint64_t value = 0;
  };
  std::vector<HeaderRef> inside;
  std::vector<Family> inner_ip, outer_ip;  // with an skb, which says what it carries
  Block then;                              // where it succeeded
  Block otherwise;
  bool has_otherwise = false;  // else: the hook's abort verdict, and a fault counter
};

struct Statement {
  Span span;
  std::variant<Let, AssignLocal, AssignField, AssignContext, SetOption, ValueWrite, Fail,
               AssignConnection, If, IfLet, Match, For, Emit, Verdict, CounterAdd, StateWrite,
               StateUpdate, HistogramRecord, StateRemove, Return, Break, Continue, Evaluate, Effect>
      node;
};

// --- Declarations ------------------------------------------------------------------

struct Selector {
  std::string name;
  TypeId type{};
  uint32_t depth = 1;  // headers that both stand on it and lead to it, at most
};

// How a header's checksum is made.
struct Checksum {
  enum class Algorithm { kOnesComplement, kOnesComplementOrNone, kCrc32c };
  enum class Covers { kHeader, kExtent };
  uint32_t field = 0;
  Algorithm algorithm = Algorithm::kOnesComplement;
  Covers covers = Covers::kHeader;
  // Further summands (the pseudo header): numbers as 16-bit words, addresses as
  // their words. Reads of other headers are of the same scope; Select picks the
  // one that is present.
  std::vector<ExprPtr> summands;
  bool adds_extent = false;  // the extent, as a 16-bit (IPv6: 32-bit) number
};

struct HeaderField {
  std::string name;
  std::string documentation;
  Span span;
  TypeId type{};
  uint32_t bit_offset = 0;  // from the header's start, most significant bit first
  uint32_t bits = 0;
  bool is_layout = false;  // can't be assigned; filled in when a test builds a packet
  ExprPtr initial;         // may be null; Scope::kSelf, may use kHeaderSize and kExtent
};

struct NextHeader {
  SelectorId selector{};
  bool inner = false;
  ExprPtr value;                  // Scope::kSelf
  ExprPtr when;                   // may be null
  std::optional<uint32_t> field;  // the field that names the next header, if it is one
};

struct HeaderPlace {
  bool at_start = false;  // `frame`
  SelectorId selector{};
  bool inner = false;
  std::vector<uint64_t> values;
};

// How the options behind a header's fixed part are walked: from its last field to
// its size, each option as large as `size` says. A walk that leaves the header, or
// meets an option shorter than `base`, makes what it looks for unreadable.
struct OptionWalk {
  HeaderId base{};  // the fields that every option begins with, e.g. kind and length
  ExprPtr size;     // u32 bytes of the whole option, Scope::kSelf of `base`
  ExprPtr end;      // bool: nothing follows; may be null
  ExprPtr single;   // bool: an option of one byte, its first; may be null
};

struct Header {
  std::string name;  // of an option: "tcp.mss"
  std::string documentation;
  Span span;
  std::optional<OptionWalk> options;
  // An option is a header found by its parent's walk; it is present if the parent
  // is and the walk meets one whose first field has one of these values.
  std::optional<HeaderId> option_of;
  std::vector<uint64_t> option_kinds;
  std::vector<HeaderPlace> places;
  std::optional<HeaderId> within;
  std::vector<HeaderField> fields;
  uint32_t fixed_size = 0;         // bytes up to the last field's end
  ExprPtr size;                    // u32 bytes of the whole header; null: fixed_size
  uint32_t max_size = 0;           // bytes that `size` can reach
  std::vector<ExprPtr> requires_;  // else the header is unreadable
  ExprPtr extent;                  // u32 bytes from its start; null: to the packet's end
  std::optional<Checksum> checksum;
  std::vector<NextHeader> next;
};

struct Param {
  std::string name;
  std::string documentation;
  Span span;
  bool is_const = false;
  TypeId type{};
  ExprPtr value;  // constant
};

enum class StateKind {
  kHash,
  kLru,
  kArray,
  kPrefixes,
  kPrefixSet,
  kSet,
  kCounter,
  kHistogram,
  kLimiter,
  kPacer,
  kQueue,
  kSockets,
  kReuseportSockets,
  kDevices,
  kInterfaces,
  kCpus,
  kXdpSockets,
  kValue,
  kStack,
  kRing,
};
// Kinds whose values only the kernel understands; verdicts read them.
constexpr bool IsSlots(StateKind kind) {
  return kind == StateKind::kSockets || kind == StateKind::kReuseportSockets ||
         kind == StateKind::kDevices || kind == StateKind::kInterfaces ||
         kind == StateKind::kCpus || kind == StateKind::kXdpSockets;
}
enum class StateScope { kGlobal, kCpu, kSocket, kCgroup, kTask, kConnection };
// Kept beside an object of the kernel's, and gone with it: its key is that object, an
// OwnObject or a LocalRef.
constexpr bool IsStorage(StateScope scope) {
  return scope == StateScope::kSocket || scope == StateScope::kCgroup || scope == StateScope::kTask;
}

struct StateEntry {
  ExprPtr key;    // constant; for prefixes a prefix
  ExprPtr value;  // null for sets
  // The parameter whose value it is, of text; `value` is then its default.
  std::optional<ParamId> param;
};
struct State {
  std::string name;
  std::string documentation;
  Span span;
  StateKind kind{};
  StateScope scope = StateScope::kGlobal;
  std::optional<TypeId> key;
  std::optional<TypeId> value;
  uint64_t capacity = 1;
  bool lru = false;
  // When an entry is no longer there: so long after it was put, or last used.
  std::optional<uint64_t> expires_ns, idle_ns;
  bool swappable = false;  // all entries can be replaced at once
  // kHistogram: buckets of `step` each, or powers of two; the last has no end.
  uint32_t buckets = 0;
  uint64_t step = 0;  // 0: powers of two
  // kRing: its key is a member, or what the member is for and the member; its value the
  // weight. `buckets` of each table, a prime.
  std::optional<TypeId> ring_key;
  TypeId member{};
  // kLimiter
  ExprPtr rate;   // frequency or bitrate: constant or ParamRef
  ExprPtr burst;  // u64: constant or ParamRef
  // kPacer: how far from now a packet may depart.
  uint64_t horizon_ns = 0;
  std::vector<StateEntry> entries;
};

struct EventField {
  std::string name;
  TypeId type{};
  uint32_t offset = 0;  // bytes from the record's start; the first 8 hold id and length
};
struct Event {
  std::string name;
  std::string documentation;
  Span span;
  std::vector<EventField> fields;
  uint32_t size = 0;  // of the whole record
};

struct Local {
  std::string name;
  Span span;
  TypeId type{};
  bool in_place = false;  // refers to a state's entry
  uint64_t most = ~0ull;  // of an unsigned number that is bound once: its largest value
};

struct Function {
  std::string name;
  Span span;
  std::vector<LocalId> parameters;
  TypeId result{};
  std::vector<Local> locals;
  Block body;
};

struct Rule {
  Span span;
  std::string text;  // on one line
  const hooks::Verdict* verdict = nullptr;
};

struct AttachAttribute {
  std::string name;
  std::optional<ParamId> param;
  std::string value;  // if no param
};

struct HookBlock {
  std::string name;
  std::string documentation;
  Span span;  // of the whole block
  Span head;  // of `on xdp guard`
  const hooks::Hook* hook = nullptr;
  const hooks::LsmHook* lsm = nullptr;  // of lsm_cgroup.NAME
  std::string family_of;  // "cgroup.connect": the block is one of several, a program a family
  std::vector<AttachAttribute> attributes;
  const hooks::Verdict* unreadable = nullptr;  // verdict on an unreadable header
  const hooks::Verdict* on_abort = nullptr;    // verdict of a failed effect
  const hooks::Verdict* at_end = nullptr;      // verdict where the block ends without one
  std::vector<Local> locals;
  uint32_t callback_flags = 0;      // that the callbacks it names need; see hooks/sockops.h
  std::optional<uint32_t> control;  // of Program::controls, whose member it is
  const hooks::CcMember* member = nullptr;
  TypeId result{};          // of a member
  std::vector<Rule> rules;  // numbered from `first_rule`
  uint32_t first_rule = 0;
  Block body;
};

// A header of the user's, and what a module says of its functions.
struct CImport {
  std::string path;  // as the emitted C includes it
  Span span;         // of the string
};
struct CFunction {
  std::string name;
  uint32_t import = 0;  // index into Program::c_imports
  Span span;
  struct Parameter {
    TypeId type{};
    bool is_context = false;  // takes the hook's context; the type says nothing then
  };
  std::vector<Parameter> parameters;
  TypeId result{};

  bool takes_context() const {
    for (const Parameter& parameter : parameters) {
      if (parameter.is_context) return true;
    }
    return false;
  }
};

// A congestion control; its members are hook blocks.
struct Control {
  std::string name;
  std::string documentation;
  Span span;
  TypeId private_type{};         // a struct; kError: it keeps nothing
  std::vector<ExprPtr> initial;  // of its fields; null: 0
};

struct Program {
  std::string name;
  std::string documentation;
  hooks::KernelVersion floor{};
  TypeTable types;
  std::vector<Selector> selectors;
  std::vector<Header> headers;
  std::vector<Param> params;
  std::vector<State> states;
  std::vector<Event> events;
  std::vector<Function> functions;
  std::vector<CImport> c_imports;
  std::vector<CFunction> c_functions;
  std::vector<HookBlock> hooks;
  std::vector<Control> controls;
  std::vector<object::TestPlan> tests;
};

}  // namespace netc::sema
