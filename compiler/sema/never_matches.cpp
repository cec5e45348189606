// Conditions that never hold: because they contradict themselves or what is known
// where they stand, or because rules above take all that they would.
//
// A condition is read as a conjunction: for each value that it compares, the intervals
// that are left, and for everything else the tests as they are written. What can't be
// read is kept as a test that equals only itself, so nothing is warned of that could hold.
#include <algorithm>

#include "compiler/sema/constant.h"
#include "compiler/sema/context.h"
#include "compiler/sema/intervals.h"
#include "compiler/sema/same.h"

namespace netc::sema {

using diag::Kind;

namespace {

CompareOp Inverted(CompareOp op) {
  switch (op) {
    case CompareOp::kEq:
      return CompareOp::kNe;
    case CompareOp::kNe:
      return CompareOp::kEq;
    case CompareOp::kLt:
      return CompareOp::kGe;
    case CompareOp::kLe:
      return CompareOp::kGt;
    case CompareOp::kGt:
      return CompareOp::kLe;
    case CompareOp::kGe:
      break;
  }
  return CompareOp::kLt;
}

// For `constant op value` the operator of `value op constant`.
CompareOp Mirrored(CompareOp op) {
  switch (op) {
    case CompareOp::kLt:
      return CompareOp::kGt;
    case CompareOp::kLe:
      return CompareOp::kGe;
    case CompareOp::kGt:
      return CompareOp::kLt;
    case CompareOp::kGe:
      return CompareOp::kLe;
    default:
      return op;
  }
}

Intervals ValuesOf(CompareOp op, Wide than, const Interval& whole) {
  switch (op) {
    case CompareOp::kEq:
      return {{than, than}};
    case CompareOp::kNe:
      return Complement({{than, than}}, whole);
    case CompareOp::kLt:
      return than > whole.first ? Intervals{{whole.first, than - 1}} : Intervals{};
    case CompareOp::kLe:
      return {{whole.first, than}};
    case CompareOp::kGt:
      return than < whole.last ? Intervals{{than + 1, whole.last}} : Intervals{};
    case CompareOp::kGe:
      break;
  }
  return {{than, whole.last}};
}

// What holds at a place, as far as it is read.
class Region {
 public:
  explicit Region(const Program& program) : program_(&program) {}

  bool empty() const { return empty_; }
  size_t size() const { return values_.size() + tests_.size(); }

  void Add(const Expr& test, bool holds) {
    if (test.type == TypeId{}) return;  // it was refused
    if (const Constant* constant = AsConstant(test)) {
      empty_ |= (constant->number != 0) != holds;
    } else if (const auto* inverted = std::get_if<Not>(&test.node)) {
      Add(*inverted->operand, !holds);
    } else if (const auto* all = std::get_if<And>(&test.node)) {
      holds ? AddEach(all->operands, true) : AddAny(test, all->operands, false);
    } else if (const auto* any = std::get_if<Or>(&test.node)) {
      holds ? AddAny(test, any->operands, true) : AddEach(any->operands, false);
    } else if (const auto* compare = std::get_if<Compare>(&test.node)) {
      AddCompare(test, *compare, holds);
    } else if (const auto* contains = std::get_if<Contains>(&test.node)) {
      AddContains(test, *contains, holds);
    } else {
      AddTest(test, holds);
    }
  }

  // Whether everything that this asks for holds in `inner` too.
  bool Covers(const Region& inner) const {
    bool values = std::all_of(values_.begin(), values_.end(), [&](const Value& value) {
      const Value* other = inner.Find(*value.subject);
      return other && sema::Covers(value.left, other->left);
    });
    return values && std::all_of(tests_.begin(), tests_.end(),
                                 [&](const Test& test) { return inner.Has(test); });
  }

 private:
  struct Value {
    const Expr* subject;
    Intervals left;
  };
  struct Test {
    const Expr* expr;
    bool holds;
  };

  const Value* Find(const Expr& subject) const {
    auto found = std::find_if(values_.begin(), values_.end(),
                              [&](const Value& value) { return Same(*value.subject, subject); });
    return found == values_.end() ? nullptr : &*found;
  }

  bool Has(const Test& wanted) const {
    return std::any_of(tests_.begin(), tests_.end(), [&](const Test& test) {
      return test.holds == wanted.holds && Same(*test.expr, *wanted.expr);
    });
  }

  void AddEach(const std::vector<ExprPtr>& operands, bool holds) {
    for (const ExprPtr& operand : operands) Add(*operand, holds);
  }

