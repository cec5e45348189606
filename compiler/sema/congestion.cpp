// `cc NAME { … }`: the members of a congestion control, and the words that they
// have for their connection.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/base/nearest.h"
#include "compiler/hooks/access.h"
#include "compiler/hooks/c_text.h"
#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;
using Of = ConnectionRead::Of;

namespace {

// Bytes of icsk_ca_priv (include/net/inet_connection_sock.h, ICSK_CA_PRIV_SIZE, 6.1 to 6.18).
constexpr uint32_t kPrivateBytes = 104;

TypeId TypeOfC(TypeTable& types, std::string_view type) {
  if (type == "void") return types.Simple(TypeKind::kUnit);
  if (type == "bool") return types.Simple(TypeKind::kBool);
  if (type == "u8") return types.Unsigned(8);
  if (type == "u16") return types.Unsigned(16);
  if (type == "int" || type == "s32") return types.Integer(32, true);
  if (type == "long") return types.Integer(64, true);
  if (type == "u64" || type == "unsigned long") return types.Unsigned(64);
  return types.Unsigned(32);
}

// Those behind the connection.
std::vector<hooks::CParameter> ParametersOf(const hooks::CcMember& member) {
  std::vector<hooks::CParameter> parameters = hooks::SplitParameters(member.parameters);
  parameters.erase(parameters.begin());
  return parameters;
}

std::string_view Word(const hooks::CcMember& member) {
  return hooks::Get(member.hook).name.substr(3);  // behind "cc."
}

class ControlDefiner {
 public:
  ControlDefiner(Context& context, uint32_t index)
      : context_(context), node_(*context.control_asts[index]), index_(index) {}

  void Define() {
    if (node_.name.text.size() > hooks::kCcNameBytes) {
      Error(Kind::kBadLiteral, node_.name.span,
            fmt::format("the name of a congestion control has at most {} letters",
                        hooks::kCcNameBytes));
    }
    for (const ast::Attribute& attribute : node_.attributes) {
      Error(Kind::kBadAttribute, attribute.name.span, "a congestion control has no attributes");
    }
    for (const ast::CongestionControl::Storage& storage : node_.storage) Storage(storage);
    size_t function = 0;
    for (size_t i = 0; i < context_.program.hooks.size(); ++i) {
      bool mine = context_.program.hooks[i].control == index_;
      if (mine) Name(context_.program.hooks[i], node_.functions[function++]);
    }
    Needs();
    AddInit();
    function = 0;
    for (size_t i = 0; i < context_.program.hooks.size() && function < node_.functions.size();
         ++i) {
      HookBlock& block = context_.program.hooks[i];
      if (block.control != index_) continue;
      const ast::CongestionControl::Function& ast = node_.functions[function++];
      if (block.member) Body(block, ast);
    }
  }

 private:
  void Error(Kind kind, Span span, std::string text, std::string hint = {}) {
    auto error = diag::Error(kind, span, std::move(text));
    if (!hint.empty()) error.WithHint(std::move(hint));
    context_.diagnostics.Emit(std::move(error));
  }
  Control& control() { return context_.program.controls[index_]; }

  void Storage(const ast::CongestionControl::Storage& storage) {
    TypeTable& types = context_.program.types;
    if (storage.scope.text != "connection" || control().private_type != TypeId{}) {
      Error(Kind::kWrongPlace, storage.scope.span,
            "a congestion control keeps state `per connection`, once");
      return;
    }
    StructDecl decl;
    decl.name = control().name + "_private";
    for (const ast::Field& field : storage.fields) {
      TypeId type = ResolveType(context_, 0, field.type);
      bool plain = types.IsNumber(type) || types[type].kind == TypeKind::kBool;
      if (type == TypeId{}) return;
      if (!plain) {
        Error(Kind::kTypeMismatch, field.type.span,
              fmt::format("a connection keeps numbers, not {}", types.Name(type)));
        return;
      }
      bool twice = std::any_of(decl.fields.begin(), decl.fields.end(),
                               [&](const StructField& f) { return f.name == field.name.text; });
      if (twice || hooks::FindCcField(field.name.text)) {
        Error(Kind::kDuplicateName, field.name.span,
              twice ? fmt::format("`{}` is declared twice", field.name.text)
                    : fmt::format("`{}` is a word of every connection", field.name.text));
        return;
      }
      BodyChecker checker(context_, 0, nullptr);
      control().initial.push_back(field.initial ? checker.ConstantOf(*field.initial, type)
                                                : nullptr);
      decl.fields.push_back({field.name.text, type, 0});
    }
    TypeId type = types.AddStruct(std::move(decl));
    if (types.SizeOf(type) > kPrivateBytes) {
      Error(Kind::kTooMany, storage.scope.span,
            fmt::format("the kernel keeps {} bytes for each connection, and these are {}",
                        kPrivateBytes, types.SizeOf(type)),
            "here: keep the rest in an lru");
      return;
    }
    control().private_type = type;
  }

