// Lowers expressions and statements into one function of the IR. Internal to this
// folder; its methods stand in one file a construct.
//
// An expression becomes a pure IR expression; what must happen before it (a key
// put on the stack, a lookup, a test for unreadable headers) is appended to the
// current block. So an operand of `and` that has such a prelude is put in a block
// of its own behind a test of the operands before it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compiler/ir/build.h"
#include "compiler/lower/code.h"
#include "compiler/lower/hook_context.h"
#include "compiler/lower/uses.h"

namespace netc::lower {

class Body {
 public:
  Body(HookContext& context, ir::Function& function)
      : context_(context), types_(context.program.types), code_(function) {}

  Code& code() { return code_; }

  // Reads of a header's own fields (Scope::kSelf) go through this pointer.
  void SetSelf(sema::HeaderRef header, ir::VarId pointer) {
    self_ = header;
    self_pointer_ = pointer;
  }
  // Bytes from `begin` to the end of what surrounds the header, `limit`, or of the packet.
  ir::VarId Extent(ir::ExprPtr begin, ir::ExprPtr limit);
  // What `extent` is in the declaration of that header.
  void SetExtent(ir::VarId bytes) { self_extent_ = bytes; }
  // Of that header, reads see its first byte alone, which is in this variable.
  void SetFirstByte(std::optional<ir::VarId> byte) { first_byte_ = byte; }
  ir::ExprPtr PacketLength();
  void EnterFrame(const std::vector<sema::Local>& locals);

  // What a hook does before its block: turns callbacks on, looks whether there is a
  // socket, sets the private state of a connection.
  void Begin();
  ir::ExprPtr Value(const sema::Expr& expr);
  ir::ExprPtr Condition(const sema::Expr& expr) { return Value(expr); }
  void Statements(const sema::Block& block);
  // The hook's own block: with a comment and, as planned, a barrier a rule.
  void TopLevel(const sema::Block& block);

 private:
  struct Optional {       // what an optional expression came to
    ir::ExprPtr present;  // bool
    ir::ExprPtr value;    // pointer to the entry, or the value
    bool in_place = false;
  };

  // order.cpp
  std::vector<ir::ExprPtr> InOrder(const std::vector<const sema::Expr*>& operands);
  std::vector<ir::ExprPtr> InOrder(const std::vector<sema::ExprPtr>& operands);
  std::pair<ir::ExprPtr, ir::ExprPtr> InOrder(const sema::Expr& first, const sema::Expr& second);

  // expression.cpp
  ir::ExprPtr ConstantOf(sema::TypeId type, const sema::Constant& constant);
  ir::ExprPtr Read(const sema::FieldRead& node, sema::TypeId type);
  ir::ExprPtr ReadParts(const HeaderLayout& layout, const FieldPlace& place,
                        const ir::Expr& pointer, ir::Type type);
  bool NamesTag(const sema::FieldRead& node) const;
  ir::ExprPtr LinkOfTag(ir::ExprPtr in_packet, ir::Type type);
  ir::ExprPtr ReadFirstByte(const sema::FieldRead& node, sema::TypeId type);
  ir::ExprPtr ReadLocal(const sema::LocalRef& node);
  ir::ExprPtr FieldOf(const sema::FieldOf& node);
  ir::ExprPtr StructValue(const sema::StructValue& node, sema::TypeId type);
  ir::ExprPtr Convert(const sema::Expr& operand, sema::TypeId to);
  ir::ExprPtr Narrow(ir::ExprPtr value, sema::TypeId type);
  ir::ExprPtr Repeatable(const std::string& name, ir::ExprPtr value);
  ir::ExprPtr Context(const sema::ContextField& node, sema::TypeId type);