  // One of the operands holds, or one of them doesn't: what follows from all of them.
  void AddAny(const Expr& test, const std::vector<ExprPtr>& operands, bool holds) {
    std::vector<Region> possible;
    for (const ExprPtr& operand : operands) {
      Region region(*program_);
      region.Add(*operand, holds);
      // Neither is what contradicts that which is known already.
      if (!region.empty() && !Excludes(region)) possible.push_back(std::move(region));
    }
    if (possible.empty()) {
      empty_ = true;
      return;
    }
    bool exact = true;
    for (const Region& each : possible)
      exact &= each.values_.size() <= 1 && each.SameTests(possible[0]);
    for (const Value& value : possible[0].values_) {
      Intervals all;
      bool everywhere = true;
      for (const Region& each : possible) {
        const Value* other = each.Find(*value.subject);
        everywhere &= other != nullptr;
        if (other) all.insert(all.end(), other->left.begin(), other->left.end());
      }
      exact &= everywhere;
      if (everywhere) Narrow(*value.subject, Union(std::move(all)));
    }
    exact &= !possible[0].values_.empty() || possible.size() == 1;
    for (const Test& each : possible[0].tests_) {
      bool everywhere = std::all_of(possible.begin(), possible.end(),
                                    [&](const Region& region) { return region.Has(each); });
      if (everywhere) AddTest(*each.expr, each.holds);
    }
    if (!exact) tests_.push_back({&test, holds});
  }

  bool Excludes(const Region& other) const {
    bool tests = std::any_of(other.tests_.begin(), other.tests_.end(),
                             [&](const Test& test) { return Has({test.expr, !test.holds}); });
    return tests ||
           std::any_of(other.values_.begin(), other.values_.end(), [&](const Value& value) {
             const Value* own = Find(*value.subject);
             return own && Intersection(own->left, value.left).empty();
           });
  }

  bool SameTests(const Region& other) const {
    return tests_.size() == other.tests_.size() &&
           std::all_of(tests_.begin(), tests_.end(), [&](const Test& t) { return other.Has(t); });
  }

  void AddCompare(const Expr& test, const Compare& node, bool holds) {
    CompareOp op = holds ? node.op : Inverted(node.op);
    const Constant* right = AsConstant(*node.right);
    const Constant* left = AsConstant(*node.left);
    const Expr& subject = right ? *node.left : *node.right;
    if ((!right && !left) || !HasOrder(program_->types, subject.type)) return AddTest(test, holds);
    if (!right) op = Mirrored(op);
    Wide than = OrderOf(program_->types, subject.type, right ? *right : *left);
    Narrow(subject, ValuesOf(op, than, Whole(subject)));
  }

  void AddContains(const Expr& test, const Contains& node, bool holds) {
    TypeId type = node.subject->type;
    if (!HasOrder(program_->types, type)) return AddTest(test, holds);
    Intervals elements;
    for (const Contains::Element& element : node.elements) {
      elements.push_back(IntervalOf(program_->types, type, element));
    }
    elements = Union(std::move(elements));
    Narrow(*node.subject, holds ? elements : Complement(elements, Whole(*node.subject)));
  }

  Interval Whole(const Expr& subject) const {
    Interval whole = WholeOf(program_->types, subject.type);
    bool number =
        program_->types.IsNumber(subject.type) && !program_->types[subject.type].is_signed;
    if (number) whole.last = std::min<Wide>(whole.last, MaxValue(*program_, subject));
    return whole;
  }

  void Narrow(const Expr& subject, const Intervals& to) {
    for (Value& value : values_) {
      if (!Same(*value.subject, subject)) continue;
      value.left = Intersection(value.left, to);
      empty_ |= value.left.empty();
      return;
    }
    values_.push_back({&subject, Intersection(to, {Whole(subject)})});
    empty_ |= values_.back().left.empty();
  }

  void AddTest(const Expr& test, bool holds) {
    empty_ |= Has({&test, !holds});
    if (!Has({&test, holds})) tests_.push_back({&test, holds});
  }

  const Program* program_;
  std::vector<Value> values_;
  std::vector<Test> tests_;
  bool empty_ = false;
};

constexpr size_t kMostKnown = 64;

bool Ends(const Block& block);

bool Ends(const Statement& statement) {
  if (const auto* branch = std::get_if<If>(&statement.node)) {
    return Ends(branch->then) && Ends(branch->otherwise);
  }
  // One with a target does not where its slot is empty.
  if (const auto* verdict = std::get_if<Verdict>(&statement.node)) return !verdict->target;
  return std::holds_alternative<Return>(statement.node) ||
         std::holds_alternative<Break>(statement.node) ||
         std::holds_alternative<Continue>(statement.node);
}

bool Ends(const Block& block) {
  return !block.empty() && Ends(block.back());
}

class Walker {
 public:
  explicit Walker(Context& context) : context_(context), known_(context.program) {}