  void Name(HookBlock& block, const ast::CongestionControl::Function& ast) {
    std::vector<std::string> known;
    const hooks::CcMember* found = nullptr;
    for (const hooks::CcMember& member : hooks::AllCcMembers()) {
      known.emplace_back(Word(member));
      if (Word(member) == ast.name.text) found = &member;
    }
    if (!found) {
      context_.diagnostics.Emit(Unknown(Kind::kUnknownName, ast.name.span,
                                        "member of a congestion control", ast.name.text, known)
                                    .WithHint("members: " + AnyOf(known)));
      return;
    }
    for (const HookBlock& other : context_.program.hooks) {
      if (other.control == index_ && other.member == found) {
        context_.diagnostics.Emit(diag::Error(Kind::kDuplicateName, ast.name.span,
                                              fmt::format("`{}` is given twice", ast.name.text))
                                      .WithLabel(other.head, "was given here"));
      }
    }
    block.hook = &hooks::Get(found->hook);
    block.member = found;
  }

  bool Has(std::string_view name) const {
    return std::any_of(
        context_.program.hooks.begin(), context_.program.hooks.end(), [&](const HookBlock& block) {
          return block.control == index_ && block.member && block.member->name == name;
        });
  }

  void Needs() {
    for (const hooks::CcMember& member : hooks::AllCcMembers()) {
      if (member.need != hooks::CcNeed::kAlways || Has(member.name)) continue;
      Error(Kind::kMissingField, node_.name.span,
            fmt::format("congestion control `{}` lacks `{}`, which the kernel asks for",
                        control().name, Word(member)),
            fmt::format("here: `{0}() -> u32 {{ return tcp_reno_{0}(); }}`", Word(member)));
    }
    if (Has("cong_avoid") || Has("cong_control")) return;
    Error(
        Kind::kMissingField, node_.name.span,
        fmt::format("congestion control `{}` needs `cong_avoid` or `cong_control`", control().name),
        "here: `cong_avoid(ack, acked) { tcp_reno_cong_avoid(ack, acked); }`");
  }

  // What state begins with is set by `init`; the kernel clears it before.
  void AddInit() {
    bool starts = std::any_of(control().initial.begin(), control().initial.end(),
                              [](const ExprPtr& value) { return value != nullptr; });
    if (!starts || Has("init")) return;
    HookBlock block;
    block.name = control().name;
    block.span = block.head = control().span;
    block.control = index_;
    block.hook = hooks::FindHook("cc.init");
    block.member = hooks::FindCcMember(block.hook->id);
    block.result = context_.program.types.Simple(TypeKind::kUnit);
    context_.hook_asts.push_back(nullptr);
    context_.program.hooks.push_back(std::move(block));
  }

