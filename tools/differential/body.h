// Writes the block of a hook or function: expressions, conditions, statements, each legal
// where it stands. Internal to the generator; a file a construct.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/differential/pipeline.h"

namespace netc::differential {

class Body {
 public:
  // `hook` is null in functions.
  Body(Pipeline& pipeline, const hooks::Hook* hook, FunctionDecl* function)
      : pipeline_(pipeline), choices_(pipeline.choices), hook_(hook), function_(function) {}

  // The block with its braces.
  std::string Write(uint32_t statements, const std::vector<Variable>& parameters = {});

  // A condition with what is known where it held and where it didn't.
  struct Condition {
    Text text;
    Facts yes, no;
    bool negatable = true;
  };
  // `sure`: nothing in it may be absent, since it may be negated.
  Condition MakeCondition(int depth, bool sure);
  bool used_frame() const { return used_frame_; }
  bool used_packet() const { return used_packet_; }

 private:
  using Option = std::pair<uint32_t, std::function<Text()>>;

  // --- values.cpp ---
  // What stands around an expression.
  enum class Place {
    kAlone,    // nothing says which type is wanted: it must be just this one
    kOperand,  // the other operand has the type: literals and narrower numbers will do
    kWanted,   // the type is wanted: whatever converts to it by itself
  };
  Text Value(const Type& type, int depth, Place place = Place::kWanted);
  void SimpleValues(const Type& type, std::vector<Option>& options, Place place);
  void Places(const Type& type, std::vector<Option>& options, Place place);
  void Arithmetic(const Type& type, int depth, std::vector<Option>& options);
  void Quantities(const Type& type, int depth, std::vector<Option>& options);
  void Casts(const Type& type, int depth, std::vector<Option>& options);
  void Fitting(const Type& type, int depth, std::vector<Option>& options);
  void Calls(const Type& type, int depth, std::vector<Option>& options);
  Text StructValue(const Type& type, int depth);
  struct Sides {
    Text left, right;
  };
  Text Binary(const char* op, int precedence, Sides sides);
  Text Inside(Text text, int least);  // with parentheses if it binds looser
  bool Converts(const Type& from, const Type& to, Place place) const;
  std::string Arguments(const FunctionDecl& function, int depth);
  bool CanCall(const FunctionDecl& function) const;
  void NoteCall(const FunctionDecl& function);
  std::string Key(uint32_t state, int depth) { return Value(pipeline_.states[state].key, depth).s; }
  Type SomeType();

  // --- words.cpp ---
  struct Word {
    std::string name;
    Type type;
    hooks::Needs has{};  // what it needs to have a value
    bool assignable = false;
    uint32_t mask = 0;  // the bits that are kept, if not all
  };
  std::vector<Word> Words() const;
  bool IsSure(const Word& word) const;
  std::optional<Word> UnsureWord();
  std::optional<Condition> SocketPresence();
  void AssignWord();

  // --- parts.cpp ---
  // A place in a value: fields, and elements of arrays of so many.
  struct Part {
    std::string base;
    std::vector<std::pair<std::string, uint32_t>> steps;
    Type type;
  };
  void AddParts(const Part& part, int levels, std::vector<Part>& parts) const;
  std::vector<Part> PartsOf(const std::string& name, const Type& type) const;
  std::string TextOf(const Part& part, int depth);
  std::string IndexBelow(uint32_t count, int depth);
  std::optional<Part> AnyArray();
  Text ArrayValue(const Type& type, int depth, Place place);
  void ArrayLoop();

  // --- conditions.cpp ---
  Condition Presence(bool sure);
  Condition Comparison(int depth, bool sure);
  Condition Membership(int depth, bool sure);
  Condition StateQuestion(int depth, bool sure);
  Condition Junction(int depth, bool sure);
  Condition Has(bool sure);
  Condition PayloadTest(bool sure);
  Condition AbsentTest(int depth, bool sure);
  std::string IndexBeyond(uint32_t count, int depth);
  // A field of a header: known, or (if not `sure`) any, whose presence is added to `yes`.
  struct Field {
    std::string text;
    Type type;
    Known known{};
  };
  std::optional<Field> AnyField(bool sure, const std::function<bool(const Member&)>& wanted);
  bool Reaches(uint32_t protocol, bool inner) const;
  std::string NameOf(Known known) const;
  std::optional<Known> InnermostKnown(bool inner = false) const;

  // --- statements.cpp, changes.cpp, effects.cpp, state_changes.cpp ---
  void Statements(uint32_t count);
  void Statement();
  void Block(uint32_t count);  // " {", statements, "}"
  void Bind();
  void Assign();
  void AssignField();
  std::optional<Field> Rewritable();
  void RewriteField(const Field& field);
  void IfChain();
  void IfLet();
  void Match();
  void Loop();
  void LoopBody(const Variable& variable, uint32_t rounds, uint32_t statements);
  void LeaveLoop();
  void EmitEvent();
  void Verdict();
  std::string VerdictText();
  std::string Way(std::string_view verdict);
  std::string InWay(const std::string& way, const std::string& target);
  void Counters();
  void WriteState();
  void Remove();
  void UpdateState();
  void Push();
  void Record();
  std::string Giver(const StateDecl& state, int depth);
  std::string Absent(Facts& yes, Variable& bound, std::optional<uint32_t>& state);
  void WithElse(std::string text, bool with_else);
  void Call();
  void Effect();
  std::optional<Known> KnownOf(const std::string& name, bool inner) const;
  std::vector<std::string> Effects() const;
  std::string EncapFields(const std::string& kind);
  std::string MadeHeaders();
  std::string NeededBy(const std::string& form);
  std::string EffectText(const std::string& form);
  std::string When(bool* conditional = nullptr, Facts* yes = nullptr, Facts* no = nullptr);
  std::vector<uint32_t> Givers() const {
    return StatesOf({StateForm::kQueue, StateForm::kStack, StateForm::kRing, StateForm::kRingBy});
  }
  std::vector<uint32_t> StatesOf(std::initializer_list<StateForm> forms) const;
  std::vector<Variable> Variables(const std::function<bool(const Variable&)>& wanted) const;
  // Those that take new entries.
  std::vector<uint32_t> Insertable(std::initializer_list<StateForm> forms) const;
  // A statement with the `when` that it may have.
  void Conditional(std::string text);

  void Line(const std::string& text) { out_ += std::string(2 * scopes_.size(), ' ') + text + "\n"; }
  void Open(const std::string& text) {
    Line(text);
    scopes_.emplace_back();
  }
  void Close(const std::string& text) {
    scopes_.pop_back();
    Line(text);
  }
  void Declare(const Variable& variable) { scopes_.back().push_back(variable); }

  Pipeline& pipeline_;
  Choices& choices_;
  const hooks::Hook* hook_;
  FunctionDecl* function_;
  Facts facts_;
  std::vector<std::vector<Variable>> scopes_{{}};
  std::set<uint32_t> bound_;  // states of which an entry is bound in place
  std::string out_;
  uint32_t budget_ = 0;  // statements that may still be written
  uint32_t rounds_ = 1;  // of the loops around
  int loops_ = 0;
  bool effects_ = true;  // may the packet's ends move here?
  bool ended_ = false;   // nothing may follow in this block
  bool used_frame_ = false, used_packet_ = false;
};

}  // namespace netc::differential
