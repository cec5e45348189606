#include <set>

#include "compiler/ir/passes.h"
#include "compiler/ir/visit.h"

namespace netc::ir {

namespace {

bool HasCall(ExprPtr& expr) {
  if (!expr) return false;
  bool found = std::holds_alternative<Call>(expr->node);
  ForEachChild(*expr, [&](ExprPtr& child) { found = found || HasCall(child); });
  return found;
}

// The variable that a statement does nothing but write.
const Variable* Written(Statement& statement) {
  auto* assign = std::get_if<Assign>(&statement.node);
  return assign ? std::get_if<Variable>(&assign->target->node) : nullptr;
}

std::set<VarId> ReadVars(Function& function) {
  std::set<VarId> read(function.parameters.begin(), function.parameters.end());
  Walk(
      function.body,
      [&](Statement& statement) {
        if (auto* loop = std::get_if<Loop>(&statement.node)) read.insert(loop->var);
        if (auto* access = std::get_if<Access>(&statement.node)) read.insert(access->pointer);
        if (auto* opaque = std::get_if<Opaque>(&statement.node)) read.insert(opaque->var);
      },
      [](ExprPtr&) {});
  // A plain write of a variable is no use of it.
  auto reads = [&](auto& self, ExprPtr& expr) -> void {
    if (auto* variable = std::get_if<Variable>(&expr->node)) read.insert(variable->id);
    ForEachChild(*expr, [&](ExprPtr& child) {
      if (child) self(self, child);
    });
  };
  Walk(
      function.body,
      [&](Statement& statement) {
        bool writes = Written(statement) != nullptr;
        ForEachPart(
            statement,
            [&](ExprPtr& expr) {
              bool target = writes && &expr == &std::get<Assign>(statement.node).target;
              if (!target) reads(reads, expr);
            },
            [](Block&) {});
      },
      [](ExprPtr&) {});
  return read;
}

bool Sweep(Block& block, const std::set<VarId>& read) {
  bool changed = false;
  Block kept;
  for (Statement& statement : block) {
    ForEachPart(statement, [](ExprPtr&) {}, [&](Block& inner) { changed |= Sweep(inner, read); });
    auto* declare = std::get_if<Declare>(&statement.node);
    const Variable* written = Written(statement);
    if (declare && !read.contains(declare->var)) {
      if (HasCall(declare->value)) {
        // What it was computed for is not needed; that it is done may be.
        ExprPtr value = std::move(declare->value);
        while (auto* cast = std::get_if<Cast>(&value->node)) value = std::move(cast->operand);
        statement.node = Do{std::move(value)};
        kept.push_back(std::move(statement));
      }
      changed = true;
      continue;
    }
    if (written && !read.contains(written->id)) {
      auto& assign = std::get<Assign>(statement.node);
      if (HasCall(assign.value)) {
        ExprPtr value = std::move(assign.value);
        statement.node = Do{std::move(value)};
        kept.push_back(std::move(statement));
      }
      changed = true;
      continue;
    }
    auto* branch = std::get_if<If>(&statement.node);
    if (branch && branch->then.empty() && branch->otherwise.empty() &&
        !HasCall(branch->condition)) {
      changed = true;
      continue;
    }
    kept.push_back(std::move(statement));
  }
  block = std::move(kept);
  return changed;
}

}  // namespace

void DropUnused(Program& program) {
  ForEachFunction(program, [](Function& function) {
    while (Sweep(function.body, ReadVars(function))) {
    }
  });
}

}  // namespace netc::ir
