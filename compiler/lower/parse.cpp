#include "compiler/lower/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "compiler/lower/parse_writer.h"

namespace netc::lower {

using ir::BinaryOp;
using sema::HeaderRef;
using sema::Scope;

namespace {

// `any` may be null: nothing yet.
ir::ExprPtr Either(ir::ExprPtr any, ir::ExprPtr test) {
  return any ? ir::Op(BinaryOp::kEither, std::move(any), std::move(test)) : std::move(test);
}

// Bytes that headers can take which are passed over without a walk: two of 64 at most.
constexpr uint32_t kPassedShort = 128;
}  // namespace

ir::Function ParseWriter::Run() {
  at_ = code_.Keep("at", ir::Num(0));
  if (HasExtent()) limit_ = code_.Keep("limit", ir::Num(~0u));
  for (const PlannedPoint& planned : plan_.points) DeclarePoint(planned);
  if (plan_.first) {
    Found(*plan_.first, plan_.points.empty());
  } else if (plan_.start) {
    code_.Set(values_.at(*plan_.start), StartValue());
    if (auto found = reached_.find(*plan_.start); found != reached_.end()) {
      code_.Set(found->second, ir::Num(1, ir::Bool()));
    }
  }
  for (size_t i = 0; i < plan_.points.size(); ++i) {
    const PlannedPoint& planned = plan_.points[i];
    last_ = i + 1 == plan_.points.size();
    if (planned.certain) {
      WritePoint(planned);
    } else {
      code_.When(code_.Use(reached_.at(planned.point)), [&] { WritePoint(planned); });
    }
  }
  return std::move(function_);
}

ir::Function ParseWriter::Empty(const HookContext& context) {
  ir::Function function;
  function.name = context.hook.main.name + context.function_suffix + "_parse";
  return function;
}

bool ParseWriter::HasExtent() const {
  return std::any_of(plan_.parsed.begin(), plan_.parsed.end(),
                     [&](HeaderRef ref) { return Bounds(ref); });
}

bool ParseWriter::Bounds(HeaderRef ref) const {
  auto slot = context_.slots.find(ref);
  bool ends = slot != context_.slots.end() && context_.slot(slot->second).keep_end;
  return header(ref).extent && (ends || LeadsOn(ref));
}

const sema::Selector& ParseWriter::selector(const Point& point) const {
  return checked().selectors[static_cast<size_t>(point.selector)];
}

ir::Type ParseWriter::ValueType(const Point& point) const {
  return SelectorValueType(context_.program, point);
}

void ParseWriter::DeclarePoint(const PlannedPoint& planned) {
  std::string name = PointName(context_.program, planned.point);
  ir::Type type = ValueType(planned.point);
  values_[planned.point] = code_.Keep(name, type, ir::Num(0, type));
  if (!planned.certain) reached_[planned.point] = code_.Keep("at_" + name, ir::Num(0, ir::Bool()));
}

ir::ExprPtr ParseWriter::StartValue() {
  bool network = context_.block.hook->packet.start == hooks::PacketStart::kNetwork;
  ir::Type type = ValueType(*plan_.start);
  if (network) return ir::CastTo(type, context_.Context("protocol", ir::Network(32)));
  return ir::CastTo(type, context_.Context("ip_protocol", ir::Unsigned(32)));
}

ir::ExprPtr ParseWriter::Matches(const Branch& branch, const Point& point) {
  ir::ExprPtr any;
  for (uint64_t value : branch.values) {
    any =
        Either(std::move(any), ir::Op(BinaryOp::kEq, code_.Use(values_.at(point)),
                                      ir::Make(ValueType(point), ir::Number{value, value > 255})));
  }
  if (auto within = header(branch.header).within) {
    HeaderRef base{*within, branch.header.scope};
    if (!context_.slots.contains(base)) return ir::Num(0, ir::Bool());
    any = ir::Op(BinaryOp::kBoth, context_.HeaderPresent(base), std::move(any));
  }
  return any ? std::move(any) : ir::Num(0, ir::Bool());
}

ir::ExprPtr ParseWriter::MatchesAny(const std::vector<Branch>& branches, const Point& point) {
  ir::ExprPtr any;
  for (const Branch& branch : branches) {
    any = Either(std::move(any), Matches(branch, point));
  }
  return any;
}

void ParseWriter::Fail(const std::set<HeaderRef>& headers) {
  uint64_t plain = 0;
  for (HeaderRef ref : headers) {
    bool option = header(ref).option_of.has_value();
    HeaderRef owner = option ? HeaderRef{*header(ref).option_of, ref.scope} : ref;
    ir::ExprPtr test;
    if (auto within = header(owner).within; within && !headers.contains({*within, ref.scope})) {
      test = context_.HeaderPresent({*within, ref.scope});
    }
    if (passed_.contains(owner)) {
      ir::ExprPtr missing = ir::Not(context_.HeaderPresent(owner));
      test =
          test ? ir::Op(BinaryOp::kBoth, std::move(test), std::move(missing)) : std::move(missing);
    }
    auto mark = [&] {
      if (option) {
        code_.Add(ir::Assign{context_.OptionOffset(ref), ir::Num(kUnreadableOption)});
      } else {
        code_.Add(ir::MarkUnreadable{context_.Mask({ref})});
      }
    };
    if (test) {
      code_.When(std::move(test), mark);
    } else if (option) {
      mark();
    } else {
      plain |= context_.Mask({ref});
    }
  }
  if (plain != 0) code_.Add(ir::MarkUnreadable{plain});
  code_.Add(ir::Return{});
}

void ParseWriter::ForgetWay(const PlannedPoint& planned) {
  code_.Add(ir::Opaque{at_, true});
  if (limit_) code_.Add(ir::Opaque{*limit_, true});
  code_.Add(ir::Opaque{values_.at(planned.point), true});
  // Short headers that are passed over here must come within the bound as well.
  code_.When(ir::Op(BinaryOp::kGt, At(), ir::Num(kFarthest - kPassedShort)),
             [&] { Fail(plan_.Behind(checked(), planned.point)); });
  forgot_ = true;
}

void ParseWriter::WritePoint(const PlannedPoint& planned) {
  bool first = &planned == plan_.points.data();
  if (context_.hook.packet.by_offset && !first) ForgetWay(planned);
  if (!planned.through.empty()) {
    for (const Branch& branch : planned.through) {
      if (context_.slots.contains(branch.header)) passed_.insert(branch.header);
    }
    TakeTag(planned);
    PassOver(planned);
  }
  WriteBranches(planned, 0);
  bounded_ = bounded_ || bounded_later_;
}

void ParseWriter::WriteBranches(const PlannedPoint& planned, size_t i) {
  if (i == planned.branches.size()) {
    if (!last_) code_.Add(ir::Return{});
    return;
  }
  const Branch& branch = planned.branches[i];
  ir::Block found = code_.Within([&] { Found(branch.header, last_); });
  ir::Block rest = code_.Within([&] { WriteBranches(planned, i + 1); });
  code_.Add(ir::If{Matches(branch, planned.point), std::move(found), std::move(rest)});
}

ir::VarId ParseWriter::AccessHeader(HeaderRef ref, const std::set<HeaderRef>& fails) {
  const HeaderLayout& layout = context_.program.layout(ref.header);
  ir::VarId pointer =
      code_.NewVar(context_.program.NameOf(ref), ir::StructType(layout.layout).Pointer());
  ir::Access access{pointer, At(), header(ref).fixed_size, nullptr, {}, false, std::nullopt};
  if (forgot_) {
    // Clang may spill the offset beside another value, where 6.1 loses its bound.
    access.at = code_.Use(code_.Keep("here", At()));
    access.bound = true;
  }
  access.read_through_helper = context_.hook.packet.method == ir::AccessMethod::kCopy;
  if (auto slot = context_.slots.find(ref); slot != context_.slots.end())
    access.slot = slot->second;
  if (limit_ && bounded_) access.limit = code_.Use(*limit_);
  access.fail = code_.Within([&] { Fail(fails); });
  bool copied = access.read_through_helper;
  code_.Add(std::move(access));
  // Else Clang reads the same bytes of one header, found on two ways, behind both, from the
  // offset anew: the verifier knows no bounds there.
  if (forgot_ && !copied) code_.Add(ir::Opaque{pointer});
  return pointer;
}

void ParseWriter::Found(HeaderRef ref, bool last) {
  std::set<HeaderRef> fails = plan_.Behind(checked(), ref);
  ir::VarId pointer = AccessHeader(ref, fails);
  body_.SetSelf(ref, pointer);
  for (const sema::ExprPtr& require : header(ref).requires_) {
    code_.When(ir::Not(body_.Value(*require)), [&] { Fail(fails); });
  }
  if (Bounds(ref)) BoundBy(ref);
  KeepSlot(ref, pointer, At(), EndHere(Bounds(ref)));
  WalkOptions(ref, pointer, At(), EndHere(false));
  if (LeadsOn(ref)) {
    LeadOn(ref);
  } else if (!last) {
    code_.Add(ir::Return{});
  }
}

ir::ExprPtr ParseWriter::EndHere(bool bounded) {
  return bounded || (limit_ && bounded_) ? code_.Use(*limit_) : nullptr;
}

void ParseWriter::KeepSlot(HeaderRef ref, ir::VarId pointer, ir::ExprPtr at, ir::ExprPtr end) {
  auto found = context_.slots.find(ref);
  if (found == context_.slots.end()) return;
  if (!context_.hook.packet.by_offset) {
    code_.Add(ir::Opaque{pointer});  // else Clang compares once more where it is used
    code_.Add(ir::Assign{context_.HeaderPointer(ref), code_.Use(pointer)});
  }
  code_.Add(ir::MarkPresent{found->second});
  if (context_.slot(found->second).keep_offset) {
    code_.Add(
        ir::Assign{ir::Make(ir::Unsigned(32), ir::HeaderOffset{found->second}), std::move(at)});
  }
  if (context_.slot(found->second).keep_end) {
    if (!end) end = body_.PacketLength();
    code_.Add(ir::Assign{ir::Make(ir::Unsigned(32), ir::HeaderEnd{found->second}), std::move(end)});
  }
}

ir::ExprPtr ParseWriter::SizeOf(HeaderRef ref) {
  const sema::Header& h = header(ref);
  return h.size ? body_.Value(*h.size) : ir::Num(h.fixed_size);
}

void ParseWriter::LeadOn(HeaderRef ref) {
  const auto& nexts = header(ref).next;
  bool open = true;
  for (size_t i = 0; i < nexts.size() && open; ++i) {
    const sema::NextHeader& next = nexts[i];
    auto target = plan_.Target(checked(), ref, next);
    bool last = i + 1 == nexts.size();
    if (!last && !LeadsAnywhere(checked(), ref, next)) continue;
    // The only way on: without it, nothing is behind.
    if (target && next.when && nexts.size() == 1) {
      code_.When(ir::Not(body_.Value(*next.when)), [&] { code_.Add(ir::Return{}); });
      GoTo(ref, next, *target);
      open = false;
      break;
    }
    auto way = [&] {
      return code_.Within([&] {
        if (target) return GoTo(ref, next, *target);
        code_.Add(ir::Return{});
      });
    };
    if (next.when || !last) {
      others_.push_back({Taken(ref, next, last), way()});
      continue;
    }
    CloseAlternatives(way());
    open = false;
  }
  if (open) {
    CloseAlternatives(code_.Within([&] { code_.Add(ir::Return{}); }));
  }
}

ir::ExprPtr ParseWriter::Taken(HeaderRef ref, const sema::NextHeader& next, bool last) {
  ir::ExprPtr taken = next.when ? body_.Value(*next.when) : nullptr;
  bool ends = next.inner && ref.scope == Scope::kInner;
  if (last || ends) return taken ? std::move(taken) : ir::Num(1, ir::Bool());
  Point behind{next.selector, next.inner ? Scope::kInner : ref.scope};
  ir::Type type = ValueType(behind);
  ir::ExprPtr value = SelectorValue(body_.Value(*next.value), type);
  const auto* constant = std::get_if<sema::Constant>(&next.value->node);
  ir::ExprPtr named;
  for (const sema::Header& other : checked().headers) {
    for (const sema::HeaderPlace& place : other.places) {
      if (!StandsBehind(place, ref, next)) continue;
      for (uint64_t number : place.values) {
        if (constant && constant->number != number) continue;
        ir::ExprPtr test = constant ? ir::Num(1, ir::Bool())
                                    : ir::Op(BinaryOp::kEq, ir::Clone(*value),
                                             ir::Make(type, ir::Number{number, number > 255}));
        if (other.within) {
          HeaderRef base{*other.within, behind.scope};
          if (!context_.slots.contains(base)) continue;
          test = ir::Op(BinaryOp::kBoth, context_.HeaderPresent(base), std::move(test));
        }
        named = Either(std::move(named), std::move(test));
      }
    }
  }
  if (!named) named = ir::Num(0, ir::Bool());
  const auto* always = std::get_if<ir::Number>(&named->node);
  if (!taken) return named;
  if (always && always->value == 1) return taken;
  return ir::Op(BinaryOp::kBoth, std::move(taken), std::move(named));
}

void ParseWriter::CloseAlternatives(ir::Block rest) {
  while (!others_.empty()) {
    ir::If chain{std::move(others_.back().first), std::move(others_.back().second),
                 std::move(rest)};
    others_.pop_back();
    rest.clear();
    rest.push_back({code_.origin(), std::move(chain)});
  }
  for (ir::Statement& statement : rest) code_.out()->push_back(std::move(statement));
}

void ParseWriter::BoundBy(HeaderRef ref) {
  ir::VarId extent = code_.Keep("extent", body_.Value(*header(ref).extent));
  ir::ExprPtr end = ir::Op(BinaryOp::kAdd, At(), code_.Use(extent));
  ir::ExprPtr test = ir::Op(BinaryOp::kGe, code_.Use(extent), SizeOf(ref));
  if (bounded_) {
    test = ir::Op(BinaryOp::kBoth, std::move(test),
                  ir::Op(BinaryOp::kLt, ir::Clone(*end), code_.Use(*limit_)));
  }
  code_.When(std::move(test), [&] { code_.Set(*limit_, std::move(end)); });
  bounded_later_ = true;
}

void ParseWriter::GoTo(HeaderRef ref, const sema::NextHeader& next, const Point& target) {
  ir::ExprPtr value = body_.Value(*next.value);
  code_.Set(values_.at(target), SelectorValue(std::move(value), ValueType(target)));
  code_.Set(at_, ir::Op(BinaryOp::kAdd, At(), SizeOf(ref)));
  if (auto found = reached_.find(target); found != reached_.end()) {
    code_.Set(found->second, ir::Num(1, ir::Bool()));
  }
}

void WriteParser(HookContext& context) {
  context.hook.packet.parse = ParseWriter(context).Run();
}

ir::Function ParserOf(HookContext& context) {
  return ParseWriter(context).Run();
}

}  // namespace netc::lower
