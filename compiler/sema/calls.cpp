// Calls: built-in functions, the pipeline's own, and kernel functions.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/hooks/c_text.h"
#include "compiler/sema/body.h"
#include "compiler/sema/reach.h"

namespace netc::sema {

using diag::Kind;

namespace {

struct BuiltinRow {
  std::string_view name;
  Builtin builtin;
  uint32_t least, most;
};
constexpr BuiltinRow kBuiltins[] = {
    {"now", Builtin::kNow, 0, 0},   {"random", Builtin::kRandom, 0, 0},
    {"cpu", Builtin::kCpu, 0, 0},   {"numa_node", Builtin::kNumaNode, 0, 0},
    {"hash", Builtin::kHash, 1, 1}, {"mul_div", Builtin::kMulDiv, 3, 3},
    {"min", Builtin::kMin, 2, 2},   {"max", Builtin::kMax, 2, 2},
    {"abs", Builtin::kAbs, 1, 1},
};

const BuiltinRow* FindBuiltin(std::string_view name) {
  for (const BuiltinRow& row : kBuiltins) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace

ExprPtr BodyChecker::CheckBuiltin(const ast::Expr& expr, const ast::Call& node,
                                  const std::string& name) {
  const BuiltinRow& row = *FindBuiltin(name);
  if (node.arguments.size() != row.least) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kWrongArguments, expr.span,
                    fmt::format("`{}` takes {} argument{}, not {}", name, row.least,
                                row.least == 1 ? "" : "s", node.arguments.size())));
    return Error(expr.span);
  }
  TypeId type = types_.Unsigned(32);
  if (row.builtin == Builtin::kNow) type = types_.Simple(TypeKind::kTime);
  BuiltinCall call{row.builtin, {}};
  TypeId same{};
  for (const ast::Argument& argument : node.arguments) {
    ExprPtr value = Check(*argument.value, same);
    if (value->type == error_type()) return value;
    bool literal = types_[value->type].kind == TypeKind::kLiteral;
    if (row.builtin == Builtin::kMulDiv) value = Coerce(std::move(value), types_.Unsigned(64));
    if (value->type == error_type()) return value;
    bool compares = row.builtin == Builtin::kMin || row.builtin == Builtin::kMax ||
                    row.builtin == Builtin::kAbs;
    if (compares && !types_.IsNumber(value->type)) {
      context_.diagnostics.Emit(diag::Error(
          Kind::kTypeMismatch, value->span,
          fmt::format("`{}` compares numbers, not {}", name, types_.Name(value->type))));
      return Error(expr.span);
    }
    if (compares && !literal) same = value->type;
    call.arguments.push_back(std::move(value));
  }
  if (row.builtin == Builtin::kMulDiv) type = types_.Unsigned(64);
  if (row.builtin == Builtin::kMin || row.builtin == Builtin::kMax ||
      row.builtin == Builtin::kAbs) {
    type = same == error_type() ? types_.Unsigned(64) : same;
    for (ExprPtr& argument : call.arguments) {
      argument = Coerce(std::move(argument), type);
      if (argument->type == error_type()) return std::move(argument);
    }
  }
  return MakeExpr(expr.span, type, std::move(call));
}

ExprPtr BodyChecker::CheckFunctionCall(const ast::Expr& expr, const ast::Call& node,
                                       uint32_t index) {
  const Function& function = context_.program.functions[index];
  if (node.arguments.size() != function.parameters.size()) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kWrongArguments, expr.span,
                    fmt::format("`{}` takes {} argument{}, not {}", function.name,
                                function.parameters.size(),
                                function.parameters.size() == 1 ? "" : "s", node.arguments.size()))
            .WithLabel(function.span, "is declared here"));
    return Error(expr.span);
  }
  if (function_ && !control_) {
    size_t caller = static_cast<size_t>(function_ - context_.program.functions.data());
    context_.calls[caller].push_back(index);
  }
  if (!CanBeCalled(expr.span, index)) return Error(expr.span);
  FunctionCall call{FunctionId{index}, {}};
  for (size_t i = 0; i < node.arguments.size(); ++i) {
    LocalId parameter = function.parameters[i];
    TypeId type = function.locals[static_cast<uint32_t>(parameter)].type;
    ExprPtr value = Coerce(Check(*node.arguments[i].value, type), type);
    if (value->type == error_type()) return value;
    call.arguments.push_back(std::move(value));
  }
  return MakeExpr(expr.span, function.result, std::move(call));
}

