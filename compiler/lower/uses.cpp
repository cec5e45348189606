#include "compiler/lower/uses.h"

#include <type_traits>

#include "compiler/sema/children.h"

namespace netc::lower {

namespace {

class Collector {
 public:
  explicit Collector(const sema::Program& program) : program_(program) {}

  void Walk(std::span<const sema::Statement> block) {
    for (const sema::Statement& statement : block) {
      std::visit([&](const auto& node) { Statement(node); }, statement.node);
    }
  }
  void Walk(const sema::Expr& expr) {
    std::visit([&](const auto& node) { Expr(node); }, expr.node);
  }
  Uses result;

 private:
  void Walk(const sema::ExprPtr& expr) {
    if (expr) Walk(*expr);
  }
  void Add(sema::HeaderRef header) {
    if (header.scope != sema::Scope::kSelf) result.headers.insert(header);
  }

  template <typename Node>
  void Children(const Node& n) {
    sema::ForEachChild(n, [this](const sema::ExprPtr& child) { Walk(*child); });
    if constexpr (requires { n.given; }) {
      for (const sema::KernelArgument& argument : n.given) {
        if (argument.header) Add(*argument.header);
        if (argument.whole) result.payloads.insert(*argument.header);  // its place is asked for
      }
    }
    if constexpr (requires { n.then; }) Walk(n.then);
    if constexpr (requires { n.otherwise; }) Walk(n.otherwise);
    if constexpr (requires { n.body; }) Walk(n.body);
    if constexpr (requires { n.bound; }) result.loops = result.loops || n.bound > 1;
  }

  template <typename Node>
  void Expr(const Node& n) {
    Children(n);
    if constexpr (std::is_same_v<Node, sema::FieldRead> || std::is_same_v<Node, sema::Present>) {
      Add(n.header);
    }
    if constexpr (std::is_same_v<Node, sema::PayloadRead>) {
      Add(n.after);
      result.payloads.insert(n.after);
    }
    if constexpr (std::is_same_v<Node, sema::FunctionCall>) {
      if (functions_.insert(n.function).second) {
        Walk(program_.functions[static_cast<size_t>(n.function)].body);
      }
    }
    if constexpr (std::is_same_v<Node, sema::LimiterTake>) {
      const sema::State& state = program_.states[static_cast<size_t>(n.state)];
      Walk(state.rate), Walk(state.burst);
    }
  }

  template <typename Node>
  void Statement(const Node& n) {
    Children(n);
    if constexpr (std::is_same_v<Node, sema::AssignField>) {
      Add(n.header);
      result.rewritten.insert({n.header, n.field});
    }
    if constexpr (std::is_same_v<Node, sema::Effect>) {
      if (n.effect == sema::EffectKind::kPopHeader) Add(n.header);
      if (n.effect == sema::EffectKind::kEncap) result.encaps = true;
      for (sema::HeaderRef header : n.inside) Add(header);
      for (const auto* families : {&n.inner_ip, &n.outer_ip}) {
        for (const auto& family : *families) Add(family.header);
      }
    }
    if constexpr (std::is_same_v<Node, sema::Match>) {
      for (const auto& arm : n.arms) Walk(arm.body);
    }
  }

  const sema::Program& program_;
  std::set<sema::FunctionId> functions_;
};

}  // namespace

void Uses::Add(const Uses& other) {
  headers.insert(other.headers.begin(), other.headers.end());
  payloads.insert(other.payloads.begin(), other.payloads.end());
  rewritten.insert(other.rewritten.begin(), other.rewritten.end());
  encaps = encaps || other.encaps;
  loops = loops || other.loops;
}

Uses UsesOf(const sema::Program& program, std::span<const sema::Statement> block) {
  Collector collector(program);
  collector.Walk(block);
  return std::move(collector.result);
}

}  // namespace netc::lower
