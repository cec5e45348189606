// State declarations: kind, key, value, size, and what stands in it at first.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/base/nearest.h"
#include "compiler/sema/body.h"

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
    {"limiter", StateKind::kLimiter, 0, 1, true, "limiter<key>(rate, burst: n, lru: size)"},
    {"sockets", StateKind::kSockets, 0, 0, false, "sockets(size)"},
    {"reuseport_sockets", StateKind::kReuseportSockets, 0, 0, false, "reuseport_sockets(size)"},
    {"devices", StateKind::kDevices, 0, 0, false, "devices(size)"},
    {"cpus", StateKind::kCpus, 0, 0, false, "cpus(size)"},
    {"xdp_sockets", StateKind::kXdpSockets, 0, 0, false, "xdp_sockets(size)"},
};

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
    if (!Scope() || !Types(*row) || !Arguments(*row)) return;
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
    std::string word(context_.sources.Text(node_.kind.span));
    context_.diagnostics.Emit(
        Unknown(Kind::kUnknownType, node_.kind.span, "state kind", word, known)
            .WithHint("state is kept as " + AnyOf(known)));
    return nullptr;
  }

  bool Scope() {
    if (!node_.per) return true;
    if (IsSlots(state().kind)) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kTypeMismatch, node_.per->span, "slots can't be kept `per` anything"));
      return false;
    }
    if (node_.per->text == "cpu") {
      state().scope = StateScope::kCpu;
      return true;
    }
    context_.diagnostics.Emit(
        Unknown(Kind::kUnknownName, node_.per->span, "state scope", node_.per->text, {"cpu"}));
    return false;
  }

  bool Types(const KindRow& row) {
    size_t count = arguments_->size();
    if (count < row.least_types || count > row.most_types) {
      context_.diagnostics.Emit(diag::Error(Kind::kWrongArguments, node_.kind.span,
                                            fmt::format("`{}` does not take {} type{}", row.word,
                                                        count, count == 1 ? "" : "s"))
                                    .WithHint(fmt::format("here: {}", row.form)));
      return false;
    }
    std::vector<TypeId> types;
    for (const ast::Type& type : *arguments_) {
      types.push_back(ResolveType(context_, file_, type));
      if (types.back() == TypeId{}) return false;
    }
    State& made = state();
    if (row.keyed && !types.empty()) made.key = types[0];
    if (IsSlots(row.kind)) made.key = types_.Unsigned(32);
    if (row.kind == StateKind::kArray) {
      made.key = types_.Unsigned(32);
      made.value = types[0];
    }
    if (row.kind == StateKind::kPrefixes) {
      TypeKind key = types_[types[0]].kind;
      if (key != TypeKind::kIpv4 && key != TypeKind::kIpv6 && key != TypeKind::kIp) {
        context_.diagnostics.Emit(
            diag::Error(Kind::kTypeMismatch, (*arguments_)[0].span,
                        fmt::format("prefixes are of addresses, not of {}", types_.Name(types[0])))
                .WithHint("here: ipv4_addr, ipv6_addr or ip_addr"));
        return false;
      }
      if (types.size() == 1) made.kind = StateKind::kPrefixSet;
    }
    if (types.size() == 2) made.value = types[1];
    if (row.kind == StateKind::kCounter) made.value = types_.Unsigned(64);
    return true;
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
  ExprPtr RateOf(const ast::Expr& expr, TypeId type) {
    ExprPtr value = checker_.Value(expr, type);
    bool good = value->type == TypeId{} || AsConstant(*value) ||
                std::holds_alternative<ParamRef>(value->node);
    if (good) return value;
    context_.diagnostics.Emit(
        diag::Error(Kind::kNotConstant, expr.span, "this must be a constant or a parameter"));
    return MakeExpr(expr.span, TypeId{}, Constant{});
  }

  bool Arguments(const KindRow& row) {
    bool limiter = row.kind == StateKind::kLimiter;
    size_t position = 0;
    for (const ast::Argument& argument : node_.arguments) {
      std::string name = argument.name ? argument.name->text : "";
      if (name.empty()) {
        bool rate = limiter && position == 0;
        ++position;
        if (rate) {
          state().rate = RateOf(*argument.value, types_.Simple(TypeKind::kFrequency));
          continue;
        }
        if (!Size(*argument.value)) return false;
        continue;
      }
      bool lru = name == "lru" && (limiter || row.kind == StateKind::kCounter ||
                                   row.kind == StateKind::kHash || row.kind == StateKind::kSet);
      if (lru) {
        state().lru = true;
        if (!Size(*argument.value)) return false;
      } else if (name == "burst" && limiter) {
        state().burst = RateOf(*argument.value, types_.Unsigned(64));
      } else {
        std::vector<std::string> known;
        if (limiter)
          known = {"burst", "lru"};
        else if (row.kind != StateKind::kArray && row.kind != StateKind::kPrefixes &&
                 !IsSlots(row.kind))
          known = {"lru"};
        context_.diagnostics.Emit(Unknown(Kind::kUnknownName, argument.name->span,
                                          fmt::format("argument of {}", row.word), name, known)
                                      .WithHint(fmt::format("here: {}", row.form)));
        return false;
      }
    }
    if (limiter && !state().rate) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kMissingField, node_.name.span, "a limiter needs a rate")
              .WithHint(fmt::format("here: {}", row.form)));
      return false;
    }
    if (limiter && !state().burst) {
      state().burst = MakeNumber(node_.name.span, types_.Unsigned(64), 1);
    }
    if (state().kind == StateKind::kLru) state().lru = true;
    if (state().key && !sized_) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kMissingField, node_.name.span,
                      fmt::format("how many entries can `{}` hold?", state().name))
              .WithHint(fmt::format("here: {}", row.form)));
      return false;
    }
    return true;
  }

  void AddEntry(const ast::State::Entry& node) {
    if (IsSlots(state().kind)) return AddSlot(context_, file_, state(), node);
    State& made = state();
    bool prefixes = made.kind == StateKind::kPrefixes || made.kind == StateKind::kPrefixSet;
    bool fillable =
        made.key && made.kind != StateKind::kLimiter && made.kind != StateKind::kCounter;
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
    for (const StateEntry& other : made.entries) {
      if (ConstantBytes(types_, *other.key) != ConstantBytes(types_, *entry.key)) continue;
      context_.diagnostics.Emit(
          diag::Error(Kind::kDuplicateName, entry.key->span, "this key is given twice")
              .WithLabel(other.key->span, "was given here"));
      return;
    }
    state().entries.push_back(std::move(entry));
  }

  Context& context_;
  TypeTable& types_;
  uint32_t file_;
  const ast::State& node_;
  uint32_t index_;
  BodyChecker checker_;
  const std::vector<ast::Type>* arguments_ = nullptr;
  bool sized_ = false;
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
      if (own) StateDefiner(context, file, *node, found->second.index).Define();
    }
  }
}

}  // namespace netc::sema
