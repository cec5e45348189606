// What a parser passes over: tags and chains of extension headers, and the options of the headers
// that it finds.
#include <algorithm>

#include "compiler/lower/parse_writer.h"

namespace netc::lower {

using ir::BinaryOp;
using sema::HeaderRef;

void ParseWriter::TakeTag(const PlannedPoint& planned) {
  tagged_.reset();
  auto tag = std::find_if(planned.through.begin(), planned.through.end(),
                          [&](const Branch& b) { return context_.MayStandBeside(b.header); });
  if (tag == planned.through.end()) return;
  tagged_ = code_.Keep("tagged", context_.Context("vlan_present", ir::Unsigned(32)));
  auto slot = context_.slots.find(tag->header);
  if (slot == context_.slots.end()) return;
  code_.When(code_.Use(*tagged_), [&] {
    const ir::Struct& layout = context_.program.lowered.structs[context_.slot(slot->second).layout];
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

void ParseWriter::PassOver(const PlannedPoint& planned) {
  if (IsShort(checked(), planned)) {
    PassShort(planned);
  } else {
    PassLong(planned);
  }
}

void ParseWriter::PassShort(const PlannedPoint& planned) {
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

void ParseWriter::PassOne(const PlannedPoint& planned, size_t i) {
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

void ParseWriter::PassLong(const PlannedPoint& planned) {
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
    ir::VarId came = code_.Keep("came", ir::CallTo(walk.name, ir::Signed(32), ir::ContextArgument(),
                                                   ir::Pointing(code_.Use(state))));
    std::set<HeaderRef> fails = plan_.Behind(checked(), planned.point);
    code_.Add(ir::OpaquePresent{});
    for (const auto& [named, index] : walk.named) {
      auto end = walk.ends.find(named);
      TakeNamed(named, member(state, index),
                end == walk.ends.end() ? nullptr : member(state, end->second), fails);
    }
    code_.Set(at_, member(state, WalkFunction::kAt));
    code_.Add(ir::Opaque{at_});
    ir::ExprPtr lost =
        ir::Op(BinaryOp::kEither,
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

void ParseWriter::TakeNamed(HeaderRef ref, ir::ExprPtr offset, ir::ExprPtr end,
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

void ParseWriter::WalkOptions(HeaderRef ref, ir::VarId pointer, ir::ExprPtr at, ir::ExprPtr end) {
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

}  // namespace netc::lower