  void Body(HookBlock& block, const ast::CongestionControl::Function& ast) {
    TypeTable& types = context_.program.types;
    block.result = TypeOfC(types, block.member->result);
    TypeId written =
        ast.result ? ResolveType(context_, 0, *ast.result) : types.Simple(TypeKind::kUnit);
    if (written != block.result) {
      bool nothing = types[block.result].kind == TypeKind::kUnit;
      Error(Kind::kTypeMismatch, ast.result ? ast.result->span : ast.name.span,
            nothing ? fmt::format("`{}` returns nothing", ast.name.text)
                    : fmt::format("`{}` returns {}", ast.name.text, types.Name(block.result)),
            nothing ? ""
                    : fmt::format("here: `{}(…) -> {}`", ast.name.text, types.Name(block.result)));
    }
    // Before 6.10 cong_control was given only the sample.
    if (!block.member->parameters_before_6_10.empty() &&
        context_.program.floor < hooks::KernelVersion{6, 10}) {
      Error(Kind::kKernelTooOld, ast.name.span,
            fmt::format("`{}` has other arguments before Linux 6.10", ast.name.text),
            "here: state the floor in the pipeline: `kernel 6.10;`");
    }
    std::vector<hooks::CParameter> known = ParametersOf(*block.member);
    std::vector<std::string> names;
    for (const ast::Parameter& parameter : ast.parameters) names.push_back(parameter.name.text);
    if (names.size() > known.size()) {
      Error(Kind::kWrongArguments, ast.parameters[known.size()].name.span,
            fmt::format("`{}` is given {} argument{}", ast.name.text, known.size(),
                        known.size() == 1 ? "" : "s"));
    }
    Function function{ast.name.text, ast.name.span, {}, block.result, {}, {}};
    BodyChecker checker(context_, 0, &block.locals);
    checker.EnterHook(&block);
    checker.EnterFunction(&function);
    checker.EnterMember(&control(), std::move(names));
    block.body = checker.Statements(ast.body);
    bool returns = types[block.result].kind == TypeKind::kUnit || checker.facts().unreachable();
    if (!returns) {
      Error(Kind::kMissingField, ast.name.span,
            fmt::format("`{}` can end without `return`", ast.name.text));
    }
  }

  Context& context_;
  const ast::CongestionControl& node_;
  uint32_t index_;
};

std::optional<uint32_t> PrivateField(const TypeTable& types, const Control& control,
                                     std::string_view name) {
  if (control.private_type == TypeId{}) return std::nullopt;
  const auto& fields = types.struct_of(control.private_type).fields;
  for (uint32_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == name) return i;
  }
  return std::nullopt;
}

}  // namespace

ExprPtr BodyChecker::MemberWord(Span span, const std::string& word) {
  size_t dot = word.find('.');
  std::string first = word.substr(0, dot);
  auto parameter = std::find(parameters_.begin(), parameters_.end(), first);
  if (parameter != parameters_.end()) {
    uint32_t index = static_cast<uint32_t>(parameter - parameters_.begin());
    std::string_view type = ParametersOf(*block_->member)[index].type;
    std::string_view sample = hooks::PointedStruct(type);
    if (sample.empty() && dot == std::string::npos) {
      return MakeExpr(span, TypeOfC(types_, type), ConnectionRead{Of::kParameter, index});
    }
    std::vector<std::string> known;
    auto all = hooks::AllCcSampleFields();
    for (uint32_t i = 0; i < all.size() && !sample.empty(); ++i) {
      if (all[i].type != sample) continue;
      known.emplace_back(all[i].word);
      if (dot == std::string::npos || word.substr(dot + 1) != all[i].word) continue;
      return MakeExpr(span, TypeOfC(types_, all[i].c_type), ConnectionRead{Of::kSample, index, i});
    }
    if (dot == std::string::npos) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kNotAValue, span, fmt::format("`{}` is read by its fields", first))
              .WithHint("fields: " + AnyOf(known)));
    } else {
      for (std::string& field : known) field = first + "." + field;
      context_.diagnostics.Emit(
          Unknown(Kind::kUnknownField, span, "field of " + first, word, known));
    }
    return Error(span);
  }
  if (auto field = PrivateField(types_, *control_, word)) {
    TypeId type = types_.struct_of(control_->private_type).fields[*field].type;
    return MakeExpr(span, type, ConnectionRead{Of::kPrivate, *field});
  }
  const hooks::CcField* field = hooks::FindCcField(word);
  if (!field) return nullptr;
  uint32_t index = static_cast<uint32_t>(field - hooks::AllCcFields().data());
  return MakeExpr(span, TypeOfC(types_, field->c_type), ConnectionRead{Of::kField, index});
}

