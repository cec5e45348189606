// Each way out of a region that holds an object gives it back: once, and there alone.
#include <set>

#include "compiler/ir/build.h"
#include "compiler/ir/passes.h"
#include "compiler/ir/visit.h"

namespace netc::ir {

namespace {

class Releaser {
 public:
  explicit Releaser(Function& function) : function_(function) {}

  // Inner regions first, so that what was acquired last is given back first.
  void Run(Block& block) {
    Block made;
    for (Statement& statement : block) {
      ForEachPart(statement, [](ExprPtr&) {}, [&](Block& inner) { Run(inner); });
      auto* held = std::get_if<Held>(&statement.node);
      if (!held) {
        made.push_back(std::move(statement));
        continue;
      }
      labels_.clear();
      Collect(held->body);
      Leave(held->body, *held, 0);
      bool comes_out = held->body.empty() || !Leaves(held->body.back(), 0);
      if (comes_out) held->body.push_back(Release(*held, statement.origin));
      for (Statement& each : held->body) made.push_back(std::move(each));
    }
    block = std::move(made);
  }

 private:
  Statement Release(const Held& held, Origin origin) {
    Type type = function_.vars[static_cast<size_t>(held.object)].type;
    return {origin, Do{CallTo(held.release, Type{}, Use(held.object, type))}};
  }

  void Collect(Block& block) {
    for (Statement& statement : block) {
      if (auto* labeled = std::get_if<Labeled>(&statement.node)) labels_.insert(labeled->label);
      ForEachPart(statement, [](ExprPtr&) {}, [&](Block& inner) { Collect(inner); });
    }
  }

  // Whether the statement leaves the region; `loops` are those of the region around it.
  bool Leaves(const Statement& statement, int loops) const {
    const auto& node = statement.node;
    if (const auto* leave = std::get_if<ir::Leave>(&node)) return !labels_.contains(leave->label);
    bool round = std::holds_alternative<Break>(node) || std::holds_alternative<Continue>(node);
    if (round) return loops == 0;
    return std::holds_alternative<Exit>(node) || std::holds_alternative<FailUnreadable>(node) ||
           std::holds_alternative<Return>(node);
  }

  void Leave(Block& block, const Held& held, int loops) {
    Block made;
    for (Statement& statement : block) {
      int inside = loops + (std::holds_alternative<Loop>(statement.node) ? 1 : 0);
      ForEachPart(statement, [](ExprPtr&) {}, [&](Block& inner) { Leave(inner, held, inside); });
      if (Leaves(statement, loops)) {
        if (auto* back = std::get_if<Return>(&statement.node); back && back->value) {
          // What is returned may be read from the object.
          auto id = static_cast<VarId>(function_.vars.size());
          Type type = back->value->type;
          function_.vars.push_back({"returned" + std::to_string(function_.vars.size()), type});
          made.push_back({statement.origin, Declare{id, std::move(back->value)}});
          back->value = Use(id, type);
        }
        made.push_back(Release(held, statement.origin));
      }
      made.push_back(std::move(statement));
    }
    block = std::move(made);
  }

  Function& function_;
  std::set<std::string> labels_;  // in the region
};

}  // namespace

void ReleaseHeld(Program& program) {
  ForEachFunction(program, [](Function& function) { Releaser(function).Run(function.body); });
}

}  // namespace netc::ir
