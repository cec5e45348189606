#include "tools/differential/coverage.h"

#include <cxxabi.h>

#include <cstdlib>
#include <string_view>
#include <typeinfo>

#include "compiler/sema/children.h"

namespace netc::differential {
namespace {

// Of hooks that a test run does not run, and of what only tests have.
const std::set<std::string> kElsewhere = {
    "CCall", "HelperCall", "KfuncCall", "ConnectionRead", "", "AssignContext", "AssignConnection"};
const char* const kEffects[] = {"trim",      "grow",        "push-bytes",
                                "pop-bytes", "push-header", "pop-header"};
const char* const kBuiltins[] = {"now",  "random",  "cpu", "numa_node", "packet.length",
                                 "hash", "mul_div", "min", "max",       "abs"};
struct StateName {
  sema::StateKind kind;
  const char* name;
};
constexpr StateName kStates[] = {
    {sema::StateKind::kHash, "hash"},
    {sema::StateKind::kLru, "lru"},
    {sema::StateKind::kArray, "array"},
    {sema::StateKind::kPrefixes, "prefixes"},
    {sema::StateKind::kSet, "set"},
    {sema::StateKind::kPrefixSet, "prefix-set"},
    {sema::StateKind::kCounter, "counter"},
    {sema::StateKind::kLimiter, "limiter"},
    {sema::StateKind::kQueue, "queue"},
    {sema::StateKind::kStack, "stack"},
    {sema::StateKind::kHistogram, "histogram"},
    {sema::StateKind::kSockets, "sockets"},
    {sema::StateKind::kDevices, "devices"},
    {sema::StateKind::kCpus, "cpus"},
};

// "LocalRef", of netc::sema::LocalRef.
template <typename Node>
std::string NameOfNode() {
  int status = 0;
  char* text = abi::__cxa_demangle(typeid(Node).name(), nullptr, nullptr, &status);
  std::string name = text ? text : "";
  std::free(text);
  return name.substr(name.rfind(':') + 1);
}

template <typename... Nodes>
void AddAll(const std::variant<Nodes...>*, Coverage& all) {
  (all.insert(NameOfNode<Nodes>()), ...);
}

class Reader {
 public:
  Coverage Read(const sema::Program& program) {
    for (const sema::State& state : program.states) {
      for (const StateName& row : kStates) {
        if (row.kind == state.kind) seen_.insert(row.name);
      }
    }
    for (const sema::Function& function : program.functions) Visit(function.body);
    for (const sema::HookBlock& block : program.hooks) Visit(block.body);
    return seen_;
  }

 private:
  void Visit(const sema::ExprPtr& expr) {
    if (!expr) return;
    std::visit([this](const auto& node) { Parts(node); }, expr->node);
  }
  void Visit(const sema::Block& block) {
    for (const sema::Statement& statement : block) {
      std::visit([this](const auto& node) { Parts(node); }, statement.node);
    }
  }

  // What a node holds, by the names that its members have.
  template <typename Node>
  void Parts(const Node& node) {
    static const std::string name = NameOfNode<Node>();
    seen_.insert(name);
    sema::ForEachChild(node, [this](const sema::ExprPtr& child) { Visit(child); });
    if constexpr (requires { node.then; }) Visit(node.then);
    if constexpr (requires { node.otherwise; }) Visit(node.otherwise);
    if constexpr (requires { node.body; }) Visit(node.body);
    if constexpr (std::is_same_v<Node, sema::Match>) {
      for (const auto& arm : node.arms) Visit(arm.body);
    }
    if constexpr (std::is_same_v<Node, sema::Effect>) {
      if (auto i = static_cast<size_t>(node.effect); i < std::size(kEffects))
        seen_.insert(kEffects[i]);
    }
    if constexpr (std::is_same_v<Node, sema::BuiltinCall>) {
      if (auto i = static_cast<size_t>(node.builtin); i < std::size(kBuiltins))
        seen_.insert(kBuiltins[i]);
    }
  }

  Coverage seen_;
};

}  // namespace

Coverage CoverageOf(const sema::Program& program) {
  return Reader().Read(program);
}

std::string Unmet(const Coverage& coverage) {
  Coverage all;
  AddAll(static_cast<decltype(sema::Expr::node)*>(nullptr), all);
  AddAll(static_cast<decltype(sema::Statement::node)*>(nullptr), all);
  for (const char* name : kEffects) all.insert(name);
  for (const char* name : kBuiltins) all.insert(name);
  for (const StateName& row : kStates) all.insert(row.name);
  std::string list;
  for (const std::string& name : all) {
    if (coverage.contains(name) || kElsewhere.contains(name)) continue;
    list += (list.empty() ? "" : ", ") + name;
  }
  return list;
}

}  // namespace netc::differential
