// Checks the body of a hook, function or header declaration: expressions,
// conditions, statements. Internal to this folder; its methods stand in one file
// a construct (expression.cpp, condition.cpp, state_use.cpp, statement.cpp, …).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/sema/constant.h"
#include "compiler/sema/context.h"
#include "compiler/sema/facts.h"
#include "compiler/sema/packet.h"

namespace netc::sema {

// What a checked condition says: itself, and what is known if it held or not.
struct CheckedCondition {
  ExprPtr expr;
  Facts if_true;
  Facts if_false;
};

// Bytes of a word that is text, with its NUL: TASK_COMM_LEN, TCP_CA_NAME_MAX.
inline constexpr uint32_t kTextBytes = 16;
class BodyChecker;
// What `target op= value` puts there: the value itself where there is no operator.
ExprPtr Combined(BodyChecker& checker, const ast::Assign& node, ExprPtr current, TypeId type);
TypeId TypeOfWord(TypeTable& types, hooks::WordType type);

class BodyChecker {
 public:
  // `locals` is the list that new locals are added to; null where none may be.
  BodyChecker(Context& context, uint32_t file, std::vector<Local>* locals);

  // In a hook: its block, for verdicts, effects, fields and rules.
  void EnterHook(HookBlock* block) {
    block_ = block;
    context_.start = block->hook->packet.start;
  }
  // In a header's declaration: its fields are names, its size and extent too.
  void EnterHeader(HeaderRef self) {
    self_ = self;
    facts_.Add(self);
  }
  void EnterFunction(Function* function) { function_ = function; }
  // In a member of a congestion control: its parameters behind the connection.
  void EnterMember(const Control* control, std::vector<std::string> parameters) {
    control_ = control;
    parameters_ = std::move(parameters);
  }

  // A value of type `expected` (kError: any). Always returns an expression; its
  // type is kError if an error was emitted.
  ExprPtr Value(const ast::Expr& expr, TypeId expected = {});
  // A constant of the type, or null and an error.
  ExprPtr ConstantOf(const ast::Expr& expr, TypeId expected);
  // A condition, starting from the facts that hold here.
  CheckedCondition Condition(const ast::Expr& expr);

  Block Statements(const ast::Block& block);
  // An alias by itself, without a place that uses it.
  void CheckAlias(uint32_t index);
  LocalId AddLocal(const ast::Name& name, TypeId type, bool in_place = false, bool is_var = false);

  Facts& facts() { return facts_; }
  Context& context() { return context_; }

  // Converts where the language does so by itself; else an error at the span.
  ExprPtr Coerce(ExprPtr expr, TypeId to);

 private:
  friend class PresenceScope;
  friend class KernelArguments;

  struct LocalInfo {
    LocalId id{};
    bool is_var = false;
    std::optional<StateId> entry_of;
  };

  // expression.cpp
  ExprPtr Check(const ast::Expr& expr, TypeId expected);
  ExprPtr CheckLiteral(const ast::Expr& expr, const ast::Literal& literal, TypeId expected);
  ExprPtr CheckUnary(const ast::Expr& expr, const ast::Unary& node, TypeId expected);
  ExprPtr CheckBinary(const ast::Expr& expr, const ast::Binary& node, TypeId expected);
  // Both sides of an operator. Names of enum and flags members take their type from
  // the other side; else the sides are expected to be what is said of them, the right
  // one of the left's type if `right_as_left`.
  std::pair<ExprPtr, ExprPtr> CheckSides(const ast::Expr& left, const ast::Expr& right,
                                         TypeId left_expected, TypeId right_expected,
                                         bool right_as_left);
  bool NamesMembers(const ast::Expr& expr) const;
  bool HasMembers(TypeId type) const {
    return types_[type].kind == TypeKind::kEnum || types_[type].kind == TypeKind::kFlags;
  }
  ExprPtr CheckCast(const ast::Expr& expr, const ast::Cast& node);
  ExprPtr CheckTuple(const ast::Expr& expr, const ast::Tuple& node, TypeId expected);
  ExprPtr CheckStruct(const ast::Expr& expr, const ast::StructLiteral& node, TypeId expected);
  ExprPtr Error(Span span);
  TypeId error_type() const { return TypeId{}; }

