// Tests of the source, resolved to bytes.
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "compiler/sema/body.h"
#include "compiler/sema/packet.h"
#include "compiler/sema/test_world.h"

namespace netc::sema {

using diag::Kind;

namespace {

std::string OneLine(std::string_view text) {
  std::string line;
  for (char c : text) {
    bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (space && (line.empty() || line.back() == ' ')) continue;
    line += space ? ' ' : c;
  }
  return line;
}

// Most bytes of payload that `payload(n)` makes: what test-run takes at most.
constexpr uint64_t kMostPayload = 4'000;

class TestDefiner {
 public:
  TestDefiner(Context& context, const ast::Item& item, const ast::Test& node)
      : context_(context),
        types_(context.program.types),
        node_(node),
        checker_(context, 0, nullptr) {
    plan_.name = node.title.text;
    plan_.place = PlaceOf(item.span);
  }

  void Define() {
    const auto& hooks = context_.program.hooks;
    auto hook = std::find_if(hooks.begin(), hooks.end(),
                             [&](const HookBlock& h) { return h.name == node_.hook.text; });
    if (hook == hooks.end()) {
      std::vector<std::string> known;
      for (const HookBlock& h : hooks) known.push_back(h.name);
      context_.diagnostics.Emit(
          Unknown(Kind::kUnknownName, node_.hook.span, "hook block", node_.hook.text, known));
      return;
    }
    if (!hook->hook) return;
    hook_ = &*hook;
    plan_.program = static_cast<uint32_t>(hook - hooks.begin());
    for (const ast::TestStep& step : node_.steps) AddStep(step);
    context_.program.tests.push_back(std::move(plan_));
  }

 private:
  object::Place PlaceOf(Span span) const {
    const SourceFile& file = context_.sources.file(span.file);
    LineColumn at = file.Locate(span.begin);
    return {file.path(), at.line, at.column};
  }

  template <typename What>
  void Push(const ast::TestStep& step, What what) {
    plan_.steps.push_back(
        {PlaceOf(step.span), OneLine(context_.sources.Text(step.span)), std::move(what)});
  }

  void AddStep(const ast::TestStep& step) {
    if (const auto* n = std::get_if<ast::SendStep>(&step.node)) return AddSend(step, *n);
    if (const auto* n = std::get_if<ast::ExpectValue>(&step.node)) return AddExpect(step, *n);
    if (const auto* n = std::get_if<ast::ExpectPhrase>(&step.node)) return AddPhrase(step, *n);
    if (const auto* n = std::get_if<ast::ExpectEvent>(&step.node)) return AddEvent(step, *n);
    if (const auto* n = std::get_if<ast::ExpectPacket>(&step.node)) return AddPacket(step, *n);
    if (const auto* n = std::get_if<ast::GivenStep>(&step.node)) return AddGiven(step, *n);
    if (const auto* n = std::get_if<ast::StateStep>(&step.node)) return AddState(step, *n);
    Push(step, object::ExpectNoEvent{});
  }

  // --- Packets ---

  std::optional<Constant> FieldConstant(const HeaderField& field, const ast::Expr& expr) {
    TypeId type = field.type;
    ExprPtr value = checker_.ConstantOf(expr, type);
    if (!value) return std::nullopt;
    Constant constant = *AsConstant(*value);
    uint64_t most = field.bits >= 64 ? ~0ull : (1ull << field.bits) - 1;
    if (types_[type].is_signed) constant.number &= most;  // of its type: it has so many bits
    if (types_.IsNumber(type) && constant.number > most) {
      context_.diagnostics.Emit(diag::Error(
          Kind::kNarrowing, expr.span, fmt::format("`{}` has {} bits", field.name, field.bits)));
      return std::nullopt;
    }
    return constant;
  }

  void AddPayload(const ast::Layer& layer, PacketModel& model) {
    if (layer.text) {
      model.payload.insert(model.payload.end(), layer.text->begin(), layer.text->end());
      return;
    }
    std::vector<uint64_t> numbers;
    bool one = layer.arguments.size() == 1;
    for (const ast::Argument& argument : layer.arguments) {
      ExprPtr value = checker_.ConstantOf(*argument.value, types_.Unsigned(one ? 16 : 8));
      if (value) numbers.push_back(AsConstant(*value)->number);
    }
    if (!one) {
      for (uint64_t number : numbers) model.payload.push_back(static_cast<uint8_t>(number));
      return;
    }
    if (numbers.empty()) return;
    if (numbers[0] > kMostPayload) {
      context_.diagnostics.Emit(diag::Error(
          Kind::kTooMany, layer.span, fmt::format("a payload has {} bytes at most", kMostPayload)));
      return;
    }
    model.payload.resize(model.payload.size() + numbers[0]);
  }

