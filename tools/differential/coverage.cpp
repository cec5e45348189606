#include "tools/differential/coverage.h"

#include <cxxabi.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <typeinfo>

#include "compiler/sema/children.h"
#include "tools/differential/catalog.h"

namespace netc::differential {
namespace {

using sema::StateKind;
using sema::TypeKind;

// What generated pipelines can't have, and why. docs/proof.md says it at more length.
const std::map<std::string, const char*> kOutOfReach = {
    {"CCall", "a function of the user's C is no part of the language"},
    {"HelperCall", "what a function of the kernel's gives is the kernel's"},
    {"KfuncCall", "only in members of a congestion control"},
    {"ConnectionRead", "only in members of a congestion control"},
    {"AssignConnection", "only in members of a congestion control"},
    {"ObjectField", "an object is given by a function of the kernel's"},
    {"OwnObject", "what is kept beside a socket ends with the socket of the test run"},
    {"ArgumentRead", "only in LSM hooks, which have no test run"},
    {"ValueRead", "only in cgroup.setsockopt and getsockopt, which have no test run"},
    {"ValueWrite", "only in cgroup.setsockopt and getsockopt, which have no test run"},
    {"SetOption", "only in hooks with a socket of their own, which have no test run"},
    {"Fail", "an option or an address that is set: only in hooks without a test run"},
    {"effect-assign", "needs a real socket"},
    {"effect-clone", "the copy leaves by an interface of the machine"},
    {"state-reuseport_sockets", "only in hooks without a test run"},
    {"state-xdp_sockets", "needs a real AF_XDP socket"},
    {"state-value", "what is kept beside a socket ends with the socket of the test run"},
    {"builtin-header-size", "only in declarations of headers"},
    {"builtin-extent", "only in declarations of headers"},
};

constexpr const char* kEffects[] = {"trim",        "grow",       "push-bytes", "pop-bytes",
                                    "push-header", "pop-header", "encap",      "become",
                                    "decap",       "assign",     "clone",      "pace"};
constexpr const char* kBuiltins[] = {"now",           "random", "cpu",         "numa_node",
                                     "packet.length", "hash",   "mul_div",     "min",
                                     "max",           "abs",    "header-size", "extent"};
// Who adds one adds its name here, and makes the generator write it.
static_assert(std::size(kEffects) == static_cast<size_t>(sema::EffectKind::kPace) + 1);
static_assert(std::size(kBuiltins) == static_cast<size_t>(sema::Builtin::kExtent) + 1);
constexpr const char* kOps[] = {"*", "/", "%", "+", "-", "<<", ">>", "&", "^", "|"};
constexpr const char* kCompares[] = {"==", "!=", "<", "<=", ">", ">="};
struct StateName {
  StateKind kind;
  const char* name;
};
constexpr StateName kStates[] = {
    {StateKind::kHash, "hash"},
    {StateKind::kLru, "lru"},
    {StateKind::kArray, "array"},
    {StateKind::kPrefixes, "prefixes"},
    {StateKind::kSet, "set"},
    {StateKind::kPrefixSet, "prefix-set"},
    {StateKind::kCounter, "counter"},
    {StateKind::kLimiter, "limiter"},
    {StateKind::kPacer, "pacer"},
    {StateKind::kQueue, "queue"},
    {StateKind::kStack, "stack"},
    {StateKind::kRing, "ring"},
    {StateKind::kHistogram, "histogram"},
    {StateKind::kSockets, "sockets"},
    {StateKind::kReuseportSockets, "reuseport_sockets"},
    {StateKind::kXdpSockets, "xdp_sockets"},
    {StateKind::kDevices, "devices"},
    {StateKind::kInterfaces, "interfaces"},
    {StateKind::kCpus, "cpus"},
    {StateKind::kValue, "value"},
};
struct TypeName {
  TypeKind kind;
  const char* name;
};
constexpr TypeName kTypes[] = {
    {TypeKind::kBool, "bool"},         {TypeKind::kPort, "port"},
    {TypeKind::kDuration, "duration"}, {TypeKind::kFrequency, "frequency"},
    {TypeKind::kBitrate, "bitrate"},   {TypeKind::kSize, "size"},
    {TypeKind::kTime, "time"},         {TypeKind::kIpv4, "ipv4_addr"},
    {TypeKind::kIpv6, "ipv6_addr"},    {TypeKind::kIp, "ip_addr"},
    {TypeKind::kMac, "mac_addr"},      {TypeKind::kEnum, "enum"},
    {TypeKind::kFlags, "flags"},       {TypeKind::kStruct, "struct"},
    {TypeKind::kArray, "array"},
};
// Of integers: stored as it is or narrower, signed or not.
constexpr const char* kIntegers[] = {"u-whole", "u-narrow", "i-whole", "i-narrow"};
constexpr const char* kStateWords[] = {"state-per-cpu",      "state-expires",   "state-idle",
                                       "state-swappable",    "state-gives-way", "state-in-bits",
                                       "state-with-entries", "state-with-step", "state-live-rate"};
constexpr const char* kForms[] = {
    "else-of-effect",  "else-of-write",       "else-of-update",      "update-of-part",
    "assign-part",     "assign-element",      "rewrite-inner",       "rewrite-option",
    "verdict-slot",    "verdict-interface",   "verdict-peer",        "verdict-neigh",
    "verdict-hop",     "index-may-be-absent", "match-many-patterns", "function-parameter",
    "function-result", "attribute-parameter", "several-blocks",      "unreadable-given"};

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
  explicit Reader(const sema::Program& program) : program_(program) {}