// What a function does by itself or through others, the hook that calls it must allow: that
// packets change, and that headers are there which it takes for granted.
bool BodyChecker::CanBeCalled(Span span, uint32_t function) {
  if (!block_) return true;
  std::set<uint32_t> seen{function};
  std::vector<uint32_t> work{function};
  while (!work.empty()) {
    uint32_t current = work.back();
    work.pop_back();
    const Context::Needed& needed = context_.needs[current];
    if (needed.assigned && !CanChangePackets()) {
      context_.diagnostics.Emit(
          PacketsAreKept(span).WithLabel(*needed.assigned, "is assigned by this call"));
      return false;
    }
    if (auto granted = needed.granted.find(block_->hook->packet.start);
        granted != needed.granted.end()) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kNoPacket, span,
                      fmt::format("{} sees packets without a header that `{}` takes to be there",
                                  block_->hook->name, context_.program.functions[current].name))
              .WithLabel(granted->second, "is certain only where packets have their lower headers")
              .WithLabel(block_->head, fmt::format("this hook sees {}", block_->hook->summary))
              .WithHint("here: let the function test the header itself, by its name"));
      return false;
    }
    for (uint32_t callee : context_.calls[current]) {
      if (seen.insert(callee).second) work.push_back(callee);
    }
  }
  return true;
}

ExprPtr BodyChecker::CheckCall(const ast::Expr& expr, const ast::Call& node, TypeId /*expected*/) {
  if (const CFunction* function = CalledC(node)) return CheckCCall(expr, node, *function);
  if (const auto* member = std::get_if<ast::Member>(&node.callee->node)) {
    if (auto state = AsState(*member->object)) {
      return CheckStateMethod(expr, node, *state, member->name);
    }
    if (AsSocketValue(expr)) return SocketOptionWord(expr);
    if (ExprPtr payload = PayloadCall(expr, node, *member)) return payload;
    const auto* object = std::get_if<ast::NameRef>(&member->object->node);
    const Symbol* module = object ? context_.symbols.Find(file_, object->text) : nullptr;
    if (module && module->kind == SymbolKind::kModule) {
      const Symbol* found = context_.symbols.Find(module->index, member->name.text);
      if (found && found->kind == SymbolKind::kFunction) {
        return CheckFunctionCall(expr, node, found->index);
      }
    }
  }
  if (const auto* name = std::get_if<ast::NameRef>(&node.callee->node)) {
    const Symbol* symbol = context_.symbols.Find(file_, name->text);
    if (symbol && symbol->kind == SymbolKind::kFunction) {
      return CheckFunctionCall(expr, node, symbol->index);
    }
    if (!symbol && FindBuiltin(name->text)) return CheckBuiltin(expr, node, name->text);
    const hooks::Kfunc* kfunc = control_ ? hooks::FindKfunc(name->text) : nullptr;
    if (kfunc && hooks::TakesConnection(kfunc->parameters))
      return KernelCall(expr, node, name->text);
    if (!symbol && IsKernelCall(expr)) return CheckKernelCall(expr, node, name->text);
    if (!symbol && name->text == "find_socket") return CheckFindSocket(expr, node);
    std::vector<std::string> known;
    for (const BuiltinRow& row : kBuiltins) known.emplace_back(row.name);
    for (const Function& function : context_.program.functions) known.push_back(function.name);
    context_.diagnostics.Emit(
        Unknown(Kind::kUnknownName, node.callee->span, "function", name->text, known));
    return Error(expr.span);
  }
  context_.diagnostics.Emit(
      diag::Error(Kind::kNotAValue, node.callee->span, "only functions can be called"));
  return Error(expr.span);
}

