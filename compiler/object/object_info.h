// What a netc object carries beside its BPF programs: all that `netc run` needs
// to load, attach, feed and observe it on a machine without the source and
// without Clang. It stands as JSON in the ELF section kObjectSection.
//
// The compiler fills an ObjectInfo, the runtime reads it; nothing in it depends
// on the machine that compiled it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace netc::object {

inline constexpr std::string_view kObjectSection = ".netc";
// Raised when a reader of the old format would misread the new one.
inline constexpr int kObjectFormat = 1;

using Bytes = std::vector<uint8_t>;

// --- Types of values that cross between user space and the kernel -------------
// Enough of a type to read a value from text (`--set`, `--load`) and to show one.

enum class Form {
  kBool,       // 1 byte, 0 or 1
  kUnsigned,   // 1, 2, 4 or 8 bytes in host order; `bits` may be narrower
  kSigned,     // 1, 2, 4 or 8 bytes in host order, two's complement
  kPort,       // 2 bytes in host order
  kDuration,   // 8 bytes, nanoseconds
  kFrequency,  // 8 bytes, events in 1,000,000 seconds (so 0.5/s is exact)
  kBitrate,    // 8 bytes, bits a second
  kSize,       // 8 bytes, bytes
  kTime,       // 8 bytes, nanoseconds since boot (CLOCK_BOOTTIME)
  kIpv4,       // 4 bytes in network order
  kIpv6,       // 16 bytes in network order
  kIp,         // 16 bytes in network order, IPv4 as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2)
  kMac,        // 6 bytes in network order
  kPrefix,     // __u32 prefix length in host order, then the address `element`
  kBytes,      // `size` bytes
  kString,     // `size` bytes, NUL padded
  kEnum,       // like kUnsigned, with names
  kStruct,     // fields at their offsets; also tuples, whose fields are "0", "1", …
  kArray,      // `count` times `element`
};

struct TypeInfo {
  Form form = Form::kUnsigned;
  std::string name;    // as written in the source, e.g. "ipv4_addr", "Backend"
  uint32_t size = 0;   // bytes
  uint32_t bits = 0;   // kUnsigned, kSigned: significant bits
  uint32_t count = 0;  // kArray
  struct Field;
  std::vector<Field> fields;                            // kStruct
  std::vector<std::pair<std::string, uint64_t>> names;  // kEnum
  std::vector<TypeInfo> element;                        // kArray, kPrefix: exactly one
};

struct TypeInfo::Field {
  std::string name;
  uint32_t offset = 0;  // bytes from the struct's start
  TypeInfo type;
};

// --- The pipeline -------------------------------------------------------------

// A place in the source: 1-based line and column.
struct Place {
  std::string file;
  uint32_t line = 0;
  uint32_t column = 0;
};

// A constant, or the name of a parameter whose value is used at attach time.
struct Attribute {
  std::string name;  // "dev", "mode", "netns", "cgroup", …
  std::string value;
  bool is_param = false;
};

struct Rule {
  uint32_t index = 0;  // counter number, unique in the object
  Place place;
  std::string text;     // the rule as written, on one line
  std::string verdict;  // word of the hook, empty for a rule that is no verdict
};

struct Verdict {
  std::string word;
  int64_t code = 0;
};

// One BPF program: one hook block, or one member of a hook that has several.
struct Program {
  std::string name;      // the block's name in the source, e.g. "guard"
  std::string function;  // C function, and name of the BPF program
  std::string hook;      // row of compiler/hooks, e.g. "xdp"
  Place place;
  std::vector<Attribute> attributes;
  std::vector<Verdict> verdicts;  // the hook's words, to show raw codes
  std::vector<Rule> rules;
  // It rewrites fields under a checksum without an skb: right for complete ones alone.
  bool changes_sums = false;
  // Copies of packets leave by interfaces, also in a test.
  bool sends_copies = false;
};

struct Entry {
  Bytes key;    // empty for state without a key
  Bytes value;  // empty for sets
  // The parameter of text whose value is put instead; empty: none.
  std::string param = {};
};

struct State {
  std::string name;  // as in the source
  std::string map;   // BPF map in the object
  std::string kind;  // "hash", "set", "prefixes", "prefix_set", "array", "counter", "limiter", …
  std::string documentation;
  bool per_cpu = false;  // values are one per CPU; user space sums counters
  std::optional<TypeInfo> key;
  std::optional<TypeInfo> value;
  uint32_t capacity = 0;  // entries
  // Behind the value of each entry stand as many times (8 bytes each, nanoseconds
  // since boot) at which it is no longer there: so long after it was put, or used.
  std::optional<uint64_t> expires;
  std::optional<uint64_t> idle;
  bool swappable = false;  // `map` holds one map, which can be replaced whole
  uint64_t step = 0;       // of a histogram's buckets; 0: powers of two
  // Of a ring: buckets of each table, and the map that holds the tables, if a program
  // looks into them; `by_key`: the key is a struct of what a table is for and the member.
  uint32_t buckets = 0;
  std::string table = {};
  bool by_key = false;
  // Of a limiter or pacer: its word counts these parts of a nanosecond. Objects of before have
  // none.
  uint32_t parts = 1;
  std::vector<Entry> initial;
  // Maps that are kept in step with `map`, for programs that can't use that one.
  std::vector<std::string> copies;
};

struct Parameter {
  std::string name;
  std::string documentation;
  TypeInfo type;
  Bytes initial;       // default value
  std::string symbol;  // C variable in .data.params; empty for a const param
};

struct Event {
  uint32_t id = 0;  // first __u32 of each record in the ring
  std::string name;
  std::string documentation;
  uint32_t size = 0;  // bytes of the record, with the id
  std::vector<TypeInfo::Field> fields;
};

// Line of the emitted C → place in the source, sorted by c_line; a line between
// two entries belongs to the earlier one.
struct LineMapping {
  uint32_t c_line = 0;
  Place place;
};

struct ObjectInfo {
  std::string pipeline;
  std::string netc_version;
  uint32_t kernel_major = 6;  // floor that the pipeline was checked for
  uint32_t kernel_minor = 1;
  std::vector<Program> programs;
  std::vector<State> states;
  std::vector<Parameter> parameters;
  std::vector<Event> events;
  std::vector<LineMapping> lines;
  bool beyond_guarantee = false;  // raw helper calls or user C: the verifier may refuse it

  // Names of what the emitter adds to each object that needs it; empty if absent.
  std::string event_ring;           // BPF_MAP_TYPE_RINGBUF
  std::string lost_events;          // per-CPU array of __u64, one slot an event id
  std::string rule_counters;        // per-CPU array of __u64, one slot a rule index
  std::string fault_counters;       // per-CPU array of __u64, one slot a `faults` entry
  std::vector<std::string> faults;  // what each fault counter counts, e.g. "unreadable in guard"
  std::string count_rules_flag;     // `const volatile __u8` in .rodata: count rule matches
  std::string audit_flag;           // `const volatile __u8` in .rodata: log, don't drop
  std::string test_flag;            // `const volatile __u8` in .rodata: use the test's world
  std::string test_world;           // struct in .data.test: now, random, cpu (three __u64)
};

// JSON text of `info`; the same info gives the same bytes.
std::string Serialize(const ObjectInfo& info);

struct ParseResult {
  std::optional<ObjectInfo> info;
  std::string error;  // why not: broken JSON, a newer format, a value out of range
};

// Reads what Serialize wrote. Any bytes are safe: the result is an error or an
// info whose sizes and offsets fit together.
ParseResult Parse(std::string_view json);

}  // namespace netc::object
