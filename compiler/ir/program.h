// The IR: a pipeline as typed, structured C, resolved and legal for its hooks.
// Lower makes it, passes rewrite it, Emit prints it.
//
// - Packet pointers are explicit: Access makes one after a bounds check, and it
//   holds until a Kill. After that, Kill::keep says which headers are found
//   again from the offsets that were kept.
// - Numbers are in host order (kNumber) or network order (kNetwork); Swap is the
//   only way between them.
// - Every way out of a hook is an Exit or a FailUnreadable.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/hooks/hooks.h"
#include "compiler/ir/expr.h"
#include "compiler/object/object_info.h"

namespace netc::ir {

struct Statement;
using Block = std::vector<Statement>;

// 1-based line of Program::files[file]; line 0: nowhere.
struct Origin {
  uint32_t file = 0;
  uint32_t line = 0;
  uint32_t column = 0;
};

// --- Statements ----------------------------------------------------------------

struct Declare {
  VarId var{};
  ExprPtr value;  // may be null
};
struct Assign {
  ExprPtr target;
  ExprPtr value;
};
struct If {
  ExprPtr condition;
  Block then;
  Block otherwise;
};
// for (var = first; var < last; var++). Loops of parsers are unrolled: Linux 6.1
// refuses a loop whose head is entered by falling through (check_cfg, "back-edge").
struct Loop {
  VarId var{};
  ExprPtr first, last;
  bool unroll = false;
  Block body;
};
struct Break {};
struct Continue {};
// The object that a pointer is to is given back, by `release`, where control leaves the
// body, whichever way. ReleaseHeld writes these calls out.
struct Held {
  VarId object{};
  std::string release;
  Block body;
};
// A block that Leave ends early.
struct Labeled {
  std::string label;
  Block body;
};
struct Leave {
  std::string label;
};
struct Do {
  ExprPtr call;
};
struct Comment {
  std::string text;
};
// Makes the compiler read memory again, so that the verifier forgets what it
// learnt about values read before: language.md, rule 12.
struct Barrier {};
// Hides a variable's value from the compiler, so that it stays in a register.
struct Opaque {
  VarId var{};
  bool for_verifier = false;  // which knows nothing of it either, in a parser `by_offset`
};
// The same of which headers are present, in a parser: a test of one that was made before and
// kept on the stack tells the verifier nothing.
struct OpaquePresent {};
// Ends a function that is not the hook's own.
struct Return {
  ExprPtr value;  // may be null
};
// Ends the hook.
struct Exit {
  const hooks::Verdict* verdict = nullptr;
  std::optional<uint32_t> rule;  // that decided
  int32_t error = 0;             // what the call fails with, if not what the kernel says
};
// Ends the hook with its verdict on unreadable headers.
struct FailUnreadable {};
// Notes that the header is present.
struct MarkPresent {
  SlotId slot{};
};
// Notes that these headers can't be read.
struct MarkUnreadable {
  uint64_t mask = 0;
};
// pointer = the `bytes` at offset `at` of the packet; runs `fail` where they are
// not all there, or end behind `limit`.
struct Access {
  VarId pointer{};
  ExprPtr at;
  uint32_t bytes = 0;
  ExprPtr limit;  // may be null
  Block fail;
  bool read_through_helper = false;  // for a stack copy where pointers don't reach
  std::optional<SlotId> beside{};    // at offset 0 what stands beside the packet
  std::optional<SlotId> slot;        // whose copy that is
  bool optional = false;             // not there: the pointer is null, nothing fails
  bool bound = false;                // `at`, a variable, is cut to what an offset can be
};
// Packet pointers die here: the statement before killed them. The headers in
// `keep` are found again; `fail` runs where one no longer is.
struct Reload {
  std::vector<SlotId> keep;
  Block fail;
};
// The packet's ends have moved: what is used from here on is found anew, by one
// of Packet::reparsers.
struct Reparse {
  uint32_t parser = 0;
};
// Runs a part of the hook's own function; control goes on as it comes out of that.
struct RunPart {
  uint32_t part = 0;  // index into Hook::parts
  std::string leave;  // the label that it may go to; empty: none
};
// A record of the event ring: reserved, filled and submitted, or counted as lost.
struct Record {
  uint32_t event = 0;  // index into Program::events
  std::vector<ExprPtr> fields;
};

struct Statement {
  Origin origin;
  std::variant<Declare, Assign, If, Loop, Break, Continue, Held, Labeled, Leave, Do, Comment,
               Barrier, Opaque, OpaquePresent, Return, Exit, FailUnreadable, MarkPresent,
               MarkUnreadable, Access, Reload, Reparse, RunPart, Record>
      node;
};

// --- Declarations --------------------------------------------------------------

struct StructMember {
  Type type;
  std::string name;
  uint32_t count = 0;  // of an array; 0: none
  uint32_t align = 0;  // lower than the type's own; 0: natural
};
struct Struct {
  std::string name;
  std::string comment;
  std::vector<StructMember> members;
  bool is_array = false;  // around its one member, so that it can be assigned
  // Of the kernel's structs, whose members may lie at one offset: where each does, and
  // the whole size. Empty: members follow each other.
  std::vector<uint32_t> offsets{};
  uint32_t bytes = 0;
};

struct Var {
  std::string name;
  Type type;
  bool shared = false;  // between parts of a hook: a member of their frame
  // A pointer that may be to a copy of the packet's bytes. A part may not keep one to the stack,
  // so that where it is shared the bytes themselves are, copied in any case.
  bool copied = false;
  std::optional<SlotId> copy_of = std::nullopt;  // whose copy that is; else it has one of its own
};

struct Function {
  std::string name;
  std::string comment;
  Type result;
  std::vector<VarId> parameters;
  std::vector<Var> vars;
  Block body;
};

// A piece of a hook's own function that became a function, with the variables of
// Hook::main: a jump reaches 32,767 instructions.
struct HookPart {
  Block body;
  std::string leave;  // the label outside that it goes to; empty: none
  bool exits = false;
  bool fails_unreadable = false;
  bool moves_packet = false;  // pointers to it that were made before are dead
};

// A header of the packet that a hook knows of.
struct Slot {
  std::string name;     // C name: ipv4, inner_ipv4
  uint32_t layout = 0;  // struct of Program::structs
  uint32_t bytes = 0;
  uint64_t bit = 0;  // in the masks of present and of unreadable headers
  bool keep_offset = false;
  bool keep_end = false;  // where what it carries ends
  bool copied = false;    // a hook that copies keeps it in memory of its own
  // With an skb it may stand beside the packet, in the context: then its offset is 0, and
  // its pointer leads to a copy.
  bool beside = false;
  // Its offset says all: 0 it is absent, more than a packet has it can't be read. The
  // pointer is made where it is used: a packet may have any of its options, so that
  // pointers and bits would multiply the verifier's ways.
  bool is_option = false;
};

// The options of a header, walked by a function that the verifier checks alone.
struct OptionsWalk {
  static constexpr uint32_t kFirstOption = 4;  // members before the offsets
  std::string name;
  uint32_t layout = 0;  // struct of Program::structs: at, end, limit, lost, then the offsets
  uint32_t rounds = 0;  // at most
  Function step;        // one option; its parameter is the walk
};

// How a hook reaches packet bytes: chosen once, from the hook's PacketModel.
enum class AccessMethod : uint8_t {
  kNone,
  kDirect,  // pointers, after a bounds check
  kPull,    // the same, after the linear part was made long enough
  kCopy,    // pointers; beyond the linear part a copy on the stack
};

struct Packet {
  AccessMethod method = AccessMethod::kNone;
  std::string load_helper;  // kCopy
  std::string pull_helper;  // kPull
  bool own_bits = false;    // of slots; else the program's hooks share them
  // Where a packet takes so many ways that the verifier can't follow each: the parser is
  // a function that it checks alone, and leaves offsets; pointers are made where they are
  // used.
  bool by_offset = false;

