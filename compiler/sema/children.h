// What a node of an expression or a statement holds, by the names that its members have:
// one list for all who walk the checked program.
#pragma once

#include <type_traits>
#include <vector>

#include "compiler/sema/expression.h"

namespace netc::sema {

// Calls `visit` with each expression that the node holds itself, in the order of their
// evaluation; none is null. Of `const` nodes they are `const ExprPtr&`. Blocks of
// statements, and what other nodes stand for (a function's body), are left to the caller.
template <typename Node, typename Visit>
void ForEachChild(Node& node, Visit&& visit) {
  auto member = [&](auto& held) {
    using Held = std::remove_cvref_t<decltype(held)>;
    if constexpr (std::is_same_v<Held, ExprPtr>) {
      if (held) visit(held);
    } else if constexpr (std::is_same_v<Held, std::vector<ExprPtr>>) {
      for (auto& each : held) {
        if (each) visit(each);
      }
    }
  };
  if constexpr (requires { node.object; }) member(node.object);
  if constexpr (requires { node.index; }) member(node.index);
  if constexpr (requires { node.operand; }) member(node.operand);
  if constexpr (requires { node.left; }) member(node.left), member(node.right);
  if constexpr (requires { node.operands; }) member(node.operands);
  if constexpr (requires { node.optional; }) member(node.optional);
  if constexpr (requires { node.condition; }) member(node.condition);
  if constexpr (requires { node.yes; }) member(node.yes), member(node.no);
  if constexpr (requires { node.subject; }) member(node.subject);
  if constexpr (requires { node.key; }) member(node.key);
  if constexpr (requires { node.path; }) {
    for (auto& step : node.path) member(step.index);
  }
  if constexpr (requires { node.value; }) member(node.value);
  if constexpr (requires { node.amount; }) member(node.amount);
  if constexpr (requires { node.arguments; }) member(node.arguments);
  if constexpr (requires { node.given; }) {
    for (auto& argument : node.given) member(argument.value);
  }
  if constexpr (requires { node.layers; }) {
    for (auto& layer : node.layers) member(layer.arguments), member(layer.summands);
    for (auto& change : node.front) member(change.value);
    member(node.guard);
  }
  if constexpr (requires { node.offset; }) member(node.offset);
  if constexpr (requires { node.first; }) member(node.first), member(node.last);
  if constexpr (requires { node.fields; }) member(node.fields);
}

}  // namespace netc::sema