  // names.cpp
  ExprPtr CheckName(const ast::Expr& expr, const ast::NameRef& node, TypeId expected);
  ExprPtr CheckMember(const ast::Expr& expr, const ast::Member& node, TypeId expected);
  ExprPtr NameInHeader(Span span, const std::string& name);
  // alias.cpp
  template <typename CheckIn>
  bool InAlias(Span span, const std::string& name, uint32_t index, CheckIn check);
  ExprPtr AliasValue(Span span, const std::string& name, uint32_t index);
  std::optional<uint32_t> AsAlias(const ast::Expr& expr) const;
  CheckedCondition AliasCondition(const ast::Expr& expr, uint32_t index, bool negated);

  ExprPtr SymbolValue(Span span, const std::string& name, const Symbol& symbol);
  // word.cpp
  // A word that the hook gives: a context field, `now` and its kin; null if none.
  ExprPtr HookWord(Span span, const std::string& word);
  ExprPtr LsmArgument(Span span, const std::string& word);
  ExprPtr ReadWord(Span span, const std::string& word, hooks::WordPlan plan);
  ExprPtr RefuseWord(Span span, const std::string& word, const hooks::WordPlan& plan);
  std::optional<std::string> DottedWord(const ast::Expr& expr) const;
  std::optional<ContextField> PartOfWord(const ast::Index& index);
  hooks::Needs KnownSocket() const;
  std::string_view SocketWordFor(hooks::Needs has) const;
  std::optional<hooks::Needs> AsSocketTest(const ast::Expr& expr);
  CheckedCondition CheckSocketTest(Span span, hooks::Needs level);
  ExprPtr EnumMemberValue(Span span, const std::string& name, TypeId type);
  // The module that a name of the file imports, though a protocol hides it.
  std::optional<uint32_t> AsModule(const ast::Expr& expr) const;
  std::optional<TypeId> AsType(const ast::Expr& expr) const;
  // The header or view that an expression names (`ipv4`, `inner.tcp`, `ip`).
  struct ProtocolRef {
    std::optional<HeaderRef> header;
    std::optional<ViewRef> view;
  };
  std::optional<ProtocolRef> AsProtocol(const ast::Expr& expr);
  std::optional<ProtocolRef> AsOption(const ast::Member& member);
  ExprPtr HeaderMemberValue(Span span, HeaderRef header, const ast::Name& name);
  ExprPtr ViewMemberValue(Span span, ViewRef view, const ast::Name& name);
  ExprPtr Property(Span span, HeaderRef header, const ast::HeaderProperty& property);
  ExprPtr PresentExpr(Span span, HeaderRef header);
  ExprPtr PresentExpr(Span span, ViewRef view);
  // Notes that `header` must be present here: fine if that is known; in a
  // comparison a test is put before it; else an error.
  void Require(Span span, HeaderRef header);
  void WarnOfNoTunnel(Span span, HeaderRef ref);
  bool ReachesHere(Span span, HeaderRef ref);
  void Require(Span span, ViewRef view);

  // calls.cpp
  ExprPtr CheckCall(const ast::Expr& expr, const ast::Call& node, TypeId expected);
  ExprPtr CheckBuiltin(const ast::Expr& expr, const ast::Call& node, const std::string& name);
  ExprPtr CheckFunctionCall(const ast::Expr& expr, const ast::Call& node, uint32_t function);
  bool CanBeCalled(Span span, uint32_t function);
  Context::Needed& OwnNeeds() {
    return context_.needs[static_cast<size_t>(function_ - context_.program.functions.data())];
  }
  template <typename Ref>
  void NoteGranted(Span span, Ref known);
  ExprPtr PayloadCall(const ast::Expr& expr, const ast::Call& node, const ast::Member& member);
  std::optional<HeaderRef> PayloadHeader(Span span, Scope scope);