// A function of the kernel; the connection is put in where it takes one.
ExprPtr BodyChecker::KernelCall(const ast::Expr& expr, const ast::Call& node,
                                const std::string& name) {
  const hooks::Kfunc* kfunc = hooks::FindKfunc(name);
  hooks::Access access = hooks::AccessKfunc(block_->hook->id, *kfunc, context_.program.floor);
  if (!access.allowed()) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kFieldAccess, node.callee->span,
                    fmt::format("`{}` can't be called in {}", name, block_->hook->name)));
    return Error(expr.span);
  }
  KfuncCall call{kfunc, {}};
  size_t given = 0, wanted = 0;
  for (const hooks::CParameter& parameter : hooks::SplitParameters(kfunc->parameters))
    wanted += !hooks::IsConnection(parameter.type);
  if (node.arguments.size() != wanted) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kWrongArguments, expr.span,
                    fmt::format("`{}` takes {} argument{} beside the connection, not {}", name,
                                wanted, wanted == 1 ? "" : "s", node.arguments.size()))
            .WithHint(fmt::format("in C: {} {}({})", kfunc->result, name, kfunc->parameters)));
    return Error(expr.span);
  }
  for (const hooks::CParameter& parameter : hooks::SplitParameters(kfunc->parameters)) {
    if (hooks::IsConnection(parameter.type)) continue;
    const ast::Expr& argument = *node.arguments[given++].value;
    if (!hooks::PointedStruct(parameter.type).empty()) {
      // The member's own sample, handed on.
      const auto* own = std::get_if<ast::NameRef>(&argument.node);
      auto found =
          own ? std::find(parameters_.begin(), parameters_.end(), own->text) : parameters_.end();
      uint32_t index = static_cast<uint32_t>(found - parameters_.begin());
      bool same =
          found != parameters_.end() && ParametersOf(*block_->member)[index].type == parameter.type;
      if (!same) {
        context_.diagnostics.Emit(diag::Error(
            Kind::kTypeMismatch, argument.span,
            fmt::format("this must be the member's own {}", hooks::PointedStruct(parameter.type))));
        return Error(expr.span);
      }
      call.arguments.push_back(
          MakeExpr(argument.span, types_.Unsigned(64), ConnectionRead{Of::kParameter, index}));
      continue;
    }
    TypeId type = TypeOfC(types_, parameter.type);
    ExprPtr value = Coerce(Check(argument, type), type);
    if (value->type == error_type()) return value;
    call.arguments.push_back(std::move(value));
  }
  return MakeExpr(expr.span, TypeOfC(types_, kfunc->result), std::move(call));
}

bool BodyChecker::AssignMemberWord(const ast::Statement& statement, const ast::Assign& node,
                                   Block& out) {
  const auto* name = std::get_if<ast::NameRef>(&node.target->node);
  ExprPtr current = name ? MemberWord(node.target->span, name->text) : nullptr;
  const auto* place = current ? std::get_if<ConnectionRead>(&current->node) : nullptr;
  const hooks::CcField* field =
      place && place->of == Of::kField ? &hooks::AllCcFields()[place->index] : nullptr;
  bool writable = place && (place->of == Of::kPrivate ||
                            (field && field->writable_since != hooks::KernelVersion{}));
  if (!writable) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kNotAssignable, node.target->span,
                    field ? fmt::format("a congestion control can only read `{}`", name->text)
                          : "this can't be assigned to"));
    return true;
  }
  if (field && field->writable_since > context_.program.floor) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kKernelTooOld, node.target->span,
                    fmt::format("`{}` can be written since Linux {}.{}", name->text,
                                field->writable_since.major, field->writable_since.minor),
                    fmt::format("this pipeline is for {}.{} and newer",
                                context_.program.floor.major, context_.program.floor.minor))
            .WithHint(fmt::format("here: state the floor in the pipeline: `kernel {}.{};`",
                                  field->writable_since.major, field->writable_since.minor)));
    return true;
  }
  AssignConnection checked{*place, nullptr};
  TypeId type = current->type;
  checked.value = Coerce(Check(*node.value, type), type);
  if (checked.value->type == error_type()) return true;
  if (node.op) {
    auto op = static_cast<BinaryOp>(static_cast<int>(*node.op));
    checked.value =
        MakeExpr(node.value->span, type, Binary{op, std::move(current), std::move(checked.value)});
  }
  out.push_back({statement.span, std::move(checked)});
  return true;
}

void DefineControls(Context& context) {
  for (uint32_t i = 0; i < context.control_asts.size(); ++i) ControlDefiner(context, i).Define();
}

}  // namespace netc::sema
