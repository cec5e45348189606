#include "compiler/lower/walk.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/lower/body.h"

namespace netc::lower {

using ir::BinaryOp;
using sema::HeaderRef;

std::string PointName(const ProgramContext& program, const Point& point) {
  const std::string& name = program.checked.selectors[static_cast<size_t>(point.selector)].name;
  return (point.scope == sema::Scope::kInner ? "inner_" : "") + name;
}

ir::Type SelectorValueType(const ProgramContext& program, const Point& point) {
  const sema::Selector& selector = program.checked.selectors[static_cast<size_t>(point.selector)];
  uint32_t bits = program.checked.types.StorageBits(selector.type);
  return bits == 16 || bits == 32 ? ir::Network(bits) : ir::Unsigned(bits);
}

ir::ExprPtr SelectorValue(ir::ExprPtr value, ir::Type type) {
  if (value->type == type) return value;
  if (value->type.is_network()) value = ir::Swapped(std::move(value));
  value = ir::CastTo(ir::Unsigned(type.bits), std::move(value));
  return type.is_network() ? ir::Swapped(std::move(value)) : std::move(value);
}

namespace {

class WalkWriter {
 public:
  WalkWriter(HookContext& context, const PlannedPoint& planned)
      : context_(context), planned_(planned), body_(context, function_), code_(body_.code()) {
    walk_.name = context.hook.main.name + context.function_suffix + "_pass_" +
                 PointName(context.program, planned.point);
    function_.name = walk_.name;
    function_.result = ir::Signed(32);
  }

  WalkFunction Run() {
    AddLayout();
    state_ = code_.NewVar("walk", ir::StructType(walk_.layout).Pointer());
    function_.parameters = {state_};
    // The verifier takes memory arguments of global functions to be nullable.
    code_.When(ir::Not(code_.Use(state_)), [&] { Return(WalkFunction::kLost); });
    at_ = code_.Keep("at", Member(WalkFunction::kAt));
    value_ = code_.Keep("value", Type(), ir::CastTo(Type(), Member(WalkFunction::kValue)));
    ir::VarId passed = code_.NewVar("passed", ir::Unsigned(32));
    uint32_t depth =
        context_.program.checked.selectors[static_cast<size_t>(planned_.point.selector)].depth;
    ir::Block body = code_.Within([&] {
      code_.When(ir::Op(BinaryOp::kGt, code_.Use(at_), ir::Num(kFarthest)),
                 [&] { Return(WalkFunction::kLost); });
      if (walk_.tagged) {  // it was one of those that may be passed over
        ir::ExprPtr last = ir::Op(BinaryOp::kEq, code_.Use(passed), ir::Num(depth - 1));
        code_.When(ir::Op(BinaryOp::kBoth, std::move(last), Member(*walk_.tagged)),
                   [&] { code_.Add(ir::Break{}); });
      }
      Pass(0);
    });
    code_.Add(ir::Loop{passed, ir::Num(0), ir::Num(depth), true, std::move(body)});
    code_.When(MatchesAny(), [&] { Return(WalkFunction::kLost); });
    code_.Add(ir::Assign{Member(WalkFunction::kAt), code_.Use(at_)});
    code_.Add(
        ir::Assign{Member(WalkFunction::kValue), ir::CastTo(ir::Unsigned(32), code_.Use(value_))});
    Return(WalkFunction::kArrived);
    context_.hook.packet.walks.push_back(std::move(function_));
    return std::move(walk_);
  }

 private:
  ir::Type Type() const { return SelectorValueType(context_.program, planned_.point); }
  const sema::Header& header(HeaderRef ref) const { return context_.program.header(ref.header); }

  void AddLayout() {
    ir::Struct layout{walk_.name, "", {}};
    for (const char* name : {"at", "value", "limit"})
      layout.members.push_back({ir::Unsigned(32), name});
    auto add = [&](const std::string& name) {
      layout.members.push_back({ir::Unsigned(32), name});
      return static_cast<uint32_t>(layout.members.size() - 1);
    };
    walk_.bounds = std::any_of(planned_.through.begin(), planned_.through.end(),
                               [&](const Branch& b) { return header(b.header).extent != nullptr; });
    for (const Branch& branch : planned_.through) {
      if (context_.MayStandBeside(branch.header) && !walk_.tagged) walk_.tagged = add("tagged");
      if (auto within = header(branch.header).within) {
        HeaderRef base{*within, branch.header.scope};
        if (!walk_.bases.contains(base))
          walk_.bases[base] = add("in_" + context_.program.NameOf(base));
      }
      if (context_.slots.contains(branch.header)) {
        std::string name = context_.program.NameOf(branch.header);
        walk_.named[branch.header] = add(name + "_at");
        if (walk_.bounds) walk_.ends[branch.header] = add(name + "_end");
      }
    }
    walk_.layout = context_.program.types.AddStruct(std::move(layout));
  }