  // import_c.cpp
  const CFunction* CalledC(const ast::Call& node) const;
  bool TakesContext(const ast::Expr& value) const;
  ExprPtr CheckCCall(const ast::Expr& expr, const ast::Call& node, const CFunction& function);

  // kernel_call.cpp
  bool IsKernelCall(const ast::Expr& value) const;
  bool ChangesPacket(const ast::Expr& value) const;
  ExprPtr CheckKernelCall(const ast::Expr& expr, const ast::Call& node, const std::string& name);
  // find_socket.cpp
  ExprPtr CheckFindSocket(const ast::Expr& expr, const ast::Call& node);
  bool SocketEnd(const ast::Argument& argument, bool to, StructValue& tuple, TypeId& type);
  void AssignSocket(const ast::Statement& statement, const ast::Action& node, Block& out);

  const LocalInfo* AsObject(const ast::Expr& expr) const;
  bool LacksWord(Span span, const std::string& word, const LocalInfo& object);
  std::string SocketInstead(const std::string& name) const;
  ExprPtr ObjectMember(const ast::Expr& expr, const LocalInfo& object, const ast::Name& name);
  void RefuseObject(Span span, const std::string& name);

  // state_use.cpp
  std::optional<StateId> AsState(const ast::Expr& expr);
  ExprPtr StateKey(StateId state, const ast::Expr& key);
  ExprPtr CheckIndex(const ast::Expr& expr, const ast::Index& node);
  ExprPtr CheckStateMethod(const ast::Expr& expr, const ast::Call& node, StateId state,
                           const ast::Name& method);
  bool CanInsert(Span span, const State& declared);
  // ring.cpp
  ExprPtr CheckPick(const ast::Expr& expr, const ast::Call& node, StateId state);
  bool RefuseRingChange(Span span, const State& declared);
  bool IsChanged(StateId state) const;  // by programs
  bool TakeAmount(const ast::Expr& expr, const ast::Call& node, const State& limiter, size_t at,
                  LimiterTake& take);
  ExprPtr OptionalValue(Span span, TypeId type, decltype(Expr::node) node, bool in_place);
  void RecordStatement(const ast::Statement& statement, const ast::Expr& expr,
                       const ast::Call& call, StateId state, Block& out);
  ExprPtr CheckOrInsert(const ast::Expr& expr, const ast::OrInsert& node);
  bool StateStatement(const ast::Statement& statement, const ast::Evaluate& node, Block& out);
  bool AssignState(const ast::Statement& statement, const ast::Assign& node, Block& out);

  // storage.cpp
  ExprPtr StorageKey(StateId state, const ast::Expr& key);
  bool CanKeep(const State& state, Span span, std::string_view helper);
  bool CanRemove(StateId state, Span span);
  bool OneOfAKind(StateId state, Span span);

  // condition.cpp
  CheckedCondition CheckCondition(const ast::Expr& expr, bool negated);
  CheckedCondition CheckNot(const ast::Expr& expr, const ast::Not& node);
  CheckedCondition CheckAnd(const ast::Expr& expr, const ast::And& node, bool negated);
  CheckedCondition CheckOr(const ast::Expr& expr, const ast::Or& node, bool negated);
  CheckedCondition CheckPresence(const ast::Expr& expr, const ProtocolRef& protocol);
  CheckedCondition CheckTest(const ast::Expr& expr, bool negated);
  ExprPtr CheckCompare(const ast::Expr& expr, const ast::Compare& node);
  ExprPtr CompareWithArray(const ast::Expr& expr, const ast::Compare& node);
  ExprPtr RefuseManyValues(const ast::Expr& expr, const ast::Compare& node);
  ExprPtr CompareIn(const ast::Expr& expr, const ast::Compare& node);
  ExprPtr CompareHas(const ast::Expr& expr, const ast::Compare& node, bool exactly);
  ExprPtr MembershipOf(ExprPtr subject, const ast::Expr& set);
  bool Elements(const ast::Expr& set, TypeId subject, std::vector<Contains::Element>& out);
  // `ip.src in …` for each of the view's headers; null if the left is no view's field.
  // `if_true`: what is known where it holds.
  ExprPtr DistributeView(const ast::Expr& expr, const ast::Compare& node, bool negated,
                         Facts& if_true);