  // arithmetic.cpp
  ir::ExprPtr Arithmetic(const sema::Binary& node, sema::TypeId type);
  ir::ExprPtr Combined(sema::BinaryOp op, ir::ExprPtr left, ir::ExprPtr right, sema::TypeId type);
  ir::ExprPtr Shifted(sema::BinaryOp op, ir::ExprPtr left, ir::ExprPtr amount, sema::TypeId type);
  ir::ExprPtr Divide(const sema::Binary& node, sema::TypeId type);
  ir::ExprPtr Shift(const sema::Binary& node, sema::TypeId type);
  ir::ExprPtr Builtin(const sema::BuiltinCall& node, sema::TypeId type);
  ir::ExprPtr DirectLength();

  // condition.cpp
  ir::ExprPtr Present(const sema::Present& node);
  ir::ExprPtr All(const sema::And& node);
  ir::ExprPtr Any(const std::vector<sema::ExprPtr>& operands);
  ir::ExprPtr Select(const sema::Select& node);
  ir::ExprPtr Compare(const sema::Compare& node);
  ir::ExprPtr Equal(ir::ExprPtr left, ir::ExprPtr right);
  ir::ExprPtr Contains(ir::ExprPtr subject, sema::TypeId type,
                       const std::vector<sema::Contains::Element>& elements);
  ir::ExprPtr InElement(const ir::Expr& subject, sema::TypeId type,
                        const sema::Contains::Element& element);
  ir::ExprPtr InPrefix(const ir::Expr& subject, sema::TypeId type,
                       const sema::Contains::Element& element);
  ir::ExprPtr IfPresent(const sema::IfPresent& node);
  // Runs `then` where the condition holds. If `then` always leaves, the operands
  // of a conjunction become nested tests.
  void Branch(const sema::Expr& condition, const std::function<void()>& then,
              const std::function<void()>& otherwise, bool has_otherwise);

  // state.cpp
  ir::ExprPtr Map(sema::StateId id);
  ir::ExprPtr KeyAddress(sema::StateId id, const sema::Expr* key);
  ir::ExprPtr Lookup(sema::StateId id, const sema::Expr* key);
  ir::ExprPtr LookupAt(sema::StateId id, ir::ExprPtr address);
  ir::ExprPtr StateContains(const sema::StateContains& node);
  ir::ExprPtr StateRead(const sema::StateRead& node, sema::TypeId type);
  ir::ExprPtr OrInsert(const sema::OrInsert& node, sema::TypeId type);
  ir::ExprPtr Take(const sema::LimiterTake& node);
  Optional OptionalOf(const sema::Expr& expr);
  void BindLocal(sema::LocalId local, Optional& optional);
  void Add(const sema::CounterAdd& node);
  // Whether this block's runs come one after the other on a processor, so that what is
  // kept per CPU needs no atomics.
  bool Alone(const sema::State& state) const;
  // state_update.cpp
  void Update(const sema::StateUpdate& node);
  void Exchange(const sema::StateUpdate& node, const ir::Expr& cell, ir::ExprPtr value,
                ir::VarId changed);
  // array.cpp
  ir::ExprPtr Element(const sema::ElementOf& node);
  Optional ElementOrNone(const sema::ElementOf& node);
  ir::ExprPtr ElementAt(const sema::Expr& object, ir::ExprPtr index);
  ir::ExprPtr BoundIndex(const sema::Expr& index, uint32_t count, bool known);
  ir::ExprPtr AtPlace(ir::ExprPtr root, sema::TypeId type, const sema::Path& path);
  ir::ExprPtr EqualArrays(ir::ExprPtr left, ir::ExprPtr right);
  void FailOtherwise(const sema::Block& otherwise, bool given, const std::string& fault);
  // expiry.cpp
  ir::ExprPtr Alive(sema::StateId id, ir::ExprPtr address);
  ir::VarId Timed(sema::StateId id, ir::ExprPtr value);
  ir::ExprPtr Renew(sema::StateId id, ir::ExprPtr address, ir::ExprPtr value);
  void CountTimed(sema::StateId id, ir::ExprPtr address, ir::ExprPtr amount);
  ir::ExprPtr SwapHeld(sema::StateId id, ir::ExprPtr address);
  // histogram.cpp
  void RecordValue(const sema::HistogramRecord& node);
  ir::ExprPtr Bucket(const sema::State& histogram, ir::ExprPtr value);
  // ring.cpp
  Optional Pick(const sema::RingPick& node);
  // queue.cpp
  Optional Next(const sema::QueueTake& node, sema::TypeId type);
  void Write(const sema::StateWrite& node);
  void Remove(const sema::StateRemove& node);
  void CountFault(const std::string& what);
  const sema::State& state(sema::StateId id) const {
    return context_.program.checked.states[static_cast<size_t>(id)];
  }

