#include "compiler/sema/test_world.h"

#include <fmt/format.h>

namespace netc::sema {

using diag::Kind;

namespace {

const std::string* WordOf(const ast::Expr& expr) {
  const auto* name = std::get_if<ast::NameRef>(&expr.node);
  return name ? &name->text : nullptr;
}

class WorldReader {
 public:
  WorldReader(Context& context, BodyChecker& checker, const ast::Expr& written,
              const ast::Call& call)
      : context_(context),
        types_(context.program.types),
        checker_(checker),
        written_(written),
        call_(call) {}

  std::optional<World> Route() {
    if (call_.arguments.empty() || call_.arguments[0].name) return Wrong(kRouteForm);
    const ast::Expr& to = *call_.arguments[0].value;
    ExprPtr prefix = checker_.ConstantOf(to, {});
    if (!prefix) return std::nullopt;
    if (types_[prefix->type].kind != TypeKind::kPrefix) return Wrong(kRouteForm);
    bool six = types_[types_[prefix->type].element].kind == TypeKind::kIpv6;
    object::AddRoute route;
    const Constant& constant = *AsConstant(*prefix);
    route.address.assign(constant.bytes.begin(), constant.bytes.begin() + (six ? 16 : 4));
    route.length = static_cast<uint32_t>(constant.number);
    for (size_t i = 1; i < call_.arguments.size(); ++i) {
      const ast::Argument& argument = call_.arguments[i];
      bool via = argument.name && argument.name->text == "via";
      bool mac = argument.name && argument.name->text == "mac";
      if (!via && !mac) return Wrong(kRouteForm);
      TypeId type = types_.Simple(mac ? TypeKind::kMac : six ? TypeKind::kIpv6 : TypeKind::kIpv4);
      auto bytes = Bytes(*argument.value, type);
      if (!bytes) return std::nullopt;
      (via ? route.via : route.mac) = std::move(*bytes);
    }
    if (!route.mac.empty() && route.via.empty()) return Wrong(kRouteForm);
    return route;
  }

  std::optional<World> Listener() {
    if (call_.arguments.size() != 3) return Wrong(kListenerForm);
    const std::string* protocol = WordOf(*call_.arguments[0].value);
    bool known = protocol && (*protocol == "tcp" || *protocol == "udp");
    if (!known) return Wrong(kListenerForm);
    ExprPtr address = checker_.ConstantOf(*call_.arguments[1].value, {});
    if (!address) return std::nullopt;
    TypeKind kind = types_[address->type].kind;
    if (kind != TypeKind::kIpv4 && kind != TypeKind::kIpv6) return Wrong(kListenerForm);
    ExprPtr port = checker_.ConstantOf(*call_.arguments[2].value, types_.Simple(TypeKind::kPort));
    if (!port) return std::nullopt;
    object::AddListener listener;
    listener.tcp = *protocol == "tcp";
    const Constant& constant = *AsConstant(*address);
    listener.address.assign(constant.bytes.begin(),
                            constant.bytes.begin() + (kind == TypeKind::kIpv6 ? 16 : 4));
    listener.port = static_cast<uint16_t>(AsConstant(*port)->number);
    return listener;
  }

 private:
  static constexpr const char* kRouteForm =
      "`given route(10.0.0.0/8, via: 192.0.2.1, mac: 02:00:00:00:00:01);`";
  static constexpr const char* kListenerForm = "`given listener(tcp, 192.0.2.1, 80);`";

  std::optional<World> Wrong(const char* form) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kWrongArguments, written_.span, "this says nothing of the test's world")
            .WithHint(fmt::format("here: {}", form)));
    return std::nullopt;
  }

  std::optional<object::Bytes> Bytes(const ast::Expr& expr, TypeId type) {
    ExprPtr value = checker_.ConstantOf(expr, type);
    if (!value) return std::nullopt;
    return ConstantBytes(types_, *value);
  }

  Context& context_;
  TypeTable& types_;
  BodyChecker& checker_;
  const ast::Expr& written_;
  const ast::Call& call_;
};

}  // namespace

std::optional<World> WorldOf(Context& context, BodyChecker& checker, const ast::Expr& written) {
  const auto* call = std::get_if<ast::Call>(&written.node);
  const std::string* word = call ? WordOf(*call->callee) : nullptr;
  if (word && *word == "route") return WorldReader(context, checker, written, *call).Route();
  if (word && *word == "listener") return WorldReader(context, checker, written, *call).Listener();
  context.diagnostics.Emit(
      diag::Error(Kind::kNotAssignable, written.span, "a test can't give this")
          .WithHint(
              "here: `now = 5s`, `random = 4`, `cpu = 1`, `PARAMETER = value`, `route(…)`, or "
              "`listener(…)`"));
  return std::nullopt;
}

std::optional<object::ExpectFault> FaultOf(Context& context, BodyChecker& checker,
                                           const ast::Compare& compare) {
  const auto* call = std::get_if<ast::Call>(&compare.left->node);
  const std::string* word = call ? WordOf(*call->callee) : nullptr;
  if (!word || *word != "fault" || call->arguments.size() != 1) return std::nullopt;
  const auto* text = std::get_if<ast::Literal>(&call->arguments[0].value->node);
  if (!text || text->kind != ast::LiteralKind::kString) return std::nullopt;
  ExprPtr count = checker.ConstantOf(*compare.right, context.program.types.Unsigned(64));
  if (!count) return std::nullopt;
  return object::ExpectFault{text->text, AsConstant(*count)->number};
}

}  // namespace netc::sema