  // statement.cpp
  const char* WhatEnds() const;
  void CheckStatement(const ast::Statement& statement, Block& out);
  void CheckLet(const ast::Statement& statement, const ast::Let& node, Block& out);
  void CheckIf(const ast::Statement& statement, const ast::If& node, size_t branch, Block& out);
  // if_let.cpp
  void CheckIfLet(const ast::Statement& statement, const ast::If::Branch& branch,
                  bool has_otherwise, const std::function<void(Block&)>& otherwise, Block& out);
  // match.cpp
  void CheckMatch(const ast::Statement& statement, const ast::Match& node, Block& out);
  void CheckFor(const ast::Statement& statement, const ast::For& node, Block& out);
  void CheckEmit(const ast::Statement& statement, const ast::Emit& node, Block& out);
  void CheckReturn(const ast::Statement& statement, const ast::Return& node, Block& out);
  void CheckAssign(const ast::Statement& statement, const ast::Assign& node, Block& out);
  void CheckEvaluate(const ast::Statement& statement, const ast::Evaluate& node, Block& out);
  // effect.cpp
  bool EffectStatement(const ast::Statement& statement, const ast::Action& node, Block& out);
  bool MovesEnds(const ast::Block& block) const;
  bool MovesEnds(const ast::Statement& statement) const;
  void CloneStatement(const ast::Statement& statement, const ast::Action& node, Block& out);
  bool CopysTarget(const ast::Statement& statement, const ast::Action& node, Effect& effect);
  void Pace(const ast::Statement& statement, const ast::Action& node, Block& out);
  bool PacersLine(const ast::Expr& written, Effect& effect);
  ExprPtr EffectBytes(const ast::Expr& bytes, const Effect& effect);
  std::optional<HeaderRef> EffectHeader(const ast::Expr& what);
  bool FindCarrier(Span span, Effect& effect);
  bool PushedFields(const ast::StructLiteral& written, Effect& effect);

  void FailsInto(const ast::Action& node, Effect& effect);
  void RefuseEffect(const ast::Action& node, std::string_view what,
                    bool (*wanted)(const hooks::Effect&));
  // encap.cpp
  struct Tunnel;
  void Encapsulate(const ast::Statement& statement, const ast::Action& node, Block& out);
  bool OuterAddresses(const ast::StructLiteral& written, Tunnel& tunnel);
  bool OuterFields(const ast::StructLiteral& written, Tunnel& tunnel);
  bool AllGiven(Span span, const Tunnel& tunnel);
  bool BuildTunnel(Tunnel& tunnel, Block& out);
  void FillOuter(Tunnel& tunnel, uint32_t layer, LocalId carried);
  ExprPtr CarriedLink(const Tunnel& tunnel, uint32_t layer, uint32_t& field);
  ExprPtr OfModule(Span span, std::string_view module, const std::string& function,
                   std::vector<ExprPtr> arguments, TypeId type);
  std::optional<HeaderRef> NamedHeader(std::string_view name, Scope scope) const;
  std::optional<HeaderRef> FrameHeader() const;
  std::vector<Effect::Family> Families(HeaderRef carrier, Scope scope) const;
  ExprPtr ByFamily(Span span, const std::vector<Effect::Family>& families, TypeId type);
  ExprPtr SaysFamily(Span span, HeaderRef carrier, uint32_t link,
                     const std::vector<Effect::Family>& families);
  // become.cpp
  struct Made;
  void Become(const ast::Statement& statement, const ast::Action& node, Block& out);
  std::optional<HeaderId> MadeHeader(const ast::Expr& expr);
  bool Stands(Span span, HeaderId header, const Made& made);
  bool MadeFields(const ast::Expr& expr, const Header& header, OuterHeader& layer,
                  PacketLayer& described, Block& out);
  void SettleMade(ExprPtr& expr, uint32_t layer, const Made& made);
  bool FillMade(Made& made);
  bool SumMade(Made& made);
  // decap.cpp
  void Decapsulate(const ast::Statement& statement, const ast::Action& node, Block& out);
  bool FindInside(Span span, Effect& effect);