  // Whether the hook keeps copies: the parser's, or those that are made where they are used.
  bool keeps_copies() const {
    return std::any_of(slots.begin(), slots.end(), [](const Slot& slot) { return slot.copied; });
  }
  bool parser_keeps_copies() const { return keeps_copies() && !by_offset; }
  uint32_t need = 0;  // kPull: bytes that all headers can take together
  std::vector<Slot> slots;
  std::optional<Function> parse;
  std::vector<Function> reparsers;  // each for what is used behind an effect
  std::vector<Function> walks;      // verified alone: extension-header chains
  std::vector<OptionsWalk> options;
};

struct Hook {
  std::string name;
  std::string documentation;
  Origin origin;
  const hooks::Hook* hook = nullptr;
  std::string target;  // of an LSM program: the hook's name in the kernel
  Packet packet;
  Function main;
  std::vector<HookPart> parts;
  const hooks::Verdict* unreadable = nullptr;
  const hooks::Verdict* audit_pass = nullptr;  // instead of a verdict that denies
  uint32_t unreadable_fault = 0;               // index into Program::faults
  std::set<std::string> context;               // members of the context that are used
  // A member of a congestion control: what it uses beside the connection. It
  // returns a value, not a verdict.
  struct Parameter {
    std::string name;
    std::string c_type;
    uint32_t word = 0;  // of the context
  };
  bool is_member = false;
  std::vector<Parameter> parameters;
  std::optional<uint32_t> private_struct;  // of Program::structs
  uint32_t rule_count = 0;
  bool tells_verdict = false;  // a test of it runs on a real device
  bool changes_sums = false;   // in the packet, without the kernel's helpers
  bool sends_copies = false;   // of the packet, by other interfaces
};

struct Map {
  std::string name;
  std::string comment;
  std::string type;  // "BPF_MAP_TYPE_HASH"
  uint32_t type_number = 0;
  std::optional<Type> key, value;
  // Index of the map that this is a copy of, for programs that can't use that one.
  std::optional<uint32_t> copy_of;
  uint64_t entries = 0;
  uint32_t flags = 0;
  bool swappable = false;  // the map is in another, which has this one's name
  // Of a map of maps: the map that its tables are made from, and their size; arrays of
  // `value`.
  std::optional<uint32_t> table_of;
  uint64_t buckets = 0;
};

// A congestion control, as a struct tcp_congestion_ops.
struct Control {
  std::string name;   // C name
  std::string title;  // as connections choose it
  std::string comment;
  std::vector<std::pair<std::string, std::string>> members;  // C member, function
};

struct Parameter {
  std::string symbol;
  std::string comment;
  Type type;
  ExprPtr value;
};

struct Event {
  std::string name;
  uint32_t id = 0;
  uint32_t record = 0;  // struct of Program::structs, with id and size first
  uint32_t size = 0;
};

// A header of the user's C, with the types that its functions must have.
struct CPrototype {
  std::string name;
  Type result;
  std::vector<Type> parameters;
  Origin origin;
};
struct CInclude {
  std::string path;
  std::vector<CPrototype> functions;
};

struct Program {
  std::string name;
  std::string version;
  std::string documentation;
  std::vector<std::string> files;  // base names, for comments
  std::vector<Struct> structs;     // in the order in which C needs them
  std::vector<Map> maps;
  std::vector<Parameter> parameters;
  std::vector<Event> events;
  std::vector<std::string> faults;
  std::vector<CInclude> includes;
  std::vector<Hook> hooks;
  std::vector<Control> controls;
  // What congestion controls use of the kernel: members of struct tcp_sock with their
  // C types, members of samples as (struct, member), prototypes of functions.
  std::map<std::string, std::string> connection;
  std::map<std::string, std::map<std::string, std::string>> samples;
  std::map<std::string, std::string> kfuncs;
  // Members that are read through pointers to structs of the kernel's interface.
  std::map<KernelStruct, std::set<std::string>> kernel_members;
  uint32_t rule_count = 0;
  uint32_t zeros = 0;  // bytes of netc_zeros, which new entries are made of
  bool events_in_ring = false;
};

// As text, for `--emit ir`.
std::string Dump(const Program& program);

}  // namespace netc::ir