// `payload.u8(n)`, `payload.u16(n)`, …: bytes behind the innermost header, or with `inner.`
// before it of the packet inside.
ExprPtr BodyChecker::PayloadCall(const ast::Expr& expr, const ast::Call& node,
                                 const ast::Member& member) {
  const auto* object = std::get_if<ast::NameRef>(&member.object->node);
  const auto* inside = std::get_if<ast::Member>(&member.object->node);
  const auto* inner = inside ? std::get_if<ast::NameRef>(&inside->object->node) : nullptr;
  bool of_inner = inner && inner->text == "inner" && inside->name.text == "payload";
  if (!of_inner && (!object || object->text != "payload" || FindLocal("payload"))) return nullptr;
  Scope scope = of_inner ? Scope::kInner : Scope::kOuter;
  uint32_t bits = 0;
  for (uint32_t width : {8u, 16u, 32u, 64u}) {
    if (member.name.text == fmt::format("u{}", width)) bits = width;
  }
  if (bits == 0) {
    context_.diagnostics.Emit(diag::Error(Kind::kUnknownName, member.name.span,
                                          fmt::format("payload has no `{}`", member.name.text))
                                  .WithHint("here: `payload.u8(offset)`, u16, u32 or u64"));
    return Error(expr.span);
  }
  if (node.arguments.size() != 1) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kWrongArguments, expr.span, "a payload read takes its offset in bytes"));
    return Error(expr.span);
  }
  auto after = PayloadHeader(expr.span, scope);
  if (!after) return Error(expr.span);
  TypeId u32 = types_.Unsigned(32);
  ExprPtr offset = Coerce(Check(*node.arguments[0].value, u32), u32);
  if (offset->type == error_type()) return offset;
  TypeId type = types_.Unsigned(bits);
  ExprPtr read = MakeExpr(expr.span, types_.Of(TypeKind::kOptional, type),
                          PayloadRead{bits, *after, std::move(offset)});
  if (!pending_ || !locals_) return read;
  LocalId local = AddLocal({"", expr.span}, type);
  pending_->optionals.emplace_back(local, std::move(read));
  return MakeExpr(expr.span, type, LocalRef{local});
}

// The header that the payload stands behind: the innermost that is known to be
// present and that nothing known stands on.
std::optional<HeaderRef> BodyChecker::PayloadHeader(Span span, Scope scope) {
  std::optional<HeaderRef> best;
  Facts known = facts_;
  if (pending_) {
    for (HeaderRef header : pending_->headers) known.Add(header);
  }
  for (uint32_t i = 0; i < context_.program.headers.size(); ++i) {
    HeaderRef candidate{HeaderId{i}, scope};
    if (context_.header(candidate.header).option_of) continue;  // it is no layer
    if (!known.Has(context_, candidate)) continue;
    // UDP implies only some IP header, but stands behind the one that is known.
    bool inside = best && (Implies(context_, candidate, *best) ||
                           (LeadsTo(context_.program, *best, candidate) &&
                            !LeadsTo(context_.program, candidate, *best)));
    if (!best || inside) best = candidate;
  }
  // Behind it may be one of several, and then the payload is not what follows `best`.
  for (ViewRef view : known.views()) {
    const auto& headers = context_.views[view.view].alternatives;
    bool undecided = best && view.scope == scope && !Implies(context_, *best, view) &&
                     std::none_of(headers.begin(), headers.end(), [&](HeaderId id) {
                       return known.Has(context_, HeaderRef{id, scope});
                     });
    if (undecided) best.reset();
  }
  if (best) return best;
  context_.diagnostics.Emit(
      diag::Error(Kind::kMaybeAbsent, span, "which header's payload is this?",
                  "no header is known to be present here")
          .WithHint(scope == Scope::kInner
                        ? "here: test the header before, as in `inner.ipv4 and "
                          "inner.payload.u16(0) == 80`"
                        : "here: test the header before, as in `udp and payload.u8(0) == 1`"));
  return std::nullopt;
}

}  // namespace netc::sema
