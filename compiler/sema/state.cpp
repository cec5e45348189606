// State declarations: kind, key, value, size, and what stands in it at first.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compiler/base/nearest.h"
#include "compiler/sema/body.h"
#include "compiler/sema/ring.h"

namespace netc::sema {

using diag::Kind;

namespace {

// A row a kind: what it is written as, how many types it takes, what it has.
struct KindRow {
  std::string_view word;
  StateKind kind;
  uint32_t least_types, most_types;
  bool keyed;             // the first type is the key
  std::string_view form;  // as it is written, for messages
};
constexpr KindRow kKinds[] = {
    {"hash", StateKind::kHash, 2, 2, true, "hash<key, value>(size)"},
    {"lru", StateKind::kLru, 2, 2, true, "lru<key, value>(size)"},
    {"array", StateKind::kArray, 1, 1, false, "array<value>(size)"},
    {"prefixes", StateKind::kPrefixes, 1, 2, true,
     "prefixes<address>(size) or prefixes<address, value>(size)"},
    {"set", StateKind::kSet, 1, 1, true, "set<key>(size)"},
    {"counter", StateKind::kCounter, 0, 1, true, "counter or counter<key>(size)"},
    {"histogram", StateKind::kHistogram, 0, 1, true,
     "histogram or histogram<key>(size); with step: n, buckets: n"},
    {"limiter", StateKind::kLimiter, 0, 1, true, "limiter<key>(rate, burst: n, lru: size)"},
    {"pacer", StateKind::kPacer, 0, 1, true, "pacer<key>(lru: size, horizon: 2s)"},
    {"queue", StateKind::kQueue, 1, 1, false, "queue<value>(size)"},
    {"stack", StateKind::kStack, 1, 1, false, "stack<value>(size)"},
    {"ring", StateKind::kRing, 1, 2, true, "ring<member>(size) or ring<key, member>(size)"},
    {"sockets", StateKind::kSockets, 0, 0, false, "sockets(size)"},
    {"reuseport_sockets", StateKind::kReuseportSockets, 0, 0, false, "reuseport_sockets(size)"},
    {"devices", StateKind::kDevices, 0, 0, false, "devices(size)"},
    {"interfaces", StateKind::kInterfaces, 0, 0, false, "interfaces(size)"},
    {"cpus", StateKind::kCpus, 0, 0, false, "cpus(size)"},
    {"xdp_sockets", StateKind::kXdpSockets, 0, 0, false, "xdp_sockets(size)"},
};

// The arguments that have a name, and the kinds that take them.
struct ArgumentRow {
  std::string_view name;
  std::vector<StateKind> kinds;
};
const ArgumentRow kArguments[] = {
    {"lru",
     {StateKind::kHash, StateKind::kSet, StateKind::kCounter, StateKind::kLimiter,
      StateKind::kPacer, StateKind::kHistogram}},
    {"burst", {StateKind::kLimiter}},
    {"horizon", {StateKind::kPacer}},
    {"step", {StateKind::kHistogram}},
    {"buckets", {StateKind::kHistogram, StateKind::kRing}},
    {"expires", {StateKind::kHash, StateKind::kLru, StateKind::kSet, StateKind::kCounter}},
    {"idle", {StateKind::kHash, StateKind::kLru, StateKind::kSet, StateKind::kCounter}},
    {"swappable", {StateKind::kHash, StateKind::kSet, StateKind::kPrefixes}},
};

// A histogram's buckets, if it doesn't say: powers of two have one for each number of
// bits, from none to 64.
constexpr uint64_t kPowerBuckets = 65, kLinearBuckets = 32;
// The kernel keeps no more for a CPU at once (PCPU_MIN_UNIT_SIZE, 32 KiB).
constexpr uint64_t kMostBuckets = 4096;

// fq drops what would leave later than its own horizon, which is this at first.
constexpr uint64_t kMostHorizon = 10'000'000'000;

// Kinds of which the kernel has none per CPU; and a line on each CPU would be as many lines.
bool HasPerCpu(StateKind kind) {
  return kind != StateKind::kPacer && kind != StateKind::kPrefixes &&
         kind != StateKind::kPrefixSet && kind != StateKind::kQueue && kind != StateKind::kStack &&
         kind != StateKind::kRing && !IsSlots(kind);
}

// Largest number of entries: the kernel takes a __u32, and keeps buckets for them.
constexpr uint64_t kMostEntries = 1u << 28;

class StateDefiner {
 public:
  StateDefiner(Context& context, uint32_t file, const ast::State& node, uint32_t index)
      : context_(context),
        types_(context.program.types),
        file_(file),
        node_(node),
        index_(index),
        checker_(context, file, nullptr) {}