  // options.cpp
  ir::ExprPtr PointerTo(sema::HeaderRef header);
  ir::ExprPtr OptionPresent(sema::HeaderRef option);
  // storage.cpp
  ir::ExprPtr StorageOwner(sema::StateId id, const sema::Expr& key);
  // The address of what is kept there, in a new variable; null where there is nothing.
  // With `initial`, the address of a variable, it is made if there is none.
  ir::ExprPtr Storage(sema::StateId id, const sema::Expr& key, ir::ExprPtr initial);
  ir::ExprPtr StorageOrInsert(const sema::OrInsert& node, sema::TypeId type);
  void StorageAdd(const sema::CounterAdd& node);
  void StorageWrite(const sema::StateWrite& node);
  void StorageRemove(const sema::StateRemove& node);
  void NotKept(const sema::State& state, const sema::Block& otherwise);

  // packet.cpp
  Optional Payload(const sema::PayloadRead& node);

  // kernel_call.cpp
  ir::ExprPtr CallKernel(const sema::HelperCall& node, sema::TypeId type);
  Optional OptionalCall(const sema::HelperCall& node, sema::TypeId type);
  ir::ExprPtr KernelArgument(const sema::KernelArgument& argument, std::string_view parameter);
  ir::ExprPtr WholeHeader(sema::HeaderRef header);
  ir::ExprPtr OwnSocket();
  bool MayLackSocket() const;
  ir::ExprPtr ReadObject(const sema::ObjectField& node, sema::TypeId type);
  void DeclareKfunc(std::string_view name);
  static ir::ExprPtr InOrderOf(ir::Type type, ir::ExprPtr value);

  // effect.cpp
  void LowerEffect(const sema::Effect& node);
  ir::VarId MoveEnd(const sema::Effect& node);
  ir::VarId PushBytes(const sema::Effect& node);
  ir::VarId PushHeader(const sema::Effect& node);
  ir::VarId PopHeader(const sema::Effect& node);
  ir::VarId PopTag(const sema::Effect& node);
  ir::VarId PushTag(const sema::Effect& node);
  ir::ExprPtr HeaderValue(sema::HeaderId header, std::vector<ir::ExprPtr> values,
                          std::optional<uint32_t> link, ir::ExprPtr next);
  ir::VarId FrontOf(sema::HeaderRef carrier);
  void SetLink(ir::VarId front, const sema::Effect& node, ir::ExprPtr value);
  void WriteFront(ir::VarId front, sema::HeaderRef carrier);
  // Finds anew what is used later, and in the effect's own blocks, where packet pointers died.
  void Reparse(const sema::Effect& node);
  // become.cpp
  ir::VarId Become(const sema::Effect& node);
  void WriteMade(const sema::Effect& node, std::vector<ir::ExprPtr>& values, ir::VarId failed);
  void SumMade(const sema::OuterHeader& layer);
  ir::VarId PlaceOf(uint32_t at, uint32_t size, ir::Type type);
  // encap.cpp
  ir::VarId CloneTo(const sema::Effect& node);
  ir::VarId Pace(const sema::Effect& node);
  ir::ExprPtr BytesOnWire();
  ir::VarId Encap(const sema::Effect& node);
  ir::VarId Decap(const sema::Effect& node);
  struct TunnelValues {
    std::vector<ir::ExprPtr> layers;
    std::vector<ir::ExprPtr> front;  // null: another field's
    ir::ExprPtr guard;
  };
  TunnelValues ValuesOf(const sema::Effect& node);
  std::vector<ir::VarId> OuterHeaders(const sema::Effect& node, TunnelValues& values);
  void ChangeFront(ir::VarId front, const sema::Effect& node, TunnelValues& values);
  void WriteTunnel(const sema::Effect& node, TunnelValues& values, ir::VarId failed);
  void WriteAt(uint32_t at, ir::VarId header, uint32_t size, bool counts);
  ir::ExprPtr OfFamily(const std::vector<sema::Effect::Family>& families, ir::Type type,
                       const std::function<uint64_t(const sema::Effect::Family&)>& number);
  ir::ExprPtr InsideAt(const sema::Effect& node);
  void ChangeFamily(const sema::Effect& node, ir::VarId bytes, ir::VarId failed,
                    const std::function<void()>& shorten);
  // What of the packet is used by the statements that may run after this one.
  Uses UsesLater() const;