  Coverage Read() {
    for (const sema::State& state : program_.states) ReadState(state);
    for (const sema::Param& param : program_.params) NoteType("param-", param.type);
    for (const sema::Event& event : program_.events) {
      for (const sema::EventField& field : event.fields) NoteType("event-", field.type);
    }
    for (const sema::Function& function : program_.functions) {
      for (sema::LocalId id : function.parameters) {
        Note("function-parameter");
        NoteType("argument-", function.locals[static_cast<size_t>(id)].type);
      }
      if (program_.types[function.result].kind != TypeKind::kUnit) Note("function-result");
      Visit(function.body);
    }
    if (program_.hooks.size() > 1) Note("several-blocks");
    for (const sema::HookBlock& block : program_.hooks) {
      Note(fmt::format("hook-{}", block.hook->name));
      if (block.unreadable) Note("unreadable-given");
      for (const auto& attribute : block.attributes) {
        if (attribute.param) Note("attribute-parameter");
      }
      Visit(block.body);
    }
    return seen_;
  }

 private:
  void Note(std::string name) { seen_.insert(std::move(name)); }

  void NoteType(const char* where, sema::TypeId id) {
    const sema::Type& type = program_.types[id];
    if (type.kind == TypeKind::kInteger) {
      bool whole = type.bits == program_.types.StorageBits(id);
      Note(fmt::format("{}{}", where, kIntegers[(type.is_signed ? 2 : 0) + (whole ? 0 : 1)]));
    }
    for (const TypeName& row : kTypes) {
      if (row.kind == type.kind) Note(fmt::format("{}{}", where, row.name));
    }
  }

  void ReadState(const sema::State& state) {
    for (const StateName& row : kStates) {
      if (row.kind == state.kind) Note(fmt::format("state-{}", row.name));
    }
    if (state.key && !sema::IsSlots(state.kind)) NoteType("key-", *state.key);
    if (state.value) NoteType("value-", *state.value);
    if (state.scope == sema::StateScope::kCpu) Note("state-per-cpu");
    if (state.expires_ns) Note("state-expires");
    if (state.idle_ns) Note("state-idle");
    if (state.swappable) Note("state-swappable");
    if (state.lru) Note("state-gives-way");
    if (!state.entries.empty()) Note("state-with-entries");
    if (state.step > 0) Note("state-with-step");
    if (!state.rate) return;
    if (program_.types[state.rate->type].kind == TypeKind::kBitrate) Note("state-in-bits");
    if (std::holds_alternative<sema::ParamRef>(state.rate->node)) Note("state-live-rate");
  }

  void Visit(const sema::ExprPtr& expr) {
    if (!expr) return;
    NoteType("type-", expr->type);
    bool is_signed = program_.types[expr->type].is_signed;
    if (const auto* binary = std::get_if<sema::Binary>(&expr->node)) {
      Note(fmt::format("op{}{}", is_signed ? "-signed" : "", kOps[static_cast<int>(binary->op)]));
    }
    if (const auto* compare = std::get_if<sema::Compare>(&expr->node)) {
      bool order = program_.types[compare->left->type].is_signed;
      Note(fmt::format("op{}{}", order ? "-signed" : "", kCompares[static_cast<int>(compare->op)]));
    }
    if (std::holds_alternative<sema::ElementOf>(expr->node) &&
        program_.types[expr->type].kind == TypeKind::kOptional)
      Note("index-may-be-absent");
    std::visit([this](const auto& node) { Parts(node); }, expr->node);
  }
  void Visit(const sema::Block& block) {
    for (const sema::Statement& statement : block) {
      std::visit([this](const auto& node) { Parts(node); }, statement.node);
    }
  }

  const sema::Header& HeaderOf(sema::HeaderRef ref) const {
    return program_.headers[static_cast<size_t>(ref.header)];
  }