  void AddHeader(const ast::Layer& layer, const PacketModel* like, PacketModel& model) {
    auto found = context_.symbols.protocols.find(layer.name.text);
    bool known =
        found != context_.symbols.protocols.end() && found->second.kind == SymbolKind::kHeader;
    if (!known) {
      std::vector<std::string> names = {"payload", "cut"};
      for (const auto& [name, symbol] : context_.symbols.protocols) {
        if (symbol.kind == SymbolKind::kHeader) names.push_back(name);
      }
      context_.diagnostics.Emit(
          Unknown(Kind::kUnknownName, layer.name.span, "header", layer.name.text, names));
      return;
    }
    PacketLayer made{HeaderId{found->second.index}, {}, {}, {}};
    if (layer.option && !FindOption(layer, model, made)) return;
    if (made.options_of) {
      model.layers.push_back(std::move(made));
      return;
    }
    if (like) {
      // What is not named is as in the packet that was sent.
      size_t before = static_cast<size_t>(std::count_if(
          model.layers.begin(), model.layers.end(),
          [&](const PacketLayer& l) { return !l.options_of && l.header == made.header; }));
      for (const PacketLayer& sent : like->layers) {
        if (sent.options_of || sent.header != made.header || before-- > 0) continue;
        made.given = sent.given;
        break;
      }
    }
    const Header& header = context_.header(made.header);
    for (const ast::Initializer& initializer : layer.fields) {
      uint32_t index = 0;
      while (index < header.fields.size() && header.fields[index].name != initializer.name.text) {
        ++index;
      }
      if (index == header.fields.size()) {
        std::vector<std::string> names;
        for (const HeaderField& field : header.fields) names.push_back(field.name);
        context_.diagnostics.Emit(Unknown(Kind::kUnknownField, initializer.name.span,
                                          "field of " + header.name, initializer.name.text, names));
        continue;
      }
      if (auto value = FieldConstant(header.fields[index], *initializer.value)) {
        made.given[index] = *value;
      }
    }
    auto below = std::find_if(model.layers.rbegin(), model.layers.rend(), [&](const auto& l) {
      return !l.options_of && !context_.header(l.header).option_of;
    });
    if (!layer.option && below != model.layers.rend()) {
      CheckStacking(layer, below->header, made.header);
    }
    model.layers.push_back(std::move(made));
  }

