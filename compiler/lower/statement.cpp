#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "compiler/hooks/verdict_notes.h"
#include "compiler/lower/body.h"

namespace netc::lower {

namespace {

template <typename... F>
struct Overload : F... {
  using F::operator()...;
};

// The statement's text as far as a comment wants it: one line, up to its block.
std::string Excerpt(std::string_view text) {
  static constexpr size_t kLongest = 96;
  text = text.substr(
      0, text.find('{') == std::string_view::npos || text.find('\n') == std::string_view::npos
             ? std::string_view::npos
             : text.find('\n'));
  std::string line;
  for (char c : text) {
    bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (space && (line.empty() || line.back() == ' ')) continue;
    line += space ? ' ' : c;
  }
  while (!line.empty() && (line.back() == ' ' || line.back() == '{')) line.pop_back();
  if (line.size() > kLongest) line = line.substr(0, kLongest) + " …";
  for (size_t at; (at = line.find("*/")) != std::string::npos;) line.replace(at, 2, "* /");
  return line;
}

}  // namespace

bool AlwaysLeaves(const sema::Block& block) {
  if (block.empty()) return false;
  const auto& last = block.back().node;
  if (const auto* verdict = std::get_if<sema::Verdict>(&last)) return !verdict->target;
  if (std::holds_alternative<sema::Fail>(last)) return true;
  if (std::holds_alternative<sema::Return>(last) || std::holds_alternative<sema::Break>(last) ||
      std::holds_alternative<sema::Continue>(last)) {
    return true;
  }
  if (const auto* node = std::get_if<sema::If>(&last)) {
    return AlwaysLeaves(node->then) && AlwaysLeaves(node->otherwise);
  }
  if (const auto* node = std::get_if<sema::IfLet>(&last)) {
    return AlwaysLeaves(node->then) && AlwaysLeaves(node->otherwise);
  }
  return false;
}

// The `else if` of a chain.
static const sema::If* NextOf(const sema::If& node) {
  return node.otherwise.size() == 1 ? std::get_if<sema::If>(&node.otherwise[0].node) : nullptr;
}

static size_t ChainLength(const sema::If& node) {
  size_t length = 1;
  for (const sema::If* next = NextOf(node); next != nullptr; next = NextOf(*next)) ++length;
  return length;
}

bool Body::IsLong(size_t statements) const {
  return statements >= context_.program.plan.barrier_from;
}

void Body::Statements(const sema::Block& block) {
  bool cut = IsLong(block.size());
  around_.emplace_back(&block, 0);
  for (const sema::Statement& statement : block) {
    if (cut && around_.back().second > 0) code_.Add(ir::Barrier{});
    ++around_.back().second;
    Lower(statement);
  }
  around_.pop_back();
}

void Body::TopLevel(const sema::Block& block) {
  bool cut = IsLong(block.size());
  around_.emplace_back(&block, 0);
  for (const sema::Statement& statement : block) {
    code_.SetOrigin(context_.program.Locate(statement.span));
    if (cut && around_.back().second > 0) code_.Add(ir::Barrier{});
    ++around_.back().second;
    code_.Add(ir::Comment{Excerpt(context_.program.sources.Text(statement.span))});
    Lower(statement);
  }
  around_.pop_back();
}

ir::Block Body::BlockOf(const sema::Block& block) {
  return Scoped([&] { Statements(block); });
}

void Body::Lower(const sema::Statement& statement) {
  code_.SetOrigin(context_.program.Locate(statement.span));
  std::visit(Overload{
                 [&](const sema::Let& n) {
                   ir::ExprPtr value = Value(*n.value);
                   ir::VarId var = VarOf(n.local);
                   code_.Add(ir::Declare{var, std::move(value)});
                 },
                 [&](const sema::AssignLocal& n) { Assign(n); },
                 [&](const sema::AssignField& n) { AssignField(n); },
                 [&](const sema::AssignContext& n) { AssignContext(n); },
                 [&](const sema::SetOption& n) { SetOption(n); },
                 [&](const sema::ValueWrite& n) { WriteValue(n); },
                 [&](const sema::Fail& n) {
                   // Members of a congestion control have no verdicts: they go on.
                   if (context_.block.on_abort) return Abort(n.fault);
                   CountFault(n.fault);
                 },
                 [&](const sema::AssignConnection& n) { SetConnection(n.place, Value(*n.value)); },
                 [&](const sema::If& n) { LowerIf(n); },
                 [&](const sema::IfLet& n) { LowerIfLet(n); },
                 [&](const sema::Match& n) { LowerMatch(n); },
                 [&](const sema::For& n) { LowerFor(n); },
                 [&](const sema::Emit& n) { LowerEmit(n); },
                 [&](const sema::Verdict& n) { LowerVerdict(n); },
                 [&](const sema::CounterAdd& n) { Add(n); },
                 [&](const sema::StateWrite& n) { Write(n); },
                 [&](const sema::StateUpdate& n) { Update(n); },
                 [&](const sema::HistogramRecord& n) { RecordValue(n); },
                 [&](const sema::StateRemove& n) { Remove(n); },
                 [&](const sema::Return& n) { LowerReturn(n); },
                 [&](const sema::Break&) { code_.Add(ir::Break{}); },
                 [&](const sema::Continue&) { code_.Add(ir::Continue{}); },
                 [&](const sema::Evaluate& n) {
                   ir::ExprPtr value = Value(*n.value);
                   if (std::holds_alternative<ir::Call>(value->node))
                     code_.Add(ir::Do{std::move(value)});
                 },
                 [&](const sema::Effect& n) { LowerEffect(n); },
             },
             statement.node);
}

void Body::LowerIf(const sema::If& node) {
  auto outer = std::exchange(rule_, node.rule ? node.rule : rule_);
  bool decides = !node.then.empty() && std::holds_alternative<sema::Verdict>(node.then.back().node);
  auto then = [&] {
    if (node.rule && !decides) {
      code_.Add(ir::Do{ir::CallTo("netc_matched", ir::Type{}, ir::Num(*node.rule))});
    }
    Statements(node.then);
  };
  // What follows a branch that never comes out needs no `else`.
  bool flat = !node.otherwise.empty() && AlwaysLeaves(node.then);
  if (NextOf(node) && IsLong(ChainLength(node))) {
    LowerChain(node);
    rule_ = outer;
    return;
  }
  Branch(
      *node.condition, then, [&] { Statements(node.otherwise); }, !node.otherwise.empty() && !flat);
  rule_ = outer;
  if (flat) Statements(node.otherwise);
}

// `if … else if …` of any length, one behind another in a block that each leaves: nested,
// they would be as deep in C as the chain is long.
void Body::LowerChain(const sema::If& node) {
  std::string end = fmt::format("chain_end{}", next_label_++);
  bool leaves = false;
  ir::Block body = Scoped([&] {
    const sema::If* next = &node;
    for (const sema::If* one = next; one != nullptr; one = next) {
      auto then = [&] {
        Statements(one->then);
        if (AlwaysLeaves(one->then)) return;
        leaves = true;
        code_.Add(ir::Leave{end});
      };
      Branch(*one->condition, then, [] {}, false);
      next = NextOf(*one);
      if (next == nullptr) Statements(one->otherwise);
      if (next != nullptr) code_.Add(ir::Barrier{});
    }
  });
  code_.Add(ir::Labeled{leaves ? end : "", std::move(body)});
}

void Body::LowerIfLet(const sema::IfLet& node) {
  ir::Block inside;
  Optional optional = OptionalOf(*node.optional);
  ir::ExprPtr present = std::move(optional.present);
  const auto* call = std::get_if<sema::HelperCall>(&node.optional->node);
  std::string release(call && call->gives ? call->gives->release : "");
  ir::Block then = Scoped([&] {
    BindLocal(node.local, optional);
    if (release.empty()) return Statements(node.then);
    DeclareKfunc(release);
    code_.Add(ir::Held{VarOf(node.local), release, Scoped([&] { Statements(node.then); })});
  });
  ir::Block otherwise = BlockOf(node.otherwise);
  code_.Add(ir::If{std::move(present), std::move(then), std::move(otherwise)});
}

void Body::LowerMatch(const sema::Match& node) {
  ir::ExprPtr subject = Repeatable("subject", Value(*node.subject));
  if (IsLong(node.arms.size())) return LowerArms(node, *subject);
  // Later arms stand in the `else` of earlier ones; a prelude of theirs too.
  std::function<void(size_t)> arm = [&](size_t i) {
    if (i == node.arms.size()) return Statements(node.otherwise);
    ir::ExprPtr test = Contains(ir::Clone(*subject), node.subject->type, node.arms[i].patterns);
    ir::Block body = BlockOf(node.arms[i].body);
    ir::Block rest = Scoped([&] { arm(i + 1); });
    code_.Add(ir::If{std::move(test), std::move(body), std::move(rest)});
  };
  arm(0);
}

void Body::LowerArms(const sema::Match& node, const ir::Expr& subject) {
  std::string end = fmt::format("match_end{}", next_label_++);
  bool leaves = false;
  ir::Block body = Scoped([&] {
    for (const sema::Match::Arm& arm : node.arms) {
      ir::ExprPtr test = Contains(ir::Clone(subject), node.subject->type, arm.patterns);
      ir::Block then = BlockOf(arm.body);
      if (!AlwaysLeaves(arm.body)) {
        leaves = true;
        then.push_back({code_.origin(), ir::Leave{end}});
      }
      code_.Add(ir::If{std::move(test), std::move(then), {}});
    }
    Statements(node.otherwise);
  });
  code_.Add(ir::Labeled{leaves ? end : "", std::move(body)});
}

// Rounds are counted in 64 bits: a counter of 32 may be spilled beside another value, and the
// verifier forgets what it knows of it where that one is written.
void Body::LowerFor(const sema::For& node) {
  auto [first, last] = InOrder(*node.first, *node.last);
  ir::VarId var = VarOf(node.local);
  ir::Type type = code_.Use(var)->type, wide = ir::Unsigned(64);
  around_.emplace_back(&node.body, 0);  // the body may run again after any of it
  ++moves_;
  ir::ExprPtr end = ir::CastTo(type, std::move(last));
  ir::ExprPtr start = ir::CastTo(type, std::move(first));
  bool known = std::holds_alternative<ir::Number>(end->node) &&
               std::holds_alternative<ir::Number>(start->node);
  if (known) {
    ir::VarId round = code_.NewVar("round", wide);
    ir::Block body = Scoped([&] {
      code_.Add(ir::Opaque{round});  // of two rounds Clang makes flags, of which less is known
      code_.Add(ir::Declare{var, ir::CastTo(type, code_.Use(round))});
      Statements(node.body);
    });
    auto bound = [&](const ir::Expr& each) {
      return ir::Num(std::get<ir::Number>(each.node).value, wide);
    };
    code_.Add(ir::Loop{round, bound(*start), bound(*end), false, std::move(body)});
  } else {
    // The verifier counts iterations by a bound that it can see. Clang, which may see that the
    // numbers imply it, must not leave it out: the verifier may see less of them.
    auto hidden = [&](const char* name, ir::ExprPtr number) {
      if (std::holds_alternative<ir::Number>(number->node)) return number;
      ir::VarId kept = code_.Keep(name, std::move(number));
      code_.Add(ir::Opaque{kept});
      return code_.Use(kept);
    };
    start = hidden("first", std::move(start));
    end = hidden("last", std::move(end));
    ir::VarId count = code_.NewVar("count", wide);
    ir::Block body = Scoped([&] {
      code_.Add(ir::Opaque{count});
      code_.Add(ir::Declare{
          var, ir::Op(ir::BinaryOp::kAdd, std::move(start), ir::CastTo(type, code_.Use(count)))});
      code_.When(ir::Op(ir::BinaryOp::kGe, code_.Use(var), std::move(end)),
                 [&] { code_.Add(ir::Break{}); });
      Statements(node.body);
    });
    code_.Add(ir::Loop{count, ir::Num(0, wide), ir::Num(node.bound, wide), false, std::move(body)});
  }
  around_.pop_back();
}

void Body::LowerEmit(const sema::Emit& node) {
  ir::Record record{static_cast<uint32_t>(node.event), InOrder(node.fields)};
  code_.Add(std::move(record));
}

void Body::LowerVerdict(const sema::Verdict& node) {
  if (node.verdict->form == hooks::VerdictForm::kValue) return LowerReply(node);
  if (!node.arguments.empty()) return LowerTarget(node);
  const hooks::VerdictSet* set = hooks::FindVerdictSet(context_.block.hook->id, node.verdict->word);
  if (set) {
    StoreContext(std::string(set->member), -1,
                 ir::Num(static_cast<uint64_t>(int64_t{set->value}), ir::Signed(32)));
  }
  ir::Exit exit{node.verdict, node.rule ? node.rule : rule_};
  exit.error = node.error;
  code_.Add(std::move(exit));
}

void Body::Assign(const sema::AssignLocal& node) {
  ir::ExprPtr value = Value(*node.value);
  sema::TypeId type = (*frames_.back().locals)[static_cast<size_t>(node.local)].type;
  ir::ExprPtr target = AtPlace(ReadLocal({node.local}), type, node.path);
  ir::Type into = target->type;
  code_.Add(ir::Assign{std::move(target), InOrderOf(into, std::move(value))});
}

}  // namespace netc::lower
