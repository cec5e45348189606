// The syntax tree of one file: what was written, with places, before any name
// is resolved. Parse makes it, Check reads it, nothing changes it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/base/source.h"

namespace netc::ast {

struct Expr;
struct Statement;
using ExprPtr = std::unique_ptr<Expr>;

struct Name {
  std::string text;
  Span span;
};

struct Path {
  std::vector<Name> parts;  // at least one
  Span span;
};

// --- Types ---------------------------------------------------------------------

struct Type;
struct NamedType {
  Path path;
  std::vector<Type> arguments;
};
struct TupleType {
  std::vector<Type> elements;
};
struct ArrayType {
  std::vector<Type> element;  // exactly one
  ExprPtr count;
};
struct Type {
  Span span;
  std::variant<NamedType, TupleType, ArrayType> node;
};

// --- Expressions -----------------------------------------------------------------

// A literal keeps its text; the checker gives it a type and a value.
enum class LiteralKind {
  kInteger,
  kQuantity,
  kFrequency,
  kIpv4,
  kIpv4Prefix,
  kIpv6,
  kIpv6Prefix,
  kMac,
  kString,
  kBool,
};
struct Literal {
  LiteralKind kind;
  std::string text;  // of a string: without quotes, escapes resolved
};
struct NameRef {
  std::string text;
};
struct Member {
  ExprPtr object;
  Name name;  // an identifier, or the digits of a tuple's element
};
struct Index {
  ExprPtr object;
  ExprPtr index;
};
struct Argument {
  std::optional<Name> name;
  ExprPtr value;
};
struct Call {
  ExprPtr callee;
  std::vector<Argument> arguments;
};
enum class UnaryOp { kNegate, kComplement };
struct Unary {
  UnaryOp op;
  ExprPtr operand;
};
struct Cast {
  ExprPtr operand;
  Type type;
};
enum class BinaryOp { kMul, kDiv, kRem, kAdd, kSub, kShl, kShr, kAnd, kXor, kOr };
struct Binary {
  BinaryOp op;
  Span op_span;
  ExprPtr left, right;
};
struct Range {
  ExprPtr first, last;
  bool inclusive;  // `..`, else `..<`
};
enum class CompareOp { kEq, kNe, kLt, kLe, kGt, kGe, kIn, kNotIn, kIs, kIsNot, kHas };
struct Compare {
  CompareOp op;
  Span op_span;
  ExprPtr left, right;
};
struct Not {
  ExprPtr operand;
};
// n-ary and left to right, so that a chain of thousands is one node.
struct And {
  std::vector<ExprPtr> operands;  // at least two
};
struct Or {
  std::vector<ExprPtr> operands;
};
struct OrInsert {
  ExprPtr lookup;
  ExprPtr value;
};
struct Tuple {
  std::vector<ExprPtr> elements;  // at least two
};
struct SetLiteral {
  std::vector<ExprPtr> elements;
};
struct ArrayLiteral {
  std::vector<ExprPtr> elements;
};
struct Initializer {
  Name name;
  ExprPtr value;
};
struct StructLiteral {
  Path path;
  std::vector<Initializer> fields;
};

struct Expr {
  Span span;
  std::variant<Literal, NameRef, Member, Index, Call, Unary, Cast, Binary, Range, Compare, Not, And,
               Or, OrInsert, Tuple, SetLiteral, ArrayLiteral, StructLiteral>
      node;
};

// --- Statements --------------------------------------------------------------------

struct Block {
  Span span;
  std::vector<Statement> statements;
};

struct Let {
  Name name;
  std::optional<Type> type;
  ExprPtr value;  // null: `var x: T;`, zero
  bool is_var = false;
};
// `if let name = value` binds; a plain condition has no name.
struct Condition {
  std::optional<Name> binding;
  ExprPtr value;
};
struct If {
  struct Branch {
    Condition condition;
    Block block;
  };
  std::vector<Branch> branches;  // if, else if, else if, …
  std::optional<Block> otherwise;
};
struct Match {
  struct Arm {
    Span span;
    std::vector<ExprPtr> patterns;  // empty: `else`
    std::unique_ptr<Statement> body;
  };
  ExprPtr subject;
  std::vector<Arm> arms;
};
struct For {
  Name variable;
  ExprPtr range;
  Block body;
};
// A callback of a hook that has several: `case established when … { … }`.
struct Case {
  Name name;
  ExprPtr when;  // may be null
  Block body;
};
struct Emit {
  Name event;
  std::vector<Initializer> fields;
  ExprPtr when;
};
struct Return {
  ExprPtr value;  // may be null
};
struct Break {
  ExprPtr when;
};
struct Continue {
  ExprPtr when;
};
// A verdict or an effect of the hook: `drop;`, `select workers[n] when …;`,
// `encap ipip { … } else { … }`. A bare word parses as this too.
struct Action {
  Name word;
  std::vector<ExprPtr> arguments;
  ExprPtr when;                      // may be null
  std::unique_ptr<Block> otherwise;  // may be null
};
struct Assign {
  ExprPtr target;
  std::optional<BinaryOp> op;  // of `+=` and its kin
  ExprPtr value;
  ExprPtr when;
  std::unique_ptr<Block> otherwise;
};
// An expression for its effect: `blocked.remove(k);`, `bpf_foo(ctx);`
struct Evaluate {
  ExprPtr value;
  ExprPtr when;
  std::unique_ptr<Block> otherwise;
};

struct Statement {
  Span span;
  std::variant<Let, If, Match, For, Case, Emit, Return, Break, Continue, Action, Assign, Evaluate,
               Block>
      node;
};

// --- Items ---------------------------------------------------------------------------

struct Parameter {
  Name name;
  std::optional<Type> type;
};
struct Import {
  Path path;
  std::optional<Name> alias;
};
// C of the user's: `import c "policy.h" { fn classify(port: port) -> u32; }`.
struct CFunction {
  Span span;
  Name name;
  std::vector<Parameter> parameters;
  std::optional<Type> result;
};
struct ImportC {
  Path language;  // must read `c`
  Name header;    // the string, without quotes
  std::vector<CFunction> functions;
};
struct KernelFloor {
  uint32_t major = 0, minor = 0;
};
struct Param {
  bool is_const = false;
  Name name;
  Type type;
  ExprPtr value;  // may be null
};
struct Const {
  Name name;
  std::optional<Type> type;
  ExprPtr value;
};
// A name for an expression, evaluated where it is used.
struct Alias {
  Name name;
  std::optional<Type> type;
  ExprPtr value;
};
struct State {
  Name name;
  std::optional<Name> per;  // `per cpu`, `per socket`, …
  Type kind;                // e.g. prefixes<ipv4_addr>
  std::vector<Argument> arguments;
  struct Entry {
    ExprPtr key;
    ExprPtr value;  // null for a set's element
  };
  bool has_entries = false;
  std::vector<Entry> entries;
};
struct Field {
  Name name;
  Type type;
  ExprPtr initial;  // may be null
};
struct Event {
  Name name;
  std::vector<Field> fields;
};
struct Struct {
  Name name;
  std::vector<Field> fields;
};
struct Enum {
  bool is_flags = false;
  Name name;
  std::optional<Type> type;
  struct Member {
    Name name;
    ExprPtr value;  // may be null
  };
  std::vector<Member> members;
};
struct Function {
  Name name;
  std::vector<Parameter> parameters;
  std::optional<Type> result;
  Block body;
};
struct Selector {
  Name name;
  Type type;
  std::optional<uint32_t> depth;
};

// Where a header is found.
struct Place {
  Span span;
  bool inner = false;
  Name selector;  // or `frame`
  std::vector<ExprPtr> values;
};
struct HeaderField {
  bool is_layout = false;
  Name name;
  Type type;
  ExprPtr initial;  // may be null
};
struct HeaderProperty {
  Name name;
  ExprPtr value;
};
struct HeaderRequire {
  ExprPtr condition;
};
struct HeaderSize {
  ExprPtr bytes;
};
// `extent total_length;`: the bytes from the header's start that belong to it
// and to what it carries, by its own account (Ethernet pads behind them).
struct HeaderExtent {
  Name word;  // must read `extent`
  ExprPtr bytes;
};
struct HeaderChecksum {
  Name field;
  ExprPtr algorithm;
};
struct HeaderNext {
  bool inner = false;
  Name selector;
  ExprPtr value;
  ExprPtr when;  // may be null
};
struct HeaderOptions {
  struct Mark {
    Name name;  // `end`, `single`
    ExprPtr when;
  };
  std::vector<Field> fields;
  ExprPtr size;  // may be null
  std::vector<Mark> marks;
};
struct HeaderMember;
struct HeaderOption {
  Name name;
  std::vector<ExprPtr> kinds;
  std::vector<HeaderMember> members;
};
struct HeaderMember {
  Span span;
  std::string documentation;
  std::variant<HeaderField, HeaderProperty, HeaderRequire, HeaderSize, HeaderExtent, HeaderChecksum,
               HeaderNext, HeaderOptions, HeaderOption>
      node;
};
struct Header {
  Name name;
  std::vector<Place> places;
  std::optional<Name> within;
  std::vector<HeaderMember> members;
};
struct View {
  Name name;
  std::vector<Name> alternatives;
  struct Member {
    Name name;
    Type type;
    std::vector<Path> sources;  // one an alternative, or none: the same name in each
  };
  std::vector<Member> members;
};

struct Attribute {
  Name name;
  ExprPtr value;
};
struct Hook {
  Path hook;  // `xdp`, `cgroup.connect4`
  std::optional<Name> name;
  std::vector<Attribute> attributes;
  Block body;
};
struct CongestionControl {
  struct Function {
    bool is_event = false;  // `on packets_acked(…)`
    Name name;
    std::vector<Parameter> parameters;
    std::optional<Type> result;
    Block body;
  };
  struct Storage {
    Name scope;  // `connection`
    std::vector<Field> fields;
  };
  Name name;
  std::vector<Attribute> attributes;
  std::vector<Storage> storage;
  std::vector<Function> functions;
};
struct Sweep {
  Name name;
  Name over;      // `tcp_sockets`
  ExprPtr every;  // may be null
  std::vector<Attribute> attributes;
  Block body;
};

// --- Tests -------------------------------------------------------------------------------

struct Layer {
  Span span;
  Name name;
  std::optional<Name> option;       // tcp.mss
  std::vector<Initializer> fields;  // ipv4 { src: … }
  std::optional<std::string> text;  // payload "abc"
  std::vector<Argument> arguments;  // payload(20)
};
struct Packet {
  Span span;
  std::vector<Layer> layers;
};
struct SendStep {
  Packet packet;
  std::optional<Name> times_word;  // must read `times`
  uint64_t times = 1;
};
struct ExpectEvent {
  Name event;
  std::vector<Initializer> fields;
};
struct ExpectNoEvent {
  std::optional<Name> event;
};
struct ExpectPacket {
  Name word;  // must read `packet`
  Packet packet;
};
// A verdict of one word, or a condition on state.
struct ExpectValue {
  ExprPtr value;
};
// A verdict of several words or with an argument: `drop congest`, `redirect wan`.
struct ExpectPhrase {
  Name word;
  ExprPtr argument;
};
struct GivenStep {
  ExprPtr target;
  ExprPtr value;  // null: a call such as `listener(tcp, …)`
};
struct StateStep {
  ExprPtr target;
  ExprPtr value;  // null: a call such as `blocked.add(…)`
};
struct TestStep {
  Span span;
  std::variant<SendStep, ExpectEvent, ExpectNoEvent, ExpectPacket, ExpectValue, ExpectPhrase,
               GivenStep, StateStep>
      node;
};
struct Test {
  Name title;  // the string, without quotes
  Name hook;
  std::vector<TestStep> steps;
};

struct Item {
  Span span;
  std::string documentation;  // the `///` lines before it, without the slashes
  std::variant<Import, ImportC, KernelFloor, Param, Const, Alias, State, Event, Struct, Enum,
               Function, Selector, Header, View, Hook, CongestionControl, Sweep, Test>
      node;
};

struct File {
  FileId id{};
  bool is_module = false;
  Path name;  // of the pipeline or module; empty if the file lacks its first line
  std::string documentation;
  std::vector<Item> items;
  // Names that items with a syntax error probably declare. Those items are not in
  // `items`; a use of such a name is no error of its own.
  std::vector<Name> broken;
};

}  // namespace netc::ast