  // `tcp.mss { … }`, an option of the header before; `tcp.options(1, 1)`, bytes among them.
  bool FindOption(const ast::Layer& layer, const PacketModel& model, PacketLayer& made) {
    HeaderId owner = made.header;
    const auto& options = context_.info(owner).options;
    const Header& header = context_.header(owner);
    auto found = options.find(layer.option->text);
    bool bytes = layer.option->text == "options" && header.options;
    if (found == options.end() && !bytes) {
      std::vector<std::string> names;
      for (const auto& [name, id] : options) names.push_back(name);
      context_.diagnostics.Emit(Unknown(Kind::kUnknownName, layer.option->span,
                                        "option of " + header.name, layer.option->text, names));
      return false;
    }
    std::optional<HeaderId> before;
    if (!model.layers.empty()) {
      const PacketLayer& last = model.layers.back();
      auto parent = context_.header(last.header).option_of;
      before = last.options_of ? *last.options_of : parent ? *parent : last.header;
    }
    if (before != owner) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kWrongPlace, layer.span,
                      fmt::format("an option of {} stands behind its header", header.name))
              .WithHint(
                  fmt::format("here: `{} / {}.{}`", header.name, header.name, layer.option->text)));
      return false;
    }
    if (!bytes) {
      made.header = found->second;
      return true;
    }
    made.options_of = owner;
    for (const ast::Argument& argument : layer.arguments) {
      ExprPtr value = checker_.ConstantOf(*argument.value, types_.Unsigned(8));
      if (value) made.bytes.push_back(static_cast<uint8_t>(AsConstant(*value)->number));
    }
    return true;
  }

  void CheckStacking(const ast::Layer& layer, HeaderId outer, HeaderId inner) {
    const Header& below = context_.header(outer);
    if (below.next.empty() || LinkBetween(context_.program, below, inner)) return;
    context_.diagnostics.Emit(diag::Warning(
        Kind::kNeverMatches, layer.span,
        fmt::format("{} does not stand directly on {}", context_.header(inner).name, below.name),
        "no field of the layer before leads here"));
  }

  PacketModel Model(const ast::Packet& packet, const PacketModel* like) {
    PacketModel model;
    bool payload_given = false;
    for (const ast::Layer& layer : packet.layers) {
      if (!layer.option && layer.name.text == "payload") {
        AddPayload(layer, model);
        payload_given = true;
      } else if (!layer.option && layer.name.text == "cut" && layer.arguments.size() == 1) {
        ExprPtr size = checker_.ConstantOf(*layer.arguments[0].value, types_.Unsigned(16));
        if (size) model.cut = static_cast<uint32_t>(AsConstant(*size)->number);
      } else {
        AddHeader(layer, like, model);
      }
    }
    if (like && !payload_given) model.payload = like->payload;
    return model;
  }

  void AddSend(const ast::TestStep& step, const ast::SendStep& node) {
    if (node.times_word && node.times_word->text != "times") {
      context_.diagnostics.Emit(diag::Error(Kind::kSyntax, node.times_word->span,
                                            "expected `times` or the end of the step"));
      return;
    }
    sent_ = Model(node.packet, nullptr);
    Push(step, object::Send{BuildPacket(context_.program, *sent_).bytes,
                            static_cast<uint32_t>(node.times)});
  }

  void AddPacket(const ast::TestStep& step, const ast::ExpectPacket& node) {
    if (node.word.text != "packet") {
      context_.diagnostics.Emit(
          diag::Error(Kind::kSyntax, node.word.span,
                      "expected a verdict, `event`, `packet = …` or a condition"));
      return;
    }
    PacketModel model = Model(node.packet, sent_ ? &*sent_ : nullptr);
    BuiltPacket built = BuildPacket(context_.program, model);
    object::ExpectPacket expect;
    expect.mask.assign(built.bytes.size(), 0xff);
    expect.packet = std::move(built.bytes);
    for (const PlacedField& placed : built.fields) {
      const Header& header = context_.header(model.layers[placed.layer].header);
      const HeaderField& field = header.fields[placed.field];
      expect.fields.push_back(
          {header.name + "." + field.name, placed.bit_offset, field.bits, types_.Info(field.type)});
    }
    Push(step, std::move(expect));
  }

  // --- Expectations ---

  void ExpectWord(const ast::TestStep& step, const std::string& word, Span span) {
    const hooks::Verdict* verdict = hook_->hook->FindVerdict(word);
    if (!verdict) {
      std::vector<std::string> known;
      for (const hooks::Verdict& v : hook_->hook->verdicts) known.emplace_back(v.word);
      context_.diagnostics.Emit(Unknown(Kind::kUnknownVerdict, span,
                                        fmt::format("verdict of {}", hook_->hook->name), word,
                                        known));
      return;
    }
    Push(step, object::ExpectVerdict{word, {verdict->code}});
  }

  void AddPhrase(const ast::TestStep& step, const ast::ExpectPhrase& node) {
    const auto* second = std::get_if<ast::NameRef>(&node.argument->node);
    ExpectWord(step, node.word.text + (second ? " " + second->text : ""), node.word.span);
  }

  std::optional<uint32_t> StateOf(const ast::Expr& expr) {
    const auto* name = std::get_if<ast::NameRef>(&expr.node);
    const Symbol* symbol = name ? context_.symbols.Find(0, name->text) : nullptr;
    if (!symbol || symbol->kind != SymbolKind::kState) return std::nullopt;
    return symbol->index;
  }

  std::optional<object::Bytes> KeyBytes(uint32_t index, const ast::Expr& expr) {
    const State& state = context_.program.states[index];
    if (!state.key) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kTypeMismatch, expr.span, fmt::format("`{}` has no key", state.name)));
      return std::nullopt;
    }
    bool prefixes = state.kind == StateKind::kPrefixes || state.kind == StateKind::kPrefixSet;
    TypeId type = prefixes ? types_.Of(TypeKind::kPrefix, *state.key) : *state.key;
    ExprPtr key = checker_.ConstantOf(expr, type);
    if (!key) return std::nullopt;
    return ConstantBytes(types_, *key);
  }

  // `STATE.method(…)`, of a state that has it.
  struct MethodCall {
    uint32_t state = 0;
    std::string_view method;
    const ast::Call* call = nullptr;
  };
  std::optional<MethodCall> MethodOf(const ast::Expr& expr) {
    const auto* call = std::get_if<ast::Call>(&expr.node);
    const auto* member = call ? std::get_if<ast::Member>(&call->callee->node) : nullptr;
    auto state = member ? StateOf(*member->object) : std::nullopt;
    if (!state) return std::nullopt;
    return MethodCall{*state, member->name.text, call};
  }
  bool IsQueue(uint32_t state) const {
    StateKind kind = context_.program.states[state].kind;
    return kind == StateKind::kQueue || kind == StateKind::kStack;
  }

  // `queue.pop() == v`, `queue.peek() == v`, `histogram.count(v) == n`.
  bool ExpectMethod(const ast::TestStep& step, const ast::Compare& compare) {
    auto method = MethodOf(*compare.left);
    if (!method || compare.op != ast::CompareOp::kEq) return false;
    const State& declared = context_.program.states[method->state];
    size_t arguments = method->call->arguments.size();
    bool takes = method->method == "pop" || method->method == "peek";
    if (IsQueue(method->state) && takes && arguments == 0) {
      ExprPtr value = checker_.ConstantOf(*compare.right, *declared.value);
      if (!value) return true;
      Push(step, object::ExpectQueue{method->state, method->method == "peek",
                                     ConstantBytes(types_, *value)});
      return true;
    }
    bool counts = declared.kind == StateKind::kHistogram && method->method == "count";
    if (!counts || arguments != (declared.key ? 2u : 1u)) return false;
    ExpectBucket(step, *method, *compare.right);
    return true;
  }

  // Of the bucket that the value falls in.
  void ExpectBucket(const ast::TestStep& step, const MethodCall& method, const ast::Expr& count) {
    const State& declared = context_.program.states[method.state];
    object::ExpectState expect;
    expect.state = method.state;
    if (declared.key) {
      auto key = KeyBytes(method.state, *method.call->arguments[0].value);
      if (!key) return;
      expect.key = std::move(*key);
    }
    const ast::Expr& written = *method.call->arguments.back().value;
    ExprPtr value = checker_.Value(written);
    const Constant* constant = AsConstant(*value);
    if (value->type == TypeId{}) return;
    if (!constant || !types_.IsNumber(value->type)) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kNotConstant, written.span, "this must be a constant number"));
      return;
    }
    uint64_t number = constant->number;
    uint64_t bucket = declared.step ? number / declared.step
                                    : static_cast<uint64_t>(64 - std::countl_zero(number));
    expect.element = static_cast<uint32_t>(std::min<uint64_t>(bucket, declared.buckets - 1));
    ExprPtr wanted = checker_.ConstantOf(count, types_.Unsigned(64));
    if (!wanted) return;
    expect.value = ConstantBytes(types_, *wanted);
    Push(step, std::move(expect));
  }

  void AddExpect(const ast::TestStep& step, const ast::ExpectValue& node) {
    if (const auto* name = std::get_if<ast::NameRef>(&node.value->node)) {
      return ExpectWord(step, name->text, node.value->span);
    }
    if (auto method = MethodOf(*node.value);
        method && method->method == "empty" && IsQueue(method->state)) {
      return Push(step, object::ExpectQueue{method->state, true, std::nullopt});
    }
    const auto* compare = std::get_if<ast::Compare>(&node.value->node);
    if (compare && ExpectMethod(step, *compare)) return;
    bool member =
        compare && (compare->op == ast::CompareOp::kIn || compare->op == ast::CompareOp::kNotIn);
    if (member) {
      auto state = StateOf(*compare->right);
      if (state) return ExpectMember(step, *compare, *state);
    }
    if (compare && compare->op == ast::CompareOp::kEq) {
      if (auto fault = FaultOf(context_, checker_, *compare)) {
        return Push(step, std::move(*fault));
      }
      const auto* index = std::get_if<ast::Index>(&compare->left->node);
      auto state = StateOf(index ? *index->object : *compare->left);
      if (state) return ExpectEntry(step, *compare, index, *state);
    }
    context_.diagnostics.Emit(
        diag::Error(Kind::kUnsupported, node.value->span, "a test can't ask for this")
            .WithHint(
                "here: a verdict, `event NAME { … }`, `not event`, `packet = …`, `STATE[key] == "
                "value`, `key in STATE`, `key not in STATE`, `QUEUE.pop() == value`, "
                "`QUEUE.empty()`, `HISTOGRAM.count(value) == n`, or `fault(\"…\") == n`"));
  }

  void ExpectMember(const ast::TestStep& step, const ast::Compare& compare, uint32_t state) {
    auto key = KeyBytes(state, *compare.left);
    if (!key) return;
    object::ExpectState expect;
    expect.state = state;
    expect.key = std::move(*key);
    expect.present = compare.op == ast::CompareOp::kIn;
    Push(step, std::move(expect));
  }

  void ExpectEntry(const ast::TestStep& step, const ast::Compare& compare, const ast::Index* index,
                   uint32_t state) {
    const State& declared = context_.program.states[state];
    if (!declared.value) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kTypeMismatch, compare.left->span,
                      fmt::format("`{}` holds no values", declared.name))
              .WithHint(fmt::format("here: `expect key in {};`", declared.name)));
      return;
    }
    object::ExpectState expect;
    expect.state = state;
    if (index) {
      auto key = KeyBytes(state, *index->index);
      if (!key) return;
      expect.key = std::move(*key);
    }
    ExprPtr value = checker_.ConstantOf(*compare.right, *declared.value);
    if (!value) return;
    expect.value = ConstantBytes(types_, *value);
    Push(step, std::move(expect));
  }

  void AddEvent(const ast::TestStep& step, const ast::ExpectEvent& node) {
    const Symbol* symbol = context_.symbols.Find(0, node.event.text);
    if (!symbol || symbol->kind != SymbolKind::kEvent) {
      std::vector<std::string> known;
      for (const Event& event : context_.program.events) known.push_back(event.name);
      context_.diagnostics.Emit(
          Unknown(Kind::kUnknownName, node.event.span, "event", node.event.text, known));
      return;
    }
    const Event& event = context_.program.events[symbol->index];
    object::ExpectEvent expect{symbol->index, {}};
    for (const ast::Initializer& initializer : node.fields) {
      uint32_t index = 0;
      while (index < event.fields.size() && event.fields[index].name != initializer.name.text) {
        ++index;
      }
      if (index == event.fields.size()) {
        std::vector<std::string> names;
        for (const EventField& field : event.fields) names.push_back(field.name);
        context_.diagnostics.Emit(Unknown(Kind::kUnknownField, initializer.name.span,
                                          "field of event " + event.name, initializer.name.text,
                                          names));
        continue;
      }
      ExprPtr value = checker_.ConstantOf(*initializer.value, event.fields[index].type);
      if (value) expect.fields.emplace_back(index, *ConstantBytes(types_, *value));
    }
    Push(step, std::move(expect));
  }

  // --- The world, and state ---

  void AddGiven(const ast::TestStep& step, const ast::GivenStep& node) {
    if (!node.value) return AddGivenCall(step, *node.target);
    const auto* name = std::get_if<ast::NameRef>(&node.target->node);
    using What = object::SetWorld::What;
    struct Row {
      std::string_view word;
      What what;
      TypeKind kind;
    };
    constexpr Row kWorld[] = {{"now", What::kNow, TypeKind::kDuration},
                              {"random", What::kRandom, TypeKind::kInteger},
                              {"cpu", What::kCpu, TypeKind::kInteger}};
    for (const Row& row : kWorld) {
      if (!name || name->text != row.word) continue;
      TypeId type = row.kind == TypeKind::kInteger ? types_.Unsigned(32) : types_.Simple(row.kind);
      ExprPtr value = checker_.ConstantOf(*node.value, type);
      if (value) Push(step, object::SetWorld{row.what, AsConstant(*value)->number});
      return;
    }
    const Symbol* symbol = name ? context_.symbols.Find(0, name->text) : nullptr;
    if (symbol && symbol->kind == SymbolKind::kParam) {
      const Param& param = context_.program.params[symbol->index];
      if (param.is_const) {
        context_.diagnostics.Emit(diag::Error(Kind::kNotAssignable, node.target->span,
                                              fmt::format("`{}` is a const param", param.name)));
        return;
      }
      ExprPtr value = checker_.ConstantOf(*node.value, param.type);
      if (value) Push(step, object::SetParameter{symbol->index, *ConstantBytes(types_, *value)});
      return;
    }
    context_.diagnostics.Emit(
        diag::Error(Kind::kNotAssignable, node.target->span, "a test can't give this")
            .WithHint("here: `now`, `random`, `cpu`, or a parameter"));
  }

  // `given route(…)`, `given listener(…)`: test_world.cpp.
  void AddGivenCall(const ast::TestStep& step, const ast::Expr& target) {
    if (auto world = WorldOf(context_, checker_, target)) {
      std::visit([&](auto& made) { Push(step, std::move(made)); }, *world);
    }
  }

  void AddState(const ast::TestStep& step, const ast::StateStep& node) {
    auto method = MethodOf(*node.target);
    bool push = method && method->method == "push" && IsQueue(method->state);
    if (push && method->call->arguments.size() == 1 && !node.value) {
      TypeId type = *context_.program.states[method->state].value;
      ExprPtr value = checker_.ConstantOf(*method->call->arguments[0].value, type);
      if (value) {
        Push(step, object::ChangeState{method->state, false, {}, *ConstantBytes(types_, *value)});
      }
      return;
    }
    if (const auto* call = std::get_if<ast::Call>(&node.target->node)) {
      const auto* member = std::get_if<ast::Member>(&call->callee->node);
      auto state = member ? StateOf(*member->object) : std::nullopt;
      bool add = member && member->name.text == "add";
      bool remove = member && member->name.text == "remove";
      if (state && (add || remove) && call->arguments.size() == 1 && !node.value) {
        auto key = KeyBytes(*state, *call->arguments[0].value);
        if (!key) return;
        bool has_value = context_.program.states[*state].value.has_value();
        if (add && has_value) {
          context_.diagnostics.Emit(
              diag::Error(Kind::kTypeMismatch, step.span, "an entry of this state has a value")
                  .WithHint("here: `STATE[key] = value;`"));
          return;
        }
        Push(step, object::ChangeState{*state, remove, std::move(*key), {}});
        return;
      }
    }
    const auto* index = std::get_if<ast::Index>(&node.target->node);
    auto state = index ? StateOf(*index->object) : std::nullopt;
    if (state && IsSlots(context_.program.states[*state].kind)) {
      context_.diagnostics.Emit(diag::Error(
          Kind::kUnsupported, step.span, "a test can't fill slots: they hold what a machine has"));
      return;
    }
    if (state && node.value && context_.program.states[*state].value) {
      auto key = KeyBytes(*state, *index->index);
      ExprPtr value = checker_.ConstantOf(*node.value, *context_.program.states[*state].value);
      if (!key || !value) return;
      Push(step,
           object::ChangeState{*state, false, std::move(*key), *ConstantBytes(types_, *value)});
      return;
    }
    context_.diagnostics.Emit(
        diag::Error(Kind::kUnsupported, step.span, "this is no step of a test")
            .WithHint(
                "here: `send …`, `expect …`, `given …`, `STATE.add(key)`, `STATE.remove(key)`, "
                "`STATE[key] = value`"));
  }

  Context& context_;
  TypeTable& types_;
  const ast::Test& node_;
  BodyChecker checker_;
  const HookBlock* hook_ = nullptr;
  object::TestPlan plan_;
  std::optional<PacketModel> sent_;
};

}  // namespace

void DefineTests(Context& context) {
  for (const ast::Item& item : context.unit.files[0].items) {
    if (const auto* test = std::get_if<ast::Test>(&item.node)) {
      TestDefiner(context, item, *test).Define();
    }
  }
}

}  // namespace netc::sema
