#include "compiler/lower/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "compiler/lower/body.h"
#include "compiler/lower/options.h"
#include "compiler/lower/walk.h"

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

class ParseWriter {
 public:
  explicit ParseWriter(HookContext& context)
      : context_(context),
        plan_(context.plan),
        function_(Empty(context)),
        body_(context, function_),
        code_(body_.code()) {}

  ir::Function Run() {
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

 private:
  static ir::Function Empty(const HookContext& context) {
    ir::Function function;
    function.name = context.hook.main.name + context.function_suffix + "_parse";
    return function;
  }

  const sema::Header& header(HeaderRef ref) const { return context_.program.header(ref.header); }
  const sema::Program& checked() const { return context_.program.checked; }

  bool HasExtent() const {
    return std::any_of(plan_.parsed.begin(), plan_.parsed.end(),
                       [&](HeaderRef ref) { return Bounds(ref); });
  }
  // Whether its extent matters: to what is parsed behind it, or to its payload.
  bool Bounds(HeaderRef ref) const {
    auto slot = context_.slots.find(ref);
    bool ends = slot != context_.slots.end() && context_.slot(slot->second).keep_end;
    return header(ref).extent && (ends || LeadsOn(ref));
  }
  bool LeadsOn(HeaderRef ref) const { return plan_.LeadsOn(checked(), ref); }

  const sema::Selector& selector(const Point& point) const {
    return checked().selectors[static_cast<size_t>(point.selector)];
  }
  ir::Type ValueType(const Point& point) const {
    return SelectorValueType(context_.program, point);
  }

  void DeclarePoint(const PlannedPoint& planned) {
    std::string name = PointName(context_.program, planned.point);
    ir::Type type = ValueType(planned.point);
    values_[planned.point] = code_.Keep(name, type, ir::Num(0, type));
    if (!planned.certain)
      reached_[planned.point] = code_.Keep("at_" + name, ir::Num(0, ir::Bool()));
  }

  // What the context says of the first header where the frame's is out of reach.
  ir::ExprPtr StartValue() {
    bool network = context_.block.hook->packet.start == hooks::PacketStart::kNetwork;
    ir::Type type = ValueType(*plan_.start);
    if (network) return ir::CastTo(type, context_.Context("protocol", ir::Network(32)));
    return ir::CastTo(type, context_.Context("ip_protocol", ir::Unsigned(32)));
  }

  ir::ExprPtr Matches(const Branch& branch, const Point& point) {
    ir::ExprPtr any;
    for (uint64_t value : branch.values) {
      any = Either(std::move(any),
                   ir::Op(BinaryOp::kEq, code_.Use(values_.at(point)),
                          ir::Make(ValueType(point), ir::Number{value, value > 255})));
    }
    if (auto within = header(branch.header).within) {
      HeaderRef base{*within, branch.header.scope};
      if (!context_.slots.contains(base)) return ir::Num(0, ir::Bool());
      any = ir::Op(BinaryOp::kBoth, context_.HeaderPresent(base), std::move(any));
    }
    return any ? std::move(any) : ir::Num(0, ir::Bool());
  }

  ir::ExprPtr MatchesAny(const std::vector<Branch>& branches, const Point& point) {
    ir::ExprPtr any;
    for (const Branch& branch : branches) {
      any = Either(std::move(any), Matches(branch, point));
    }
    return any;
  }

  // These headers can't be read, nor can what stands behind them. A header that
  // needs another one around it is absent, not unreadable, without that; one that
  // was found before stays found.
  void Fail(const std::set<HeaderRef>& headers) {
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
        test = test ? ir::Op(BinaryOp::kBoth, std::move(test), std::move(missing))
                    : std::move(missing);
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

  // Of how a packet came here, the verifier keeps nothing: all ways are one from here on.
  void ForgetWay(const PlannedPoint& planned) {
    code_.Add(ir::Opaque{at_, true});
    if (limit_) code_.Add(ir::Opaque{*limit_, true});
    code_.Add(ir::Opaque{values_.at(planned.point), true});
    // Short headers that are passed over here must come within the bound as well.
    code_.When(ir::Op(BinaryOp::kGt, At(), ir::Num(kFarthest - kPassedShort)),
               [&] { Fail(plan_.Behind(checked(), planned.point)); });
    forgot_ = true;
  }

  void WritePoint(const PlannedPoint& planned) {
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

  void WriteBranches(const PlannedPoint& planned, size_t i) {
    if (i == planned.branches.size()) {
      if (!last_) code_.Add(ir::Return{});
      return;
    }
    const Branch& branch = planned.branches[i];
    ir::Block found = code_.Within([&] { Found(branch.header, last_); });
    ir::Block rest = code_.Within([&] { WriteBranches(planned, i + 1); });
    code_.Add(ir::If{Matches(branch, planned.point), std::move(found), std::move(rest)});
  }

  ir::ExprPtr At() { return code_.Use(at_); }

  ir::VarId AccessHeader(HeaderRef ref, const std::set<HeaderRef>& fails) {
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

  // The header stands at `at`: makes its pointer, checks what it requires, and
  // goes on to what it leads to.
  void Found(HeaderRef ref, bool last) {
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

  // Where what a header carries ends; null: at the packet's end. `bounded`: by its own extent.
  ir::ExprPtr EndHere(bool bounded) {
    return bounded || (limit_ && bounded_) ? code_.Use(*limit_) : nullptr;
  }

  void KeepSlot(HeaderRef ref, ir::VarId pointer, ir::ExprPtr at, ir::ExprPtr end) {
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
      code_.Add(
          ir::Assign{ir::Make(ir::Unsigned(32), ir::HeaderEnd{found->second}), std::move(end)});
    }
  }

  ir::ExprPtr SizeOf(HeaderRef ref) {
    const sema::Header& h = header(ref);
    return h.size ? body_.Value(*h.size) : ir::Num(h.fixed_size);
  }

  void LeadOn(HeaderRef ref) {
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

  // Whether a packet takes this `next`: its `when` holds, and if others follow, a
  // header stands behind it with its value.
  ir::ExprPtr Taken(HeaderRef ref, const sema::NextHeader& next, bool last) {
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

  // if (a) … else if (b) … else `rest`
  void CloseAlternatives(ir::Block rest) {
    while (!others_.empty()) {
      ir::If chain{std::move(others_.back().first), std::move(others_.back().second),
                   std::move(rest)};
      others_.pop_back();
      rest.clear();
      rest.push_back({code_.origin(), std::move(chain)});
    }
    for (ir::Statement& statement : rest) code_.out()->push_back(std::move(statement));
  }

  // What the header carries ends where the header says: bytes behind that are
  // Ethernet's padding, which the kernel cuts off. An extent that is shorter than
  // the header itself bounds nothing: the stack drops such packets, but for
  // segments of BIG TCP, whose length doesn't fit (Documentation/networking, 6.3).
  void BoundBy(HeaderRef ref) {
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

  void GoTo(HeaderRef ref, const sema::NextHeader& next, const Point& target) {
    ir::ExprPtr value = body_.Value(*next.value);
    code_.Set(values_.at(target), SelectorValue(std::move(value), ValueType(target)));
    code_.Set(at_, ir::Op(BinaryOp::kAdd, At(), SizeOf(ref)));
    if (auto found = reached_.find(target); found != reached_.end()) {
      code_.Set(found->second, ir::Num(1, ir::Bool()));
    }
  }

  // With an skb the outer tag may stand beside the packet, where the device or the stack
  // put it. It is the first that is passed over.
  void TakeTag(const PlannedPoint& planned) {
    tagged_.reset();
    auto tag = std::find_if(planned.through.begin(), planned.through.end(),
                            [&](const Branch& b) { return context_.MayStandBeside(b.header); });
    if (tag == planned.through.end()) return;
    tagged_ = code_.Keep("tagged", context_.Context("vlan_present", ir::Unsigned(32)));
    auto slot = context_.slots.find(tag->header);
    if (slot == context_.slots.end()) return;
    code_.When(code_.Use(*tagged_), [&] {
      const ir::Struct& layout =
          context_.program.lowered.structs[context_.slot(slot->second).layout];
      auto copy = [&] {
        return ir::Make(ir::StructType(context_.slot(slot->second).layout),
                        ir::HeaderCopy{slot->second});
      };
      ir::ExprPtr control =
          ir::CastTo(ir::Unsigned(16), context_.Context("vlan_tci", ir::Unsigned(32)));
      code_.Add(ir::Assign{ir::MemberOf(copy(), 0, layout.members[0].type),
                           ir::Swapped(std::move(control))});
      code_.Add(ir::Assign{ir::MemberOf(copy(), 1, layout.members[1].type),
                           code_.Use(values_.at(planned.point))});
      if (!context_.hook.packet.by_offset)
        code_.Add(ir::Assign{context_.HeaderPointer(tag->header), ir::Pointing(copy())});
      code_.Add(ir::MarkPresent{slot->second});
    });
  }

  void PassOver(const PlannedPoint& planned) {
    if (IsShort(checked(), planned)) {
      PassShort(planned);
    } else {
      PassLong(planned);
    }
  }

  // One `if` inside the other, for stacked VLAN tags.
  void PassShort(const PlannedPoint& planned) {
    std::function<void(uint32_t)> pass = [&](uint32_t depth) {
      ir::ExprPtr test = MatchesAny(planned.through, planned.point);
      if (depth == 0) {
        code_.When(std::move(test), [&] { Fail(plan_.Behind(checked(), planned.point)); });
        return;
      }
      code_.When(std::move(test), [&] {
        if (tagged_ && depth == 1) {
          code_.When(code_.Use(*tagged_), [&] { Fail(plan_.Behind(checked(), planned.point)); });
        }
        PassOne(planned, 0);
        pass(depth - 1);
      });
    };
    pass(selector(planned.point).depth);
  }

  void PassOne(const PlannedPoint& planned, size_t i) {
    const Branch& branch = planned.through[i];
    auto pass = [&] {
      auto fails = plan_.Behind(checked(), planned.point);
      ir::VarId pointer = AccessHeader(branch.header, fails);
      body_.SetSelf(branch.header, pointer);
      for (const sema::ExprPtr& require : header(branch.header).requires_) {
        code_.When(ir::Not(body_.Value(*require)), [&] { Fail(fails); });
      }
      if (Bounds(branch.header)) {
        BoundBy(branch.header);
        bounded_ = true;  // for those behind it in this place as well
      }
      if (context_.slots.contains(branch.header)) {
        code_.When(ir::Not(context_.HeaderPresent(branch.header)), [&] {
          KeepSlot(branch.header, pointer, At(), EndHere(Bounds(branch.header)));
          WalkOptions(branch.header, pointer, At(), EndHere(false));
        });
      }
      LeadOn(branch.header);
    };
    if (i + 1 == planned.through.size()) return pass();
    ir::Block this_one = code_.Within(pass);
    ir::Block others = code_.Within([&] { PassOne(planned, i + 1); });
    code_.Add(ir::If{Matches(branch, planned.point), std::move(this_one), std::move(others)});
  }

  // A chain of headers whose length varies is walked by a function that the
  // verifier checks alone: 8 extension headers in place cost it over a million
  // instructions, in a function of their own under 10,000 (6.1 and 6.18).
  void PassLong(const PlannedPoint& planned) {
    WalkFunction walk = WriteWalk(context_, planned);
    auto member = [&](ir::VarId var, uint32_t index) {
      ir::Type type = context_.program.lowered.structs[walk.layout].members[index].type;
      return ir::MemberOf(code_.Use(var), index, type);
    };
    code_.When(MatchesAny(planned.through, planned.point), [&] {
      ir::Aggregate start;
      start.members.resize(context_.program.lowered.structs[walk.layout].members.size());
      start.members[WalkFunction::kAt] = At();
      start.members[WalkFunction::kValue] =
          ir::CastTo(ir::Unsigned(32), code_.Use(values_.at(planned.point)));
      start.members[WalkFunction::kLimit] = limit_ && bounded_ ? code_.Use(*limit_)
                                            : walk.bounds      ? body_.PacketLength()
                                                               : ir::Num(~0u);
      if (walk.tagged) {
        start.members[*walk.tagged] = tagged_ ? code_.Use(*tagged_) : ir::Num(0);
      }
      bases_.clear();
      for (const auto& [base, index] : walk.bases) {
        // For the tests behind the call, in 64 bits: Clang keeps a truth in half a slot of the
        // stack, where the verifier forgets it, and with it that the base's pointer is one.
        ir::VarId in = code_.Keep("in", ir::CastTo(ir::Unsigned(64), context_.HeaderPresent(base)));
        code_.Add(ir::Opaque{in});
        bases_.insert_or_assign(base, in);
        start.members[index] = ir::CastTo(ir::Unsigned(32), code_.Use(in));
      }
      ir::VarId state = code_.Keep("walk", ir::StructType(walk.layout),
                                   ir::Make(ir::StructType(walk.layout), std::move(start)));
      ir::VarId came =
          code_.Keep("came", ir::CallTo(walk.name, ir::Signed(32), ir::ContextArgument(),
                                        ir::Pointing(code_.Use(state))));
      std::set<HeaderRef> fails = plan_.Behind(checked(), planned.point);
      for (const auto& [named, index] : walk.named) {
        auto end = walk.ends.find(named);
        TakeNamed(named, member(state, index),
                  end == walk.ends.end() ? nullptr : member(state, end->second), fails);
      }
      code_.Set(at_, member(state, WalkFunction::kAt));
      code_.Add(ir::Opaque{at_});
      ir::ExprPtr lost = ir::Op(
          BinaryOp::kEither,
          ir::Op(BinaryOp::kEq, code_.Use(came), ir::Num(WalkFunction::kLost, ir::Signed(32))),
          ir::Op(BinaryOp::kGt, At(), ir::Num(kFarthest)));
      code_.When(std::move(lost), [&] { Fail(fails); });
      code_.When(
          ir::Op(BinaryOp::kEq, code_.Use(came), ir::Num(WalkFunction::kNothing, ir::Signed(32))),
          [&] { code_.Add(ir::Return{}); });
      code_.Set(values_.at(planned.point),
                ir::CastTo(ValueType(planned.point), member(state, WalkFunction::kValue)));
      if (walk.bounds && limit_) {
        code_.Set(*limit_, member(state, WalkFunction::kLimit));
        bounded_ = true;
      }
    });
    forgot_ = true;
  }

  // A header that rules name, at the offset where the walk saw it first. `end`: of what it
  // carries, where that isn't the end of all that stands here.
  void TakeNamed(HeaderRef ref, ir::ExprPtr offset, ir::ExprPtr end,
                 const std::set<HeaderRef>& fails) {
    ir::VarId at = code_.Keep(context_.program.NameOf(ref) + "_at", std::move(offset));
    ir::ExprPtr first = code_.Use(at);
    if (passed_.contains(ref)) {  // one that was found before counts
      first = ir::Op(BinaryOp::kBoth, std::move(first), ir::Not(context_.HeaderPresent(ref)));
    }
    // The verifier doesn't know that the walk finds it only where its base is.
    if (auto within = header(ref).within; within && context_.slots.contains({*within, ref.scope})) {
      auto asked = bases_.find({*within, ref.scope});
      ir::ExprPtr in = asked == bases_.end() ? context_.HeaderPresent({*within, ref.scope})
                                             : ir::CastTo(ir::Bool(), code_.Use(asked->second));
      first = ir::Op(BinaryOp::kBoth, std::move(in), std::move(first));
    }
    code_.When(std::move(first), [&] {
      const HeaderLayout& layout = context_.program.layout(ref.header);
      ir::VarId pointer =
          code_.NewVar(context_.program.NameOf(ref), ir::StructType(layout.layout).Pointer());
      ir::Access access;
      access.pointer = pointer;
      access.at = code_.Use(at);
      access.bytes = header(ref).fixed_size;
      access.read_through_helper = context_.hook.packet.method == ir::AccessMethod::kCopy;
      access.bound = true;  // takes kFound off
      access.slot = context_.slots.at(ref);
      access.fail = code_.Within([&] { Fail(fails); });
      code_.Add(std::move(access));
      if (!end) end = EndHere(false);
      KeepSlot(ref, pointer, code_.Use(at), end ? ir::Clone(*end) : nullptr);
      WalkOptions(ref, pointer, code_.Use(at), std::move(end));
    });
  }

  // Where the options that the hook uses are, in the header that was just found.
  void WalkOptions(HeaderRef ref, ir::VarId pointer, ir::ExprPtr at, ir::ExprPtr end) {
    std::set<HeaderRef> wanted = plan_.OptionsOf(checked(), ref);
    if (wanted.empty()) return;
    auto written = options_.find(ref);
    if (written == options_.end()) {
      written = options_.emplace(ref, WriteOptionsWalk(context_, ref, wanted)).first;
    }
    const OptionsFunction& walk = written->second;
    ir::VarId begin = code_.Keep("begin", std::move(at));
    ir::ExprPtr limit = end ? std::move(end) : ir::Num(~0u);
    body_.SetSelf(ref, pointer);
    if (header(ref).size && TakesExtent(*header(ref).size)) {
      body_.SetExtent(body_.Extent(code_.Use(begin), ir::Clone(*limit)));
    }
    ir::Aggregate start;
    start.members.resize(context_.program.lowered.structs[walk.layout].members.size());
    start.members[OptionsFunction::kAt] =
        ir::Op(BinaryOp::kAdd, code_.Use(begin), ir::Num(header(ref).fixed_size));
    start.members[OptionsFunction::kEnd] = ir::Op(BinaryOp::kAdd, code_.Use(begin), SizeOf(ref));
    start.members[OptionsFunction::kLimit] = std::move(limit);
    start.members[OptionsFunction::kLost] = ir::Num(1);
    ir::VarId state = code_.Keep("walk", ir::StructType(walk.layout),
                                 ir::Make(ir::StructType(walk.layout), std::move(start)));
    code_.Add(ir::Do{ir::CallTo(walk.name, ir::Signed(32), ir::ContextArgument(),
                                ir::Pointing(code_.Use(state)))});
    for (const auto& [option, member] : walk.found) {
      code_.Add(ir::Assign{context_.OptionOffset(option),
                           ir::MemberOf(code_.Use(state), member, ir::Unsigned(32))});
    }
  }

  HookContext& context_;
  const ParsePlan& plan_;
  ir::Function function_;
  Body body_;
  Code& code_;
  ir::VarId at_{};
  std::optional<ir::VarId> limit_;
  std::map<Point, ir::VarId> values_;
  std::map<Point, ir::VarId> reached_;
  std::set<HeaderRef> passed_;                    // headers that may stand several times
  std::map<HeaderRef, ir::VarId> bases_;          // whether they are there, before a walk
  std::map<HeaderRef, OptionsFunction> options_;  // the walks that were written
  std::vector<std::pair<ir::ExprPtr, ir::Block>> others_;
  std::optional<ir::VarId> tagged_;  // whether a tag stands beside the packet
  bool bounded_ = false;             // a limit may be set here
  bool bounded_later_ = false;
  bool last_ = false;
  bool forgot_ = false;  // the verifier knows no bound of the offset here
};

}  // namespace

void WriteParser(HookContext& context) {
  context.hook.packet.parse = ParseWriter(context).Run();
}

ir::Function ParserOf(HookContext& context) {
  return ParseWriter(context).Run();
}

}  // namespace netc::lower
