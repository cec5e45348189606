// One run of a hook block over one packet, and all that outlives it. The parts of the
// language stand in a file each: walk.cpp and options.cpp find headers, evaluate.cpp
// yields values, execute.cpp runs statements, checksum.cpp assigns fields, effect.cpp
// moves the packet's ends. Internal to this folder.
#pragma once

#include <string>
#include <vector>

#include "compiler/interpret/arena.h"
#include "compiler/interpret/interpret.h"
#include "compiler/interpret/packet.h"
#include "compiler/interpret/protocols.h"
#include "compiler/interpret/state.h"
#include "compiler/interpret/value.h"

namespace netc::interpret {

// Thrown, since they end the hook from inside any expression and function.
struct CannotRead {};
struct NotInterpretable {
  std::string why;
};

enum class Presence : uint8_t { kAbsent, kPresent, kUnreadable, kUnasked };

// One header of the packet, as the walk found it.
struct Occurrence {
  Presence presence = Presence::kAbsent;
  uint32_t at = 0;     // bytes from the packet's begin
  uint32_t size = 0;   // bytes
  uint32_t limit = 0;  // where what belongs to it ends
};

class Interpreter {
 public:
  Interpreter(const sema::Program& program, uint32_t processors);

  const Outcome& On(uint32_t block, std::span<const uint8_t> packet);
  void Reset();

  StateStore& store(sema::StateId id) { return stores_[static_cast<size_t>(id)]; }
  const StateStore& store(sema::StateId id) const { return stores_[static_cast<size_t>(id)]; }
  std::vector<object::Bytes>& parameters() { return parameters_; }

  World world;
  std::vector<uint64_t> rules;
  std::vector<Fault> faults;
  std::string undetermined;

 private:
  // How control leaves a statement.
  enum class Flow { kNext, kBreak, kContinue, kReturn, kEnd };

  // A local. Structs and entries of a state have memory, all others a value.
  struct Local {
    Value value;
    uint8_t* memory = nullptr;
    const Table::Entry* entry = nullptr;  // that it was bound to in place …
    uint32_t version = 0;                 // … when it had this version
  };
  struct Frame {
    const std::vector<sema::Local>* declared = nullptr;
    Local* locals = nullptr;
    Value result;
    uint8_t* result_memory = nullptr;  // of a struct
  };
  // The header whose declaration is evaluated, at its place in the packet.
  struct Self {
    sema::HeaderId header{};
    sema::Scope scope{};
    Occurrence where;
  };
  struct Position {
    uint32_t at = 0, limit = 0;
    sema::Scope scope = sema::Scope::kOuter;
  };
  // What an optional expression yields.
  struct Found {
    bool there = false;
    Value value;
    StateStore::Cell cell;  // set if it is an entry
    uint8_t* memory = nullptr;
  };

  const sema::Header& HeaderOf(sema::HeaderId id) const {
    return program_.headers[static_cast<size_t>(id)];
  }
  const sema::State& StateOf(sema::StateId id) const {
    return program_.states[static_cast<size_t>(id)];
  }
  const sema::TypeTable& types() const { return program_.types; }

  // --- walk.cpp, options.cpp ---
  Occurrence& At(sema::HeaderRef ref);
  sema::HeaderRef Resolve(sema::HeaderRef ref) const;
  void WalkPacket();
  void WalkFrom(std::optional<sema::HeaderId> header, sema::SelectorId selector, uint64_t value);
  bool ReadHeader(sema::HeaderId id, Position& position, Self& self);
  bool WithinHolds(const sema::Header& header, sema::Scope scope);
  bool Takes(const Self& self, const sema::Header& header, const sema::NextHeader& next);
  const Stand* StandFor(sema::SelectorId selector, uint64_t value, sema::Scope scope, bool passed);
  void Lose(sema::HeaderId header, sema::Scope scope);
  void Lose(sema::SelectorId selector, sema::Scope scope);
  void AddBehind(const sema::NextHeader& next, sema::Scope scope);
  void AddBehind(sema::SelectorId selector, sema::Scope scope);
  void LoseWhatIsBehind();
  uint64_t PacketProtocol() const;
  uint64_t FrameProtocol() const;
  bool Holds(const Self& self, const sema::Expr& condition);
  uint64_t Number(const Self& self, const sema::Expr& expr);
  Occurrence FindOption(sema::HeaderRef ref);
  bool IsPresent(sema::HeaderRef ref);

  // Of a struct or array.
  struct Part {
    uint32_t offset = 0;  // bytes
    sema::TypeId type{};
  };