  // place.cpp
  const ast::Expr& RootOf(const ast::Expr& target);
  bool FindPlace(const ast::Expr& target, const ast::Expr& root, Path& path, TypeId& type);
  bool FieldPlace(const ast::Name& name, Path& path, TypeId& type);
  bool ElementPlace(const ast::Expr& written, Path& path, TypeId& type);
  ExprPtr ElementIndex(const ast::Expr& written);
  diag::Diagnostic IndexError(const ast::Expr& written, const Expr& index, uint32_t count);
  ExprPtr AtPlace(Span span, ExprPtr root, const Path& path);
  static bool CallsIn(const Path& path);
  void BindIndexes(Path& path, Block& out);
  Block Otherwise(const std::unique_ptr<ast::Block>& block);
  // The largest value that an unsigned expression can have here.
  uint64_t Most(const Expr& expr) const { return MaxValue(context_.program, expr, locals_); }
  // array.cpp
  ExprPtr CheckArray(const ast::Expr& expr, const ast::ArrayLiteral& node, TypeId expected);
  ExprPtr CheckElement(const ast::Expr& expr, const ast::Index& node, ExprPtr object);
  void EachElement(const ast::Statement& statement, const ast::For& node, Block& out);
  bool FitsLocal(Span span, TypeId type);
  // state_update.cpp
  void UpdateState(const ast::Statement& statement, const ast::Assign& node, const ast::Expr& root,
                   StateId state, Block& out);

  // callback.cpp
  void CheckCase(const ast::Statement& statement, const ast::Case& node, Block& out);
  bool Reply(const ast::Statement& statement, const ast::Action& node, Verdict& checked);
  // target.cpp
  bool Target(const ast::Statement& statement, const ast::Action& node, Verdict& checked);
  bool SlotOf(const ast::Index& node, StateId state, Verdict& checked);
  bool NamedInterface(const ast::Expr& expr, Verdict& checked);
  const ast::Call* WayTo(const ast::Expr& target, Verdict& checked);
  bool NextHop(const ast::Argument& argument, Verdict& checked);
  // congestion.cpp
  ExprPtr MemberWord(Span span, const std::string& word);
  ExprPtr KernelCall(const ast::Expr& expr, const ast::Call& node, const std::string& name);
  bool AssignMemberWord(const ast::Statement& statement, const ast::Assign& node, Block& out);
  // assign_word.cpp
  bool AssignWord(const ast::Statement& statement, const ast::Assign& node, Block& out);
  bool AssignPart(const ast::Statement& statement, const ast::Assign& node, Block& out);
  bool AssignEnd(const ast::Statement& statement, const ast::Assign& node, const std::string& end,
                 Block& out);
  bool AssignOption(const ast::Statement& statement, const ast::Assign& node,
                    const std::string& word, const hooks::WordWrite& plan, Block& out);
  bool RefuseAssignment(Span span, const std::string& word, const hooks::WordWrite& plan);
  Block OnFailure(const ast::Statement& statement, const ast::Assign& node,
                  const std::string& what);
  void PutField(Span span, const hooks::Field& field, ExprPtr value, Block otherwise, Block& out);
  TypeId AssignedType(const std::string& word, hooks::WordType type);
  // socket_option.cpp
  struct ValuePlace {
    uint32_t offset = 0;
    uint32_t bits = 0;  // 0: an error was emitted
  };
  bool SeesOptions() const;
  TypeId OptionType();
  ExprPtr OptionMember(Span span, std::string_view name);
  ExprPtr OptionValue(Span span);
  std::optional<ValuePlace> AsSocketValue(const ast::Expr& expr);
  ExprPtr SocketValue(Span span, ValuePlace place);
  ExprPtr SocketOptionWord(const ast::Expr& expr);
  bool AssignSocketValue(const ast::Statement& statement, const ast::Assign& node, Block& out);
  // action.cpp
  bool RefusesWith(const ast::Action& node, size_t used, Verdict& checked);
  void CheckAction(const ast::Statement& statement, const ast::Action& node, Block& out);
  bool VerdictStatement(const ast::Statement& statement, const ast::Action& node, Block& out);
  uint32_t AddRule(const ast::Statement& statement, const hooks::Verdict* verdict);
  // Puts `inner` under `when`, if there is one.
  void Under(const ast::Statement& statement, const ast::ExprPtr& when, Block& out,
             const std::function<void(Block&)>& fill, std::optional<uint32_t> rule = {});