  ir::ExprPtr Member(uint32_t index) {
    return ir::MemberOf(code_.Use(state_), index, ir::Unsigned(32));
  }
  void Return(int result) {
    code_.Add(ir::Return{ir::Num(static_cast<uint64_t>(result), ir::Signed(32))});
  }

  ir::ExprPtr Matches(const Branch& branch) {
    ir::ExprPtr any;
    for (uint64_t value : branch.values) {
      ir::ExprPtr test = ir::Op(BinaryOp::kEq, code_.Use(value_), ir::Num(value, Type()));
      any = any ? ir::Op(BinaryOp::kEither, std::move(any), std::move(test)) : std::move(test);
    }
    if (auto within = header(branch.header).within) {
      ir::ExprPtr inside =
          ir::CastTo(ir::Bool(), Member(walk_.bases.at({*within, branch.header.scope})));
      any = ir::Op(BinaryOp::kBoth, std::move(inside), std::move(any));
    }
    return any;
  }

  // Headers of which only the length and the next one matter, and these in the
  // same places, are one case.
  bool Alike(const Branch& a, const Branch& b) const {
    const sema::Header& first = header(a.header);
    const sema::Header& second = header(b.header);
    if (walk_.named.contains(a.header) || walk_.named.contains(b.header)) return false;
    if (first.within != second.within || first.fixed_size != second.fixed_size ||
        !first.requires_.empty() || !second.requires_.empty() || first.extent || second.extent)
      return false;
    if (first.next.size() != 1 || second.next.size() != 1 || first.next[0].when ||
        second.next[0].when)
      return false;
    return first.size && second.size && SameShape(*first.size, *second.size, first, second) &&
           SameShape(*first.next[0].value, *second.next[0].value, first, second);
  }

  static bool SameShape(const sema::Expr& a, const sema::Expr& b, const sema::Header& first,
                        const sema::Header& second) {
    if (a.node.index() != b.node.index() || a.type != b.type) return false;
    if (const auto* x = std::get_if<sema::Constant>(&a.node)) {
      return x->number == std::get<sema::Constant>(b.node).number;
    }
    if (const auto* x = std::get_if<sema::FieldRead>(&a.node)) {
      const sema::HeaderField& f = first.fields[x->field];
      const sema::HeaderField& g = second.fields[std::get<sema::FieldRead>(b.node).field];
      return f.bit_offset == g.bit_offset && f.bits == g.bits;
    }
    if (const auto* x = std::get_if<sema::Convert>(&a.node)) {
      return SameShape(*x->operand, *std::get<sema::Convert>(b.node).operand, first, second);
    }
    if (const auto* x = std::get_if<sema::Binary>(&a.node)) {
      const auto& y = std::get<sema::Binary>(b.node);
      return x->op == y.op && SameShape(*x->left, *y.left, first, second) &&
             SameShape(*x->right, *y.right, first, second);
    }
    return false;
  }

  ir::ExprPtr MatchesAny() {
    ir::ExprPtr any;
    for (const Branch& branch : planned_.through) {
      ir::ExprPtr test = Matches(branch);
      any = any ? ir::Op(BinaryOp::kEither, std::move(any), std::move(test)) : std::move(test);
    }
    return any;
  }