  // What there is of the node, besides that it is there.
  void More(const sema::Effect& node) {
    Note(fmt::format("effect-{}", kEffects[static_cast<size_t>(node.effect)]));
    if (node.has_otherwise) Note("else-of-effect");
  }
  void More(const sema::BuiltinCall& node) {
    Note(fmt::format("builtin-{}", kBuiltins[static_cast<size_t>(node.builtin)]));
  }
  void More(const sema::Match& node) {
    for (const auto& arm : node.arms) {
      if (arm.patterns.size() > 1) Note("match-many-patterns");
      Visit(arm.body);
    }
  }
  void More(const sema::StateWrite& node) {
    if (!node.otherwise.empty()) Note("else-of-write");
  }
  void More(const sema::StateUpdate& node) {
    Note(fmt::format("update{}", kOps[static_cast<int>(node.op)]));
    if (node.has_otherwise) Note("else-of-update");
    if (!node.path.empty()) Note("update-of-part");
  }
  void More(const sema::AssignLocal& node) {
    if (!node.path.empty()) Note("assign-part");
    for (const sema::PathStep& step : node.path) {
      if (step.index) Note("assign-element");
    }
  }
  void More(const sema::AssignField& node) {
    if (node.header.scope == sema::Scope::kInner) Note("rewrite-inner");
    if (HeaderOf(node.header).option_of) Note("rewrite-option");
    Note(fmt::format("rewrite-{}", HeaderOf(node.header).name));
  }
  void More(const sema::FieldRead& node) {
    Note(fmt::format("read-{}{}", node.header.scope == sema::Scope::kInner ? "inner." : "",
                     HeaderOf(node.header).name));
  }
  void More(const sema::Verdict& node) {
    if (node.target) Note("verdict-slot");
    if (!node.target && !node.arguments.empty()) Note("verdict-interface");
    if (node.way) Note(fmt::format("verdict-{}", node.way->word));
    if (node.way && node.arguments.size() > 1) Note("verdict-hop");
  }
  template <typename Node>
  void More(const Node&) {}

  // What a node holds, by the names that its members have.
  template <typename Node>
  void Parts(const Node& node) {
    static const std::string name = NameOfNode<Node>();
    Note(name);
    More(node);
    sema::ForEachChild(node, [this](const sema::ExprPtr& child) { Visit(child); });
    if constexpr (requires { node.then; }) Visit(node.then);
    if constexpr (requires { node.otherwise; }) Visit(node.otherwise);
    if constexpr (requires { node.body; }) Visit(node.body);
  }

  const sema::Program& program_;
  Coverage seen_;
};

// Everything that there is.
Coverage All(const Catalog& catalog) {
  Coverage all;
  AddAll(static_cast<decltype(sema::Expr::node)*>(nullptr), all);
  AddAll(static_cast<decltype(sema::Statement::node)*>(nullptr), all);
  all.erase("");
  for (const char* name : kEffects) all.insert(fmt::format("effect-{}", name));
  for (const char* name : kBuiltins) all.insert(fmt::format("builtin-{}", name));
  for (const StateName& row : kStates) all.insert(fmt::format("state-{}", row.name));
  for (const char* name : kStateWords) all.insert(name);
  for (const char* name : kForms) all.insert(name);
  for (const char* where : {"type-", "param-", "event-", "argument-", "key-", "value-"}) {
    for (const TypeName& row : kTypes) all.insert(fmt::format("{}{}", where, row.name));
    for (const char* name : kIntegers) all.insert(fmt::format("{}{}", where, name));
  }
  for (const char* op : kOps) {
    all.insert(fmt::format("op{}", op));
    all.insert(fmt::format("op-signed{}", op));
    // `s[k] /= v` and `%=` are no statements.
    if (op[0] != '/' && op[0] != '%') all.insert(fmt::format("update{}", op));
  }
  for (const char* op : kCompares) {
    all.insert(fmt::format("op{}", op));
    all.insert(fmt::format("op-signed{}", op));
  }
  for (const hooks::Hook* hook : catalog.runnable) all.insert(fmt::format("hook-{}", hook->name));
  return all;
}

}  // namespace

Coverage CoverageOf(const sema::Program& program) {
  return Reader(program).Read();
}

std::vector<std::string> Unmet(const Catalog& catalog, const Coverage& coverage) {
  std::vector<std::string> unmet;
  for (const std::string& name : All(catalog)) {
    if (!coverage.contains(name) && !kOutOfReach.contains(name)) unmet.push_back(name);
  }
  return unmet;
}

std::vector<std::string> HeadersNotMet(const Catalog& catalog, const Coverage& coverage,
                                       std::string_view what) {
  std::vector<std::string> unmet;
  for (const Protocol& protocol : catalog.protocols) {
    bool has = std::ranges::any_of(protocol.members, [&](const Member& member) {
      return what == "rewrite" ? member.assignable : member.is_field;
    });
    std::string name = fmt::format("{}-{}", what, protocol.name);
    if (!protocol.is_view && has && !coverage.contains(name)) unmet.push_back(std::move(name));
  }
  return unmet;
}

std::vector<std::string> MetAfterAll(const Coverage& coverage) {
  std::vector<std::string> met;
  for (const auto& [name, why] : kOutOfReach) {
    if (coverage.contains(name)) met.push_back(name);
  }
  return met;
}

}  // namespace netc::differential