  const LocalInfo* FindLocal(const std::string& name) const;
  bool AssignPlace(const ast::Statement& statement, const ast::Assign& node, Block& out);
  void AssignLocalPath(const ast::Statement& statement, const ast::Assign& node,
                       const LocalInfo& local, const ast::Expr& root, Block& out);
  bool CanChangePackets() const;
  diag::Diagnostic PacketsAreKept(Span span) const;
  diag::Diagnostic NotFitting(const Expr& value, const HeaderField& field) const;
  // What a header that is made has in the field; null if it can't be.
  ExprPtr ValueFor(const ast::Expr& expr, const HeaderField& field);
  bool CanKeepChecksums(Span span, HeaderRef ref, uint32_t field);
  void RefuseViewField(const ast::Assign& node, ViewRef ref, const ast::Name& name);
  void AssignHeaderField(const ast::Statement& statement, const ast::Assign& node, HeaderRef ref,
                         const ast::Name& name, Block& out);

  Context& context_;
  TypeTable& types_;
  uint32_t file_;
  std::vector<Local>* locals_;
  std::vector<std::unordered_map<std::string, LocalInfo>> scopes_;
  Facts facts_;
  HookBlock* block_ = nullptr;
  Function* function_ = nullptr;
  const Control* control_ = nullptr;
  std::vector<std::string> parameters_;
  std::vector<const hooks::Callback*> callbacks_;  // of the `case` that is checked
  std::optional<HeaderRef> self_;
  std::vector<std::pair<StateId, Span>> storages_;  // that the hook uses
  int loop_depth_ = 0;
  const ast::Expr* alone_ = nullptr;  // the whole value of a `let`, or a whole statement

  // Set while a comparison is checked: what it needs and isn't known to be there.
  struct Pending {
    std::vector<HeaderRef> headers;
    std::vector<ViewRef> views;
    std::vector<Span> spans;
    // Optionals that the comparison reads: bound to a local before it.
    std::vector<std::pair<LocalId, ExprPtr>> optionals;
    bool any() const { return !headers.empty() || !views.empty() || !optionals.empty(); }
  };
  Pending* pending_ = nullptr;
  // order.cpp
  class Orderer;
  // What is bound before the expression is evaluated, in order: its lookups, which may be
  // absent, and values that must be read before one of them.
  std::vector<std::pair<LocalId, ExprPtr>> BoundBefore(
      Expr& expr, std::vector<std::pair<LocalId, ExprPtr>> optionals);

  // A test under a negation, with the headers that may be absent where it is made.
  struct Unsure {
    Span span;
    std::vector<std::variant<HeaderRef, ViewRef>> tested;
    bool alone = false;  // it is all that a `not` negates
  };
  // presence.cpp
  std::string NameOf(const std::variant<HeaderRef, ViewRef>& tested) const;
  std::string NamesOf(const Unsure& unsure) const;
  Facts FactsOf(const Unsure& unsure) const;
  bool Known(const Facts& facts, const Unsure& unsure) const;
  std::vector<const Unsure*> Widest(const std::vector<Unsure>& all) const;
  std::optional<std::string> Repaired(Span whole, const std::vector<Unsure>& all) const;
  void TellUnsure(Span whole, const std::vector<Unsure>& all);
  // The outermost `not` that is being checked.
  struct Negation {
    const ast::Expr* inner = nullptr;  // what the innermost one negates
    std::vector<Unsure> unsure;
  };
  Negation* negation_ = nullptr;
};

}  // namespace netc::sema
