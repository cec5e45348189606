// `find_socket(tcp, to: (addr, port), from: (addr, port))`: the socket that a packet
// between these ends would reach; and `assign`, which sends the packet to it.
#include <fmt/format.h>

#include "compiler/hooks/access.h"
#include "compiler/sema/body.h"
#include "compiler/sema/kernel_call.h"

namespace netc::sema {

using diag::Kind;
using hooks::Pass;

namespace {

constexpr std::string_view kForm =
    "here: `if let s = find_socket(tcp, to: (addr, port), from: (addr, port)) { … }`";

// Members of bpf_sock_tuple_ipv4 and _ipv6, in their order.
enum TupleMember : uint8_t { kSaddr, kDaddr, kSport, kDport, kMembers };

}  // namespace

// One end: its address says which family is meant, and both must be of one.
bool BodyChecker::SocketEnd(const ast::Argument& argument, bool to, StructValue& tuple,
                            TypeId& type) {
  const auto* pair = std::get_if<ast::Tuple>(&argument.value->node);
  if (!pair || pair->elements.size() != 2) {
    context_.diagnostics.Emit(diag::Error(Kind::kTypeMismatch, argument.value->span,
                                          "an end of a connection is an address and a port",
                                          "is no pair")
                                  .WithHint(std::string(kForm)));
    return false;
  }
  ExprPtr address = Check(*pair->elements[0], {});
  if (address->type == error_type()) return false;
  TypeKind kind = types_[address->type].kind;
  if (kind != TypeKind::kIpv4 && kind != TypeKind::kIpv6) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, address->span,
                    "a socket is looked for by an address of one family",
                    fmt::format("is {}", types_.Name(address->type)))
            .WithHint("here: one `if let` below `if ipv4 { … }`, and one below `if ipv6 { … }`"));
    return false;
  }
  TypeId wanted = types_.AddKernelStruct(*hooks::FindKernelStruct(
      kind == TypeKind::kIpv4 ? "bpf_sock_tuple_ipv4" : "bpf_sock_tuple_ipv6"));
  if (type != error_type() && type != wanted) {
    context_.diagnostics.Emit(diag::Error(Kind::kTypeMismatch, address->span,
                                          "both ends have addresses of one family",
                                          fmt::format("is {}", types_.Name(address->type))));
    return false;
  }
  type = wanted;
  TypeId port_type = types_.Simple(TypeKind::kPort);
  ExprPtr port = Coerce(Check(*pair->elements[1], port_type), port_type);
  if (port->type == error_type()) return false;
  tuple.fields[to ? kDaddr : kSaddr] = std::move(address);
  tuple.fields[to ? kDport : kSport] = std::move(port);
  return true;
}