  // rewrite.cpp
  class Settler;
  void AssignField(const sema::AssignField& node);
  struct Rewrite {
    sema::HeaderRef header;
    ir::ExprPtr pointer;
    uint32_t offset = 0;  // of the member in the header, bytes
    uint32_t size = 0;    // of the member, bytes
    FieldPlace place;     // of what is written in the member
    uint32_t below = 0;   // bits of the field in members behind that one
    ir::VarId before{}, after{};
  };
  void AssignPart(sema::HeaderRef header, uint32_t field, const FieldPlace& place, uint32_t below,
                  ir::ExprPtr value);
  void StoreTag(const Rewrite& rewrite, uint32_t member, Settler& settler);
  ir::ExprPtr NewUnit(const FieldPlace& place, ir::ExprPtr before, ir::ExprPtr value);
  // The kernel's call that may fail; null: it is done.
  ir::ExprPtr StoreInPacket(const Rewrite& rewrite, uint32_t member, ir::ExprPtr flags);
  // settle.cpp
  void RequireReadable(sema::HeaderRef changed, sema::HeaderRef header);
  ir::ExprPtr CutOff(sema::HeaderRef header);
  uint32_t MemberOffset(sema::HeaderRef header, uint32_t member);
  ir::ExprPtr OffsetOf(sema::HeaderRef header, uint32_t bytes);
  void Abort(const std::string& fault);
  void AddReload();

  // import_c.cpp
  void ReserveC();
  ir::ExprPtr CallC(const sema::CCall& node, sema::TypeId type);

  // word.cpp
  Optional Word(const sema::WordRead& node, sema::TypeId type);
  ir::ExprPtr KnownWord(const sema::WordRead& node, sema::TypeId type);
  ir::ExprPtr WordFields(const hooks::WordPlan& plan);
  ir::ExprPtr AskHelper(const hooks::WordPlan& plan, ir::Type type);
  Optional AskOption(const hooks::WordPlan& plan);
  const hooks::Field* SocketField() const;
  ir::ExprPtr Socket(hooks::Args object);
  ir::ExprPtr SocketThere(hooks::Args object);
  void HideSocket(hooks::Args object);
  ir::ExprPtr SocketTest(hooks::Needs level);
  ir::ExprPtr SocketMember(std::string_view name, ir::Type type, int word, hooks::Args object);

  // assign_word.cpp
  void AssignContext(const sema::AssignContext& node);
  void SetOption(const sema::SetOption& node);
  void StoreContext(const std::string& name, int word, ir::ExprPtr value);
  // socket_option.cpp
  Optional ReadValue(const sema::ValueRead& node);
  void WriteValue(const sema::ValueWrite& node);
  ir::ExprPtr ValueReaches(uint32_t bytes);