  void Define() {
    const KindRow* row = FindKind();
    if (!row) return;
    state().kind = row->kind;
    if (!Scope(*row)) return;
    if (IsStorage(state().scope)) return Storage(*row);
    if (!Types(*row) || !Arguments(*row)) return;
    for (const ast::State::Entry& entry : node_.entries) AddEntry(entry);
    if (state().entries.size() > state().capacity) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kTooMany, node_.name.span,
                      fmt::format("`{}` holds {} entries, but {} are given", state().name,
                                  state().capacity, state().entries.size())));
    }
  }

 private:
  State& state() { return context_.program.states[index_]; }

  bool PerObject() const {
    return node_.per && (node_.per->text == "socket" || node_.per->text == "cgroup" ||
                         node_.per->text == "task");
  }

  // One value or counter, which comes and goes with the object.
  void Storage(const KindRow& row) {
    State& made = state();
    made.capacity = 0;
    bool counter = row.kind == StateKind::kCounter && arguments_->empty();
    if (counter) {
      made.value = types_.Unsigned(64);
    } else if (row.kind == StateKind::kValue) {
      TypeId type = ResolveType(context_, file_, node_.kind);
      if (type == TypeId{}) return;
      made.value = type;
    } else {
      context_.diagnostics.Emit(
          diag::Error(Kind::kTypeMismatch, node_.kind.span,
                      fmt::format("a {} keeps one value, or a counter", node_.per->text),
                      "has keys of its own")
              .WithHint(fmt::format("here: `state {}: per {} u64`, or a struct", made.name,
                                    node_.per->text)));
      return;
    }
    if (!node_.arguments.empty() || !node_.entries.empty()) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kWrongArguments, node_.name.span,
                      fmt::format("state `per {0}` has no size and no entries: there is as much of "
                                  "it as there are {0}s",
                                  node_.per->text)));
    }
  }

  const KindRow* FindKind() {
    const auto* named = std::get_if<ast::NamedType>(&node_.kind.node);
    std::vector<std::string> known;
    for (const KindRow& row : kKinds) {
      if (named && named->path.parts.size() == 1 && named->path.parts[0].text == row.word) {
        arguments_ = &named->arguments;
        return &row;
      }
      known.emplace_back(row.word);
    }
    static constexpr KindRow kValueRow{"", StateKind::kValue, 0, 0, false, "a type"};
    if (PerObject()) return &kValueRow;
    std::string word(context_.sources.Text(node_.kind.span));
    context_.diagnostics.Emit(
        Unknown(Kind::kUnknownType, node_.kind.span, "state kind", word, known)
            .WithHint("state is kept as " + AnyOf(known)));
    return nullptr;
  }

  bool Scope(const KindRow& row) {
    if (!node_.per) return true;
    if (!HasPerCpu(row.kind)) {
      std::string what =
          IsSlots(row.kind) ? "slots" : fmt::format("a state of kind `{}`", row.word);
      context_.diagnostics.Emit(
          diag::Error(Kind::kTypeMismatch, node_.per->span,
                      fmt::format("{} can't be kept `per {}`", what, node_.per->text)));
      return false;
    }
    if (PerObject()) {
      state().scope = node_.per->text == "socket"   ? StateScope::kSocket
                      : node_.per->text == "cgroup" ? StateScope::kCgroup
                                                    : StateScope::kTask;
      return true;
    }
    if (node_.per->text == "cpu") {
      state().scope = StateScope::kCpu;
      return true;
    }
    context_.diagnostics.Emit(Unknown(Kind::kUnknownName, node_.per->span, "state scope",
                                      node_.per->text, {"cpu", "socket", "cgroup", "task"}));
    return false;
  }

  bool Types(const KindRow& row) {
    size_t count = arguments_->size();
    bool good = count >= row.least_types && count <= row.most_types;
    if (!good) {
      context_.diagnostics.Emit(diag::Error(Kind::kWrongArguments, node_.kind.span,
                                            fmt::format("`{}` does not take {} type{}", row.word,
                                                        count, count == 1 ? "" : "s"))
                                    .WithHint(fmt::format("here: {}", row.form)));
    }
    // What uses the state is checked in any case, and finds a type, if only that of an error.
    std::vector<TypeId> types;
    for (const ast::Type& type : *arguments_) {
      types.push_back(ResolveType(context_, file_, type));
      good = good && types.back() != TypeId{};
    }
    types.resize(std::clamp<size_t>(count, row.least_types, row.most_types));
    State& made = state();
    if (row.keyed && !types.empty()) made.key = types[0];
    if (IsSlots(row.kind)) made.key = types_.Unsigned(32);
    if (row.kind == StateKind::kArray) {
      made.key = types_.Unsigned(32);
      made.value = types[0];
    }
    if (row.kind == StateKind::kPrefixes) {
      TypeKind key = types_[types[0]].kind;
      if (types[0] != TypeId{} && key != TypeKind::kIpv4 && key != TypeKind::kIpv6 &&
          key != TypeKind::kIp) {
        context_.diagnostics.Emit(
            diag::Error(Kind::kTypeMismatch, (*arguments_)[0].span,
                        fmt::format("prefixes are of addresses, not of {}", types_.Name(types[0])))
                .WithHint("here: ipv4_addr, ipv6_addr or ip_addr"));
        return false;
      }
      if (types.size() == 1) made.kind = StateKind::kPrefixSet;
    }
    if (row.kind == StateKind::kRing) return RingTypes(context_, made, types, node_.kind.span);
    if (types.size() == 2) made.value = types[1];
    if (row.kind == StateKind::kQueue || row.kind == StateKind::kStack) made.value = types[0];
    if (row.kind == StateKind::kCounter) made.value = types_.Unsigned(64);
    return good;
  }

  bool Size(const ast::Expr& expr) {
    ExprPtr size = checker_.ConstantOf(expr, types_.Unsigned(32));
    if (!size) return false;
    uint64_t entries = AsConstant(*size)->number;
    if (entries == 0 || entries > kMostEntries) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kBadLiteral, expr.span,
                      fmt::format("a state holds 1 to {} entries", kMostEntries)));
      return false;
    }
    state().capacity = entries;
    sized_ = true;
    return true;
  }

  // Rate and burst may be live parameters: then the program reads them each time.
  ExprPtr Live(const ast::Expr& expr, ExprPtr value) {
    bool good = value->type == TypeId{} || AsConstant(*value) ||
                std::holds_alternative<ParamRef>(value->node);
    if (good) return value;
    context_.diagnostics.Emit(
        diag::Error(Kind::kNotConstant, expr.span, "this must be a constant or a parameter"));
    return MakeExpr(expr.span, TypeId{}, Constant{});
  }

  // In events or in bits; the burst is then a number or a size.
  void Rate(const ast::Expr& expr) {
    ExprPtr rate = checker_.Value(expr);
    if (types_[rate->type].kind != TypeKind::kBitrate) {
      rate = checker_.Coerce(std::move(rate), types_.Simple(TypeKind::kFrequency));
    }
    state().rate = Live(expr, std::move(rate));
  }
  bool InBits() { return types_[state().rate->type].kind == TypeKind::kBitrate; }

  bool Burst(const ast::Expr& expr) {
    TypeId type = InBits() ? types_.Simple(TypeKind::kSize) : types_.Unsigned(64);
    state().burst = Live(expr, checker_.Value(expr, type));
    return true;
  }

  bool Number(const ast::Expr& expr, uint64_t most, uint64_t& number) {
    ExprPtr value = checker_.Value(expr);
    if (value->type == TypeId{}) return false;
    const Constant* constant = AsConstant(*value);
    bool counts = types_.IsNumber(value->type) && !types_[value->type].is_signed;
    if (constant && counts && constant->number >= 1 && constant->number <= most) {
      number = constant->number;
      return true;
    }
    context_.diagnostics.Emit(
        diag::Error(constant ? Kind::kBadLiteral : Kind::kNotConstant, expr.span,
                    most == ~0ull ? std::string("this must be a constant other than 0")
                                  : fmt::format("this must be a constant from 1 to {}", most)));
    return false;
  }

  // How long an entry is there.
  bool After(const ast::Expr& expr, std::optional<uint64_t>& after) {
    ExprPtr value = checker_.ConstantOf(expr, types_.Simple(TypeKind::kDuration));
    if (!value) return false;
    uint64_t number = AsConstant(*value)->number;
    // So that no time from now on overflows.
    if (number == 0 || number >> 62 != 0) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kBadLiteral, expr.span, "an entry is there for 1ns to 146 years"));
      return false;
    }
    after = number;
    return true;
  }

  bool Horizon(const ast::Expr& expr) {
    ExprPtr value = checker_.ConstantOf(expr, types_.Simple(TypeKind::kDuration));
    if (!value) return false;
    state().horizon_ns = AsConstant(*value)->number;
    if (state().horizon_ns != 0 && state().horizon_ns <= kMostHorizon) return true;
    context_.diagnostics.Emit(diag::Error(Kind::kBadLiteral, expr.span,
                                          "a pacer's horizon is 1ns to 10s",
                                          "fq drops packets that would leave later"));
    return false;
  }

  bool Swappable(const ast::Expr& expr) {
    ExprPtr value = checker_.ConstantOf(expr, types_.Simple(TypeKind::kBool));
    if (!value) return false;
    state().swappable = AsConstant(*value)->number != 0;
    return true;
  }

  // What can't be had together, and what only entries with a key have.
  bool Combination(const KindRow& row) {
    State& made = state();
    bool timed = made.expires_ns || made.idle_ns;
    std::string why;
    if (timed && !made.key) why = "only entries with a key expire";
    if (timed && made.scope == StateScope::kCpu) why = "what is kept per CPU does not expire";
    if (timed && made.swappable) why = "entries of a swappable state do not expire";
    if (made.swappable && made.lru)
      why = "a swappable state holds what it is given: it can't be an lru";
    if (made.swappable && made.scope == StateScope::kCpu)
      why = "a swappable state can't be kept per CPU";
    if (made.lru && !made.key) why = "without a key there is nothing that could give way";
    if (why.empty()) return true;
    context_.diagnostics.Emit(diag::Error(Kind::kTypeMismatch, node_.name.span, why)
                                  .WithHint(fmt::format("here: {}", row.form)));
    return false;
  }

  bool Named(const KindRow& row, const ast::Argument& argument) {
    const std::string& name = argument.name->text;
    std::vector<std::string> known;
    for (const ArgumentRow& each : kArguments) {
      if (std::find(each.kinds.begin(), each.kinds.end(), row.kind) == each.kinds.end()) continue;
      known.emplace_back(each.name);
      if (each.name != name) continue;
      const ast::Expr& value = *argument.value;
      if (name == "lru") return state().lru = true, Size(value);
      if (name == "burst") return Burst(value);
      if (name == "horizon") return Horizon(value);
      if (name == "step") return Number(value, ~0ull, state().step);
      if (name == "expires") return After(value, state().expires_ns);
      if (name == "idle") return After(value, state().idle_ns);
      if (name == "swappable") return Swappable(value);
      bool ring = row.kind == StateKind::kRing;
      if (!Number(value, ring ? kMostRingBuckets : kMostBuckets, buckets_)) return false;
      return !ring || IsRingSize(context_, value.span, buckets_);
    }
    context_.diagnostics.Emit(Unknown(Kind::kUnknownName, argument.name->span,
                                      fmt::format("argument of {}", row.word), name, known)
                                  .WithHint(fmt::format("here: {}", row.form)));
    return false;
  }

  bool Missing(const KindRow& row, const std::string& what) {
    context_.diagnostics.Emit(diag::Error(Kind::kMissingField, node_.name.span, what)
                                  .WithHint(fmt::format("here: {}", row.form)));
    return false;
  }

  // What stands without a name comes first, wherever it is written.
  bool Arguments(const KindRow& row) {
    bool limiter = row.kind == StateKind::kLimiter;
    for (const ast::Argument& argument : node_.arguments) {
      if (argument.name) continue;
      if (limiter && !state().rate)
        Rate(*argument.value);
      else if (!Size(*argument.value))
        return false;
    }
    if (limiter && !state().rate) return Missing(row, "a limiter needs a rate");
    for (const ast::Argument& argument : node_.arguments) {
      if (argument.name && !Named(row, argument)) return false;
    }
    if (limiter && !state().burst) {
      if (InBits())
        return Missing(row, "a limiter in bits a second needs a burst, as in `burst: 64KiB`");
      state().burst = MakeNumber(node_.name.span, types_.Unsigned(64), 1);
    }
    if (row.kind == StateKind::kPacer && state().horizon_ns == 0)
      return Missing(row, "how far from now may a packet of a pacer leave?");
    if (row.kind == StateKind::kHistogram) {
      uint64_t usual = state().step == 0 ? kPowerBuckets : kLinearBuckets;
      state().buckets = static_cast<uint32_t>(buckets_ ? buckets_ : usual);
      state().value = types_.Of(TypeKind::kArray, types_.Unsigned(64), state().buckets);
    }
    if (row.kind == StateKind::kRing) {
      state().buckets = static_cast<uint32_t>(buckets_ ? buckets_ : kRingBuckets);
    }
    if (state().kind == StateKind::kLru) state().lru = true;
    if (!Combination(row)) return false;
    bool sized = state().key || row.kind == StateKind::kQueue || row.kind == StateKind::kStack;
    if (sized && !sized_) {
      return Missing(row, fmt::format("how many entries can `{}` hold?", state().name));
    }
    if (!sized && sized_) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kWrongArguments, node_.name.span,
                      fmt::format("`{}` has no key, and so no size", state().name))
              .WithHint(fmt::format("here: {}", row.form)));
      return false;
    }
    return true;
  }

  void AddEntry(const ast::State::Entry& node) {
    if (IsSlots(state().kind)) return AddSlot(context_, file_, state(), node);
    State& made = state();
    bool prefixes = made.kind == StateKind::kPrefixes || made.kind == StateKind::kPrefixSet;
    bool queue = made.kind == StateKind::kQueue || made.kind == StateKind::kStack;
    if (queue) return AddItem(node);
    bool fillable = made.key && made.kind != StateKind::kLimiter &&
                    made.kind != StateKind::kPacer && made.kind != StateKind::kCounter &&
                    made.kind != StateKind::kHistogram;
    if (!fillable) {
      context_.diagnostics.Emit(diag::Error(Kind::kTypeMismatch, node.key->span,
                                            fmt::format("`{}` takes no entries", made.name)));
      return;
    }
    TypeId key_type = prefixes ? types_.Of(TypeKind::kPrefix, *made.key) : *made.key;
    StateEntry entry;
    bool implicit_index = made.kind == StateKind::kArray && !node.value;
    if (implicit_index) {
      entry.key = MakeNumber(node.key->span, key_type, made.entries.size());
      entry.value = checker_.ConstantOf(*node.key, *made.value);
      if (entry.value) state().entries.push_back(std::move(entry));
      return;
    }
    entry.key = checker_.ConstantOf(*node.key, key_type);
    if (!entry.key) return;
    if (node.value && made.value) entry.value = checker_.ConstantOf(*node.value, *made.value);
    if (made.value.has_value() != (node.value != nullptr)) {
      context_.diagnostics.Emit(diag::Error(
          Kind::kTypeMismatch, node.key->span,
          made.value ? fmt::format("an entry of `{}` has a value: `key: value`", made.name)
                     : fmt::format("`{}` holds no values", made.name)));
      return;
    }
    if (made.value && !entry.value) return;
    auto [first, fresh] = given_.emplace(*ConstantBytes(types_, *entry.key), entry.key->span);
    if (!fresh) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kDuplicateName, entry.key->span, "this key is given twice")
              .WithLabel(first->second, "was given here"));
      return;
    }
    state().entries.push_back(std::move(entry));
  }

  // Of a queue: what is pushed, in this order.
  void AddItem(const ast::State::Entry& node) {
    if (node.value) {
      context_.diagnostics.Emit(diag::Error(Kind::kTypeMismatch, node.key->span,
                                            fmt::format("`{}` has no keys", state().name)));
      return;
    }
    StateEntry entry;
    entry.value = checker_.ConstantOf(*node.key, *state().value);
    if (entry.value) state().entries.push_back(std::move(entry));
  }

  Context& context_;
  TypeTable& types_;
  uint32_t file_;
  const ast::State& node_;
  uint32_t index_;
  BodyChecker checker_;
  const std::vector<ast::Type>* arguments_ = nullptr;
  bool sized_ = false;
  uint64_t buckets_ = 0;
  std::map<object::Bytes, Span> given_;  // keys of the entries, and where they stand
};

}  // namespace

void DefineStates(Context& context) {
  for (uint32_t file = 0; file < context.unit.files.size(); ++file) {
    for (const ast::Item& item : context.unit.files[file].items) {
      const auto* node = std::get_if<ast::State>(&item.node);
      if (!node) continue;
      auto found = context.symbols.files[file].names.find(node->name.text);
      if (found == context.symbols.files[file].names.end()) continue;
      bool own = found->second.kind == SymbolKind::kState && found->second.span == node->name.span;
      if (!own) continue;
      StateDefiner(context, file, *node, found->second.index).Define();
      MachineHasMap(context, node->name.span, context.program.states[found->second.index]);
    }
  }
}

}  // namespace netc::sema