ExprPtr BodyChecker::CheckFindSocket(const ast::Expr& expr, const ast::Call& node) {
  bool outermost = &expr == alone_;
  alone_ = nullptr;
  auto refuse = [&](Kind kind, Span span, std::string message) {
    context_.diagnostics.Emit(
        diag::Error(kind, span, std::move(message)).WithHint(std::string(kForm)));
    return Error(expr.span);
  };
  if (!block_) {
    return refuse(Kind::kWrongPlace, expr.span,
                  "sockets are looked for by hooks, not by functions");
  }
  const auto* word =
      node.arguments.empty() ? nullptr : std::get_if<ast::NameRef>(&node.arguments[0].value->node);
  bool tcp = word && word->text == "tcp", udp = word && word->text == "udp";
  if ((word && node.arguments[0].name) || (!tcp && !udp)) {
    return refuse(Kind::kWrongArguments, expr.span, "which sockets: `tcp` or `udp`?");
  }
  const hooks::Helper& helper = *hooks::FindHelper(tcp ? "bpf_sk_lookup_tcp" : "bpf_sk_lookup_udp");
  hooks::Access access = hooks::AccessHelper(block_->hook->id, helper, context_.program.floor);
  if (!access.allowed()) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kHelperUnavailable, node.callee->span,
                    fmt::format("{} can't look for sockets", block_->hook->name),
                    fmt::format("needs {}, which this program type may not call", helper.name))
            .WithLabel(block_->head,
                       fmt::format("this hook runs as {}", hooks::Name(block_->hook->prog_type)))
            .WithHint("available in: " + AvailableIn(helper)));
    return Error(expr.span);
  }
  StructValue tuple;
  tuple.fields.resize(kMembers);
  TypeId type{};
  bool has_to = false, has_from = false;
  for (size_t i = 1; i < node.arguments.size(); ++i) {
    const ast::Argument& argument = node.arguments[i];
    std::string name = argument.name ? argument.name->text : "";
    bool to = name == "to";
    bool& has = to ? has_to : has_from;
    if ((!to && name != "from") || has) {
      return refuse(Kind::kWrongArguments, argument.value->span,
                    "`find_socket` takes `to` and `from`, once each");
    }
    has = true;
    if (!SocketEnd(argument, to, tuple, type)) return Error(expr.span);
  }
  if (!has_to) return refuse(Kind::kWrongArguments, expr.span, "to which end?");
  HelperCall call{&helper, nullptr, {}, hooks::SignatureOf(helper, *access.call).object, false};
  auto add = [&](Pass pass, ExprPtr value, uint64_t bytes) {
    call.given.push_back({pass, std::move(value), false, false, {}, {}, bytes, {}});
  };
  TypeId u64 = types_.Unsigned(64);
  uint32_t bytes = types_.SizeOf(type);
  add(Pass::kContext, nullptr, 0);
  add(Pass::kMemory, MakeExpr(expr.span, type, std::move(tuple)), 0);
  add(Pass::kSize, nullptr, bytes);
  add(Pass::kScalar, MakeNumber(expr.span, u64, *hooks::FindConstant("BPF_F_CURRENT_NETNS")), 0);
  add(Pass::kScalar, MakeNumber(expr.span, u64, 0), 0);
  if (!outermost) {
    return refuse(Kind::kObjectEscapes, expr.span, "a socket that is found must be bound");
  }
  uint32_t index = static_cast<uint32_t>(call.gives - hooks::AllObjectKinds().data());
  TypeId object = types_.Intern({.kind = TypeKind::kObject, .decl = index});
  return MakeExpr(expr.span, types_.Of(TypeKind::kOptional, object), std::move(call));
}

void BodyChecker::AssignSocket(const ast::Statement& statement, const ast::Action& node,
                               Block& out) {
  Effect effect;
  effect.effect = EffectKind::kAssign;
  effect.row = hooks::FindEffect(block_->hook->id, "assign", "");
  if (!effect.row) {
    std::string available;
    for (const hooks::Effect& row : hooks::AllEffects()) {
      if (row.word != "assign") continue;
      for (hooks::HookId id : row.hooks) {
        available += (available.empty() ? "" : ", ") + std::string(hooks::Get(id).name);
      }
    }
    context_.diagnostics.Emit(
        diag::Error(Kind::kEffectUnavailable, node.word.span,
                    fmt::format("{} has no `assign`", block_->hook->name))
            .WithLabel(block_->head, fmt::format("this hook sees {}", block_->hook->summary))
            .WithHint("available in: " + available));
    return;
  }
  const LocalInfo* socket = node.arguments.size() == 1 ? AsObject(*node.arguments[0]) : nullptr;
  TypeId type = socket ? (*locals_)[static_cast<uint32_t>(socket->id)].type : error_type();
  if (!socket || !hooks::AllObjectKinds()[types_[type].decl].is_socket()) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kWrongArguments, statement.span, "`assign` takes a socket that was found")
            .WithHint("here: `if let s = find_socket(tcp, to: (ipv4.dst, 8080)) { assign s; }`"));
    return;
  }
  Under(statement, node.when, out, [&](Block& inner) {
    effect.arguments.push_back(MakeExpr(statement.span, type, LocalRef{socket->id}));
    if (node.otherwise) {
      effect.has_otherwise = true;
      Facts before = facts_;
      effect.otherwise = Statements(*node.otherwise);
      facts_ = Facts::Either(context_, before, facts_);
    }
    inner.push_back({statement.span, std::move(effect)});
  });
}

}  // namespace netc::sema