  // target.cpp
  void LowerTarget(const sema::Verdict& node);
  ir::Do Send(const sema::Verdict& node, ir::ExprPtr number, const ir::VarId* hop);
  ir::VarId NextHop(const sema::Verdict& node);
  void LowerReply(const sema::Verdict& node);
  void LeaveIf(ir::ExprPtr taken, const sema::Verdict& node);

  // congestion.cpp
  ir::ExprPtr Connection(const sema::ConnectionRead& node);
  ir::ExprPtr Parameter(uint32_t index);
  ir::ExprPtr Kernel(const sema::KfuncCall& node, sema::TypeId type);
  void SetConnection(const sema::ConnectionRead& place, ir::ExprPtr value);

  // function.cpp
  ir::ExprPtr Inline(const sema::FunctionCall& node, sema::TypeId type);

  // statement.cpp
  void Lower(const sema::Statement& statement);
  void LowerIf(const sema::If& node);
  void LowerChain(const sema::If& node);
  void LowerArms(const sema::Match& node, const ir::Expr& subject);
  void LowerIfLet(const sema::IfLet& node);
  void LowerMatch(const sema::Match& node);
  void LowerFor(const sema::For& node);
  void LowerEmit(const sema::Emit& node);
  void LowerVerdict(const sema::Verdict& node);
  void LowerReturn(const sema::Return& node);
  void Assign(const sema::AssignLocal& node);
  ir::Block BlockOf(const sema::Block& block);
  // Whether a chain of that many rules or arms gets barriers between them.
  bool IsLong(size_t statements) const;

  // A local of the source in the frame of the function that is being inlined.
  struct Frame {
    const std::vector<sema::Local>* locals = nullptr;
    std::map<sema::LocalId, ir::VarId> vars;
    std::optional<ir::VarId> result;
    std::string end;      // label behind an inlined body
    bool leaves = false;  // a Leave to it was written
  };
  ir::VarId VarOf(sema::LocalId id);

  // What was found out in the blocks around: headers that are readable, and pointers to
  // the hook's socket.
  struct Known {
    std::set<sema::HeaderRef> readable;
    std::map<hooks::Args, std::pair<ir::VarId, uint64_t>> sockets;  // and the block of it
  };
  // A pointer that was made from an offset, in a block, after so many moves of the packet.
  struct Located {
    ir::VarId pointer{};
    uint64_t block = 0;
    uint32_t moves = 0;
  };
  template <typename Write>
  ir::Block Scoped(Write write) {
    Known before = known_;
    uint32_t reparses = reparses_;
    ir::Block block = code_.Within(write);
    known_ = std::move(before);
    // Behind the block the packet may be one that was parsed again in it.
    if (reparses != reparses_) known_.readable.clear();
    return block;
  }

  HookContext& context_;
  Types& types_;
  Code code_;
  std::optional<sema::HeaderRef> self_;
  ir::VarId self_pointer_{};
  std::optional<ir::VarId> whole_size_;  // of the header that a call of the kernel takes next
  std::optional<ir::VarId> self_extent_, first_byte_;
  Known known_;
  uint32_t reparses_ = 0;
  std::map<sema::HeaderRef, Located> located_;
  uint32_t moves_ = 0;  // each kills all packet pointers
  std::vector<Frame> frames_;
  std::optional<uint32_t> rule_;  // of the `when` around a verdict
  // The blocks around the statement that is lowered, and the next one in each.
  std::vector<std::pair<const sema::Block*, size_t>> around_;
  int next_label_ = 0;
};

// A value of the type whose bytes are all zero.
ir::ExprPtr Zero(ir::Type type);
// The variable that the value is, if a copy of it would take room on the stack.
const ir::VarId* WholeVar(const ir::Expr& value);

// 0, no address, no text.
ir::ExprPtr ZeroOf(ir::Type type);

// Whether control can't come out at the block's end.
bool AlwaysLeaves(const sema::Block& block);

}  // namespace netc::lower