  void Walk(const Block& block) {
    for (const Statement& statement : block) Visit(statement);
  }

 private:
  // A condition under which the block was left.
  struct Taken {
    Region region;
    Span span;
  };

  void Visit(const Statement& statement) {
    if (const auto* branch = std::get_if<If>(&statement.node)) return Branch(*branch);
    if (const auto* bound = std::get_if<IfLet>(&statement.node)) {
      if (HasCall(*bound->optional)) Forget();
      const Region before = known_;
      if (Inside(bound->then, before))
        Inside(bound->otherwise, before);
      else
        Walk(bound->otherwise), Forget();
      return;
    }
    if (const auto* match = std::get_if<Match>(&statement.node)) {
      const Region before = known_;
      bool kept = true;
      for (const Match::Arm& arm : match->arms) kept &= Inside(arm.body, before);
      kept &= Inside(match->otherwise, before);
      if (!kept) Forget();
      return;
    }
    if (const auto* loop = std::get_if<For>(&statement.node)) {
      Forget();  // a round may have changed what the next one sees
      Walk(loop->body);
      Forget();
      return;
    }
    const auto* let = std::get_if<Let>(&statement.node);
    bool keeps = (let && !HasCall(*let->value)) || std::holds_alternative<Emit>(statement.node) ||
                 std::holds_alternative<CounterAdd>(statement.node) ||
                 std::holds_alternative<Verdict>(statement.node) ||
                 std::holds_alternative<Return>(statement.node);
    if (!keeps) Forget();
  }

  void Branch(const If& node) {
    if (HasCall(*node.condition)) Forget();
    Region alone(context_.program);
    alone.Add(*node.condition, true);
    Region here = known_;
    here.Add(*node.condition, true);
    const Region before = known_;
    if (!Warn(node, alone, here)) {
      known_ = here;
      if (!Inside(node.then, before)) {
        Walk(node.otherwise);
        return Forget();
      }
      // A chain of rules shouldn't cost the square of its length.
      if (known_.size() < kMostKnown) known_.Add(*node.condition, false);
    }
    const Region otherwise = known_;
    if (!Inside(node.otherwise, before)) return;
    bool ends = Ends(node.then);
    if (ends && !here.empty()) taken_.push_back({here, node.condition->span});
    if (ends && !Ends(node.otherwise)) known_ = otherwise;
    if (!ends && Ends(node.otherwise)) known_ = here;
  }

  // Whether the condition never holds; says so.
  bool Warn(const If& node, const Region& alone, const Region& here) {
    Span span = node.condition->span;
    if (alone.empty()) {
      context_.diagnostics.Emit(diag::Warning(
          Kind::kNeverMatches, span, "this condition never holds", "is false for every packet"));
      return true;
    }
    for (const Taken& above : taken_) {
      if (!above.region.Covers(here)) continue;
      context_.diagnostics.Emit(diag::Warning(Kind::kNeverMatches, span,
                                              "this condition never holds",
                                              "what it asks for is decided above")
                                    .WithLabel(above.span, "takes all of it"));
      return true;
    }
    if (!here.empty()) return false;
    context_.diagnostics.Emit(diag::Warning(Kind::kNeverMatches, span, "this condition never holds",
                                            "is false for every packet that comes here"));
    return true;
  }

  // Walks a block of its own, behind which `after` is known again: true, unless what
  // stands in it changes what was known.
  bool Inside(const Block& block, const Region& after) {
    size_t taken = taken_.size(), forgotten = forgotten_;
    Walk(block);
    if (forgotten != forgotten_) {
      Forget();
      return false;
    }
    known_ = after;
    taken_.erase(taken_.begin() + static_cast<ptrdiff_t>(taken), taken_.end());
    return true;
  }

  void Forget() {
    known_ = Region(context_.program);
    taken_.clear();
    ++forgotten_;
  }

  Context& context_;
  Region known_;
  std::vector<Taken> taken_;
  size_t forgotten_ = 0;
};

}  // namespace

void WarnNeverMatches(Context& context) {
  for (const Function& function : context.program.functions) Walker(context).Walk(function.body);
  for (const HookBlock& block : context.program.hooks) Walker(context).Walk(block.body);
}

}  // namespace netc::sema
