// What the checker's parts share while one program is checked. Internal to this
// folder.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/ast/ast.h"
#include "compiler/diagnostics/diagnostic.h"
#include "compiler/sema/check.h"
#include "compiler/sema/profile.h"
#include "compiler/sema/program.h"
#include "compiler/sema/symbols.h"

namespace netc::sema {

struct ConstInfo {
  const ast::Const* ast = nullptr;
  uint32_t file = 0;
  enum class Step { kWaiting, kChecking, kDone } step = Step::kWaiting;
  TypeId type{};
  ExprPtr value;  // null if it was refused
};

struct AliasInfo {
  const ast::Alias* ast = nullptr;
  uint32_t file = 0;
  bool used = false;
  bool expanding = false;  // guards against a name that is defined by itself
};

struct ViewMember {
  std::string name;
  TypeId type{};
  std::vector<std::string> sources;  // the member in each alternative
};
struct View {
  std::string name;
  Span span;
  std::vector<HeaderId> alternatives;
  std::vector<ViewMember> members;
};

struct HeaderInfo {
  const ast::Header* ast = nullptr;
  uint32_t file = 0;
  std::map<std::string, const ast::HeaderProperty*> properties;
  std::map<std::string, HeaderId> options;  // by name, e.g. "mss"
  bool expanding = false;
};

struct FunctionInfo {
  const ast::Function* ast = nullptr;
  uint32_t file = 0;
};

struct Context {
  const SourceSet& sources;
  const Unit& unit;
  diag::Diagnostics& diagnostics;
  Program program{};
  Symbols symbols{};
  std::map<std::string, TypeId> builtin_types{};
  std::vector<TypeId> types{};  // what Symbol::index of a kType names
  std::vector<ConstInfo> consts{};
  std::vector<AliasInfo> aliases{};
  std::vector<View> views{};
  std::vector<HeaderInfo> header_info{};  // as Program::headers
  std::vector<FunctionInfo> function_info{};
  std::vector<const ast::Hook*> hook_asts{};    // as Program::hooks; null: a sweep or a member
  std::vector<const ast::Sweep*> sweep_asts{};  // with the block's index in sweep_blocks
  std::vector<uint32_t> sweep_blocks{};
  std::vector<const ast::CongestionControl*> control_asts{};  // as Program::controls
  std::vector<std::vector<uint32_t>> calls{};                 // by function: those that it calls
  // Where the packets of the hook that is checked begin; in functions, with the frame.
  hooks::PacketStart start = hooks::PacketStart::kFrame;
  struct Needed {
    std::optional<Span> assigned;  // where it first assigns a header's field
    // Where it first takes a header for granted that isn't there in packets that begin so.
    std::map<hooks::PacketStart, Span> granted;
  };
  std::vector<Needed> needs{};       // by function: what its hook must have
  TypeId option_type{};              // of `option`; kError: not made yet
  std::vector<bool> state_read{};    // as Program::states: is it ever used?
  const Profile* profile = nullptr;  // of the machine that it is for
  bool told_unverified = false;      // of calls by a kernel name, once a pipeline
  bool kernel_types = false;         // a local's type is read, which may be a kernel struct

  Header& header(HeaderId id) { return program.headers[static_cast<uint32_t>(id)]; }
  HeaderInfo& info(HeaderId id) { return header_info[static_cast<uint32_t>(id)]; }
  TypeTable& types_table() { return program.types; }
};

// "expected `u16`, found `bool`" and its kin at `span`.
diag::Diagnostic Mismatch(Context& context, Span span, TypeId expected, TypeId found);

// "there is no NOUN `word`", for a noun "N of OWNER" "OWNER has no N `word`"; with
// near matches among `known` as hint and fix-it.
diag::Diagnostic Unknown(diag::Kind kind, Span span, std::string_view noun, std::string_view word,
                         const std::vector<std::string>& known);

// Whether the name is a word that hooks give, which can't be shadowed; says so.
bool RefuseReserved(Context& context, const ast::Name& name);

// Whether the machine of the profile has it, if there is one; says so if not.
bool MachineHasHook(Context& context, Span span, const hooks::Hook& hook);
bool MachineHasHelper(Context& context, Span span, const hooks::Hook& hook, std::string_view name);
bool MachineHasMap(Context& context, Span span, const State& state);

// The type that a syntax tree names, kError (and an error) if none.
TypeId ResolveType(Context& context, uint32_t file, const ast::Type& type);

// --- Declarations, in the order in which they run --------------------------------
// Names first, so that order in the source doesn't matter.
void DeclareNames(Context& context);
void DefineTypes(Context& context);    // structs, enums, flags, events
void DefineHeaders(Context& context);  // selectors, headers, views
void DefineParams(Context& context);
void DefineStates(Context& context);
void DefineImportsOfC(Context& context);
void DefineFunctions(Context& context);
void DefineHooks(Context& context);
void DefineSweeps(Context& context);
void DefineControls(Context& context);
void DefineTests(Context& context);
void CheckUnusedAliases(Context& context);
// Warns of conditions that never hold, and of rules that a rule above them takes all of.
void WarnNeverMatches(Context& context);

// An entry of a state of slots: `0: "eth0"`, or a value alone for the next slot.
void AddSlot(Context& context, uint32_t file, State& state, const ast::State::Entry& node);

// A state that an attribute such as `map` names must be of the right kind.
void CheckStateAttribute(Context& context, const hooks::AttachAttribute& row,
                         const AttachAttribute& made, Span span);

// The value of a named constant; checks it if that was not done. Null if refused.
const Expr* ConstantValue(Context& context, uint32_t index);

}  // namespace netc::sema
