// Writes a hook's parser: where each header is that the hook uses. What it passes over on the
// way (tags, extension headers) is a file of its own.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "compiler/lower/body.h"
#include "compiler/lower/hook_context.h"
#include "compiler/lower/options.h"
#include "compiler/lower/parse_plan.h"
#include "compiler/lower/walk.h"

namespace netc::lower {

class ParseWriter {
 public:
  explicit ParseWriter(HookContext& context)
      : context_(context),
        plan_(context.plan),
        function_(Empty(context)),
        body_(context, function_),
        code_(body_.code()) {}

  ir::Function Run();

 private:
  static ir::Function Empty(const HookContext& context);

  const sema::Header& header(sema::HeaderRef ref) const {
    return context_.program.header(ref.header);
  }
  const sema::Program& checked() const { return context_.program.checked; }

  bool HasExtent() const;
  // Whether its extent matters: to what is parsed behind it, or to its payload.
  bool Bounds(sema::HeaderRef ref) const;
  bool LeadsOn(sema::HeaderRef ref) const { return plan_.LeadsOn(checked(), ref); }

  const sema::Selector& selector(const Point& point) const;
  ir::Type ValueType(const Point& point) const;
  void DeclarePoint(const PlannedPoint& planned);

  // What the context says of the first header where the frame's is out of reach.
  ir::ExprPtr StartValue();
  ir::ExprPtr Matches(const Branch& branch, const Point& point);

  ir::ExprPtr MatchesAny(const std::vector<Branch>& branches, const Point& point);

  // These headers can't be read, nor can what stands behind them. A header that
  // needs another one around it is absent, not unreadable, without that; one that
  // was found before stays found.
  void Fail(const std::set<sema::HeaderRef>& headers);

  // Of how a packet came here, the verifier keeps nothing: all ways are one from here on.
  void ForgetWay(const PlannedPoint& planned);
  void WritePoint(const PlannedPoint& planned);

  void WriteBranches(const PlannedPoint& planned, size_t i);

  ir::ExprPtr At() { return code_.Use(at_); }

  ir::VarId AccessHeader(sema::HeaderRef ref, const std::set<sema::HeaderRef>& fails);

  // The header stands at `at`: makes its pointer, checks what it requires, and
  // goes on to what it leads to.
  void Found(sema::HeaderRef ref, bool last);

  // Where what a header carries ends; null: at the packet's end. `bounded`: by its own extent.
  ir::ExprPtr EndHere(bool bounded);
  void KeepSlot(sema::HeaderRef ref, ir::VarId pointer, ir::ExprPtr at, ir::ExprPtr end);

  ir::ExprPtr SizeOf(sema::HeaderRef ref);
  void LeadOn(sema::HeaderRef ref);

  // Whether a packet takes this `next`: its `when` holds, and if others follow, a
  // header stands behind it with its value.
  ir::ExprPtr Taken(sema::HeaderRef ref, const sema::NextHeader& next, bool last);

  // if (a) … else if (b) … else `rest`
  void CloseAlternatives(ir::Block rest);

  // What the header carries ends where the header says: bytes behind that are
  // Ethernet's padding, which the kernel cuts off. An extent that is shorter than
  // the header itself bounds nothing: the stack drops such packets, but for
  // segments of BIG TCP, whose length doesn't fit (Documentation/networking, 6.3).
  void BoundBy(sema::HeaderRef ref);
  void GoTo(sema::HeaderRef ref, const sema::NextHeader& next, const Point& target);

  // With an skb the outer tag may stand beside the packet, where the device or the stack
  // put it. It is the first that is passed over.
  void TakeTag(const PlannedPoint& planned);
  void PassOver(const PlannedPoint& planned);

  // One `if` inside the other, for stacked VLAN tags.
  void PassShort(const PlannedPoint& planned);
  void PassOne(const PlannedPoint& planned, size_t i);

  // A chain of headers whose length varies is walked by a function that the
  // verifier checks alone: 8 extension headers in place cost it over a million
  // instructions, in a function of their own under 10,000 (6.1 and 6.18).
  void PassLong(const PlannedPoint& planned);

  // A header that rules name, at the offset where the walk saw it first. `end`: of what it
  // carries, where that isn't the end of all that stands here.
  void TakeNamed(sema::HeaderRef ref, ir::ExprPtr offset, ir::ExprPtr end,
                 const std::set<sema::HeaderRef>& fails);

  // Where the options that the hook uses are, in the header that was just found.
  void WalkOptions(sema::HeaderRef ref, ir::VarId pointer, ir::ExprPtr at, ir::ExprPtr end);

  HookContext& context_;
  const ParsePlan& plan_;
  ir::Function function_;
  Body body_;
  Code& code_;
  ir::VarId at_{};
  std::optional<ir::VarId> limit_;
  std::map<Point, ir::VarId> values_;
  std::map<Point, ir::VarId> reached_;
  std::set<sema::HeaderRef> passed_;                    // headers that may stand several times
  std::map<sema::HeaderRef, ir::VarId> bases_;          // whether they are there, before a walk
  std::map<sema::HeaderRef, OptionsFunction> options_;  // the walks that were written
  std::vector<std::pair<ir::ExprPtr, ir::Block>> others_;
  std::optional<ir::VarId> tagged_;  // whether a tag stands beside the packet
  bool bounded_ = false;             // a limit may be set here
  bool bounded_later_ = false;
  bool last_ = false;
  bool forgot_ = false;  // the verifier knows no bound of the offset here
};

}  // namespace netc::lower