  void Pass(size_t i) {
    while (i < planned_.through.size() && done_.contains(i)) ++i;
    if (i == planned_.through.size()) {
      code_.Add(ir::Break{});
      return;
    }
    const Branch& branch = planned_.through[i];
    ir::ExprPtr test = Matches(branch);
    auto outer = done_;
    done_.insert(i);
    // Of those alike, the one with the fewest bytes says how much must be there.
    HeaderRef shortest = branch.header;
    for (size_t j = i + 1; j < planned_.through.size(); ++j) {
      const Branch& other = planned_.through[j];
      if (done_.contains(j) || !Alike(branch, other)) continue;
      done_.insert(j);
      test = ir::Op(BinaryOp::kEither, std::move(test), Matches(other));
      if (header(other.header).fixed_size < header(shortest).fixed_size) shortest = other.header;
    }
    only_ = done_.size() == planned_.through.size() && outer.empty();
    ir::Block here = code_.Within([&] { PassHeader(shortest); });
    ir::Block rest = code_.Within([&] { Pass(i + 1); });
    code_.Add(ir::If{std::move(test), std::move(here), std::move(rest)});
    done_ = std::move(outer);
  }

  // Offset 0 is one, too, where packets begin at a selector.
  ir::ExprPtr Found() {
    return ir::Op(BinaryOp::kOr, code_.Use(at_),
                  ir::Make(ir::Unsigned(32), ir::Number{WalkFunction::kFound, true}));
  }

  void PassHeader(HeaderRef ref) {
    const HeaderLayout& layout = context_.program.layout(ref.header);
    ir::VarId pointer =
        code_.NewVar(context_.program.NameOf(ref), ir::StructType(layout.layout).Pointer());
    ir::Access access{
        pointer, code_.Use(at_), header(ref).fixed_size, Member(WalkFunction::kLimit), {},
        false,   std::nullopt};
    access.read_through_helper = context_.hook.packet.method == ir::AccessMethod::kCopy;
    access.fail = code_.Within([&] { Return(WalkFunction::kLost); });
    bool copied = access.read_through_helper;
    code_.Add(std::move(access));
    // Else Clang reads the same bytes of two headers behind the branches, from `at` anew, of
    // which the verifier knows no bounds there.
    if (!copied && !only_) code_.Add(ir::Opaque{pointer});
    body_.SetSelf(ref, pointer);
    for (const sema::ExprPtr& require : header(ref).requires_) {
      code_.When(ir::Not(body_.Value(*require)), [&] { Return(WalkFunction::kLost); });
    }
    if (header(ref).extent) BoundBy(ref);
    if (auto named = walk_.named.find(ref); named != walk_.named.end()) {
      code_.When(ir::Not(Member(named->second)), [&] {
        code_.Add(ir::Assign{Member(named->second), Found()});
        if (auto end = walk_.ends.find(ref); end != walk_.ends.end())
          code_.Add(ir::Assign{Member(end->second), Member(WalkFunction::kLimit)});
      });
    }
    for (const sema::NextHeader& next : header(ref).next) {
      if (next.selector != planned_.point.selector || next.inner) continue;
      if (next.when) {
        code_.When(ir::Not(body_.Value(*next.when)), [&] { Return(WalkFunction::kNothing); });
      }
      code_.Set(value_, SelectorValue(body_.Value(*next.value), Type()));
      break;
    }
    code_.Set(at_, ir::Op(BinaryOp::kAdd, code_.Use(at_), SizeOf(ref)));
  }

  ir::ExprPtr SizeOf(HeaderRef ref) {
    const sema::Header& h = header(ref);
    return h.size ? body_.Value(*h.size) : ir::Num(h.fixed_size);
  }

  // As the parser does with headers that aren't passed over.
  void BoundBy(HeaderRef ref) {
    ir::VarId extent = code_.Keep("extent", body_.Value(*header(ref).extent));
    ir::ExprPtr end = ir::Op(BinaryOp::kAdd, code_.Use(at_), code_.Use(extent));
    ir::ExprPtr test =
        ir::Op(BinaryOp::kBoth, ir::Op(BinaryOp::kGe, code_.Use(extent), SizeOf(ref)),
               ir::Op(BinaryOp::kLt, ir::Clone(*end), Member(WalkFunction::kLimit)));
    code_.When(std::move(test),
               [&] { code_.Add(ir::Assign{Member(WalkFunction::kLimit), std::move(end)}); });
  }

  HookContext& context_;
  const PlannedPoint& planned_;
  ir::Function function_;
  Body body_;
  Code& code_;
  WalkFunction walk_;
  ir::VarId state_{}, at_{}, value_{};
  std::set<size_t> done_;
  bool only_ = false;  // all headers are one case
};

}  // namespace

WalkFunction WriteWalk(HookContext& context, const PlannedPoint& planned) {
  return WalkWriter(context, planned).Run();
}

}  // namespace netc::lower
