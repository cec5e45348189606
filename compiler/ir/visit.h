// Walking over statements.
#pragma once

#include "compiler/ir/program.h"

namespace netc::ir {

// Calls `on_expr` for each expression that the statement itself holds, and
// `on_block` for each block in it.
template <typename OnExpr, typename OnBlock>
void ForEachPart(Statement& statement, OnExpr on_expr, OnBlock on_block) {
  auto expr = [&](ExprPtr& e) {
    if (e) on_expr(e);
  };
  std::visit(
      [&](auto& node) {
        if constexpr (requires { node.condition; }) expr(node.condition);
        if constexpr (requires { node.target; }) expr(node.target);
        if constexpr (requires { node.value; }) expr(node.value);
        if constexpr (requires { node.call; }) expr(node.call);
        if constexpr (requires { node.first; }) expr(node.first), expr(node.last);
        if constexpr (requires { node.at; }) expr(node.at), expr(node.limit);
        if constexpr (requires { node.fields; }) {
          for (ExprPtr& field : node.fields) expr(field);
        }
        if constexpr (requires { node.then; }) on_block(node.then), on_block(node.otherwise);
        if constexpr (requires { node.body; }) on_block(node.body);
        if constexpr (requires { node.fail; }) on_block(node.fail);
      },
      statement.node);
}

// Each expression in a block, outermost first, and each statement before its parts.
template <typename OnStatement, typename OnExpr>
void Walk(Block& block, OnStatement on_statement, OnExpr on_expr) {
  for (Statement& statement : block) {
    on_statement(statement);
    auto walk_expr = [&](auto& self, ExprPtr& expr) -> void {
      on_expr(expr);
      ForEachChild(*expr, [&](ExprPtr& child) {
        if (child) self(self, child);
      });
    };
    ForEachPart(
        statement, [&](ExprPtr& expr) { walk_expr(walk_expr, expr); },
        [&](Block& inner) { Walk(inner, on_statement, on_expr); });
  }
}

template <typename Visit>
void ForEachFunction(Program& program, Visit visit) {
  for (Hook& hook : program.hooks) {
    for (Function& walk : hook.packet.walks) visit(walk);
    for (OptionsWalk& walk : hook.packet.options) visit(walk.step);
    if (hook.packet.parse) visit(*hook.packet.parse);
    for (Function& parser : hook.packet.reparsers) visit(parser);
    visit(hook.main);
  }
}

}  // namespace netc::ir