  // --- evaluate.cpp ---
  Part PartOf(sema::TypeId type, uint32_t index) const;
  Part PlaceOf(sema::TypeId type, const sema::Path& path);
  Value Evaluate(const sema::Expr& expr);
  Value EvaluateIn(const Self& self, const sema::Expr& expr);
  bool Holds(const sema::Expr& condition) { return Evaluate(condition).number != 0; }
  Found EvaluateOptional(const sema::Expr& expr);
  void Bind(sema::LocalId id, const Found& found);
  Value ReadField(const sema::FieldRead& read);
  Value ReadLocal(sema::LocalId id, sema::TypeId type);
  uint8_t* MemoryOf(Local& local);
  Value CallBuiltin(const sema::BuiltinCall& call, sema::TypeId type);
  Value CallFunction(const sema::FunctionCall& call);
  Value OrInsert(const sema::OrInsert& node);
  bool TakeFrom(const sema::LimiterTake& node);
  Found PickFrom(const sema::RingPick& node);
  uint64_t BytesOnWire() const;
  bool Pace(const sema::Effect& node);
  bool Contains(const sema::Contains::Element& element, sema::TypeId type, const Value& subject);
  std::span<const uint8_t> KeyOf(sema::StateId state, const sema::Expr* key);
  std::span<const uint8_t> BytesOf(sema::TypeId type, const Value& value);

  // --- words.cpp ---
  std::optional<Value> GivenWord(std::string_view word) const;
  Value ReadWord(const sema::ContextField& node);
  Found ReadWord(const sema::WordRead& node);
  bool HasSocket(const sema::SocketTest& node) const;
  void Execute(const sema::AssignContext& node);
  void AssignWord(std::string name, uint64_t value);

  // --- execute.cpp ---
  Flow Execute(const sema::Block& block);
  Flow Execute(const sema::Statement& statement);
  Flow Execute(const sema::If& node);
  Flow Execute(const sema::IfLet& node);
  Flow Execute(const sema::Match& node);
  Flow Execute(const sema::For& node);
  Flow Execute(const sema::Verdict& node);
  Flow Execute(const sema::StateWrite& node);
  Flow Execute(const sema::StateUpdate& node);
  void Execute(const sema::HistogramRecord& node);
  void Execute(const sema::AssignLocal& node);
  void Execute(const sema::Emit& node);
  void Execute(const sema::CounterAdd& node);
  void SetLocal(sema::LocalId id, const Value& value);
  Frame Enter(const std::vector<sema::Local>& locals);
  void CountRule(uint32_t rule);
  void CountFault(const std::string& name);

  // --- checksum.cpp ---
  void Execute(const sema::AssignField& node);
  void ChangeBytes(uint32_t at, std::span<const uint8_t> bytes, sema::HeaderRef own, bool is_sum);
  void AddSummands(const Self& self, uint64_t& sum, bool take_out);
  void UpdateChecksum(sema::HeaderRef ref, uint64_t difference);
  void ChangeCrc(sema::HeaderRef ref, uint32_t at, std::span<const uint8_t> bytes);
  bool IsQuoted(sema::HeaderRef ref);

  // --- effect.cpp ---
  Flow Execute(const sema::Effect& node);
  bool Apply(const sema::Effect& node);
  bool Clone(const sema::Effect& node);
  bool MoveEnd(const sema::Effect& node, uint32_t bytes);
  void PushBytes(uint32_t bytes);
  bool PushHeader(const sema::Effect& node);
  bool PopHeader(const sema::Effect& node);
  bool PushTag(const sema::Effect& node);
  bool PopTag(const sema::Effect& node);
  // encap.cpp
  bool Encap(const sema::Effect& node);
  bool Decap(const sema::Effect& node);
  // The fields of a header, its checksum as they say it; and with its sum made anew.
  std::vector<uint8_t> FieldBytes(const sema::OuterHeader& layer);
  std::vector<uint8_t> OuterBytes(const sema::OuterHeader& layer);
  bool Become(const sema::Effect& node);
  void PutSum(const sema::OuterHeader& layer, std::vector<uint8_t>& packet);
  void ChangeFront(const sema::Effect& node, uint8_t* front);
  // Bytes in the packet, without a tag beside it.
  uint32_t PacketLength() const;
  bool HasTag() const;
  uint32_t TakeTagOut();

  const sema::Program& program_;
  Protocols protocols_;
  std::vector<StateStore> stores_;
  std::vector<object::Bytes> parameters_;
  Arena arena_;

  // Of the run:
  const sema::HookBlock* block_ = nullptr;
  Packet packet_;
  std::vector<Occurrence> occurrences_[2];  // by scope
  std::vector<bool> behind_[2];             // what was lost, and could be behind it
  Frame* frame_ = nullptr;
  const Self* self_ = nullptr;
  bool tag_beside_ = false;  // the packet's first tag is one that an skb has beside its bytes
  std::optional<uint64_t> protocol_;  // of an skb, since an effect changed it
  bool in_tunnel_ = false;            // the kernel knows that an skb has outer headers
  uint32_t network_at_ = 0;           // where the kernel's own headers of an skb end
  std::vector<std::pair<std::string, uint64_t>> assigned_;  // words, by their names
  Outcome outcome_;
};

}  // namespace netc::interpret
