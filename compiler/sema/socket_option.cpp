// What cgroup.setsockopt and cgroup.getsockopt see: which option, and the bytes of its
// value, which are numbers in the machine's own byte order.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/hooks/verdict_notes.h"
#include "compiler/hooks/word_plan.h"
#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;

namespace {

// The kernel hands at most one page of a value to programs (kernel/bpf/cgroup.c, 6.18).
constexpr uint64_t kMostBytes = 4096;

const hooks::Field* FindMember(const hooks::Hook& hook, std::string_view name) {
  for (const hooks::Field& field : hook.fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

}  // namespace

bool BodyChecker::SeesOptions() const {
  return block_ && block_->hook->packet.start == hooks::PacketStart::kOption;
}

// An enum whose members are the options' names: level above, number below.
TypeId BodyChecker::OptionType() {
  if (context_.option_type != TypeId{}) return context_.option_type;
  EnumDecl decl;
  decl.name = "socket_option";
  decl.bits = 64;
  for (const hooks::OptionName& row : hooks::AllOptionNames()) {
    uint64_t level = static_cast<uint32_t>(row.level), number = static_cast<uint32_t>(row.number);
    decl.members.push_back({std::string(row.name), level << 32 | number});
  }
  return context_.option_type = types_.AddEnum(std::move(decl));
}

ExprPtr BodyChecker::OptionMember(Span span, std::string_view name) {
  const hooks::Field* field = FindMember(*block_->hook, name);
  auto index = static_cast<uint32_t>(field - block_->hook->fields.data());
  return MakeExpr(span, types_.Unsigned(32), ContextField{index});
}

ExprPtr BodyChecker::OptionValue(Span span) {
  TypeId u64 = types_.Unsigned(64);
  ExprPtr level = MakeExpr(span, u64, Convert{OptionMember(span, "level")});
  ExprPtr number = MakeExpr(span, u64, Convert{OptionMember(span, "optname")});
  level =
      MakeExpr(span, u64,
               Binary{BinaryOp::kShl, std::move(level), MakeNumber(span, types_.Unsigned(32), 32)});
  ExprPtr both = MakeExpr(span, u64, Binary{BinaryOp::kOr, std::move(level), std::move(number)});
  return MakeExpr(span, OptionType(), Convert{std::move(both)});
}

// `value.u32` or `value.u32(4)`: where, and how many bits.
std::optional<BodyChecker::ValuePlace> BodyChecker::AsSocketValue(const ast::Expr& expr) {
  const auto* call = std::get_if<ast::Call>(&expr.node);
  const auto* member = std::get_if<ast::Member>(call ? &call->callee->node : &expr.node);
  const auto* object = member ? std::get_if<ast::NameRef>(&member->object->node) : nullptr;
  if (!SeesOptions() || !object || object->text != "value") return std::nullopt;
  for (uint32_t bits : {8u, 16u, 32u, 64u}) {
    if (member->name.text != fmt::format("u{}", bits)) continue;
    ValuePlace place{0, bits};
    if (!call) return place;
    if (call->arguments.size() != 1) {
      context_.diagnostics.Emit(diag::Error(Kind::kWrongArguments, expr.span,
                                            "a part of a value is read at its offset in bytes"));
      place.bits = 0;
      return place;
    }
    ExprPtr offset = ConstantOf(*call->arguments[0].value, types_.Unsigned(32));
    if (!offset) {
      place.bits = 0;
      return place;
    }
    uint64_t at = AsConstant(*offset)->number;
    if (at + bits / 8 > kMostBytes) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kTooMany, offset->span,
                      fmt::format("programs see the first {} bytes of a value", kMostBytes)));
      place.bits = 0;
    }
    place.offset = static_cast<uint32_t>(at);
    return place;
  }
  return std::nullopt;
}

ExprPtr BodyChecker::SocketValue(Span span, ValuePlace place) {
  if (place.bits == 0) return Error(span);
  TypeId type = types_.Unsigned(place.bits);
  ExprPtr read =
      MakeExpr(span, types_.Of(TypeKind::kOptional, type), ValueRead{place.offset, place.bits});
  if (!pending_ || !locals_) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kMaybeAbsent, span, "the value may be shorter than that",
                    "may have no value")
            .WithHint(fmt::format("here: `if let x = {} {{ … }}`", context_.sources.Text(span))));
    return Error(span);
  }
  LocalId local = AddLocal({"", span}, type);
  pending_->optionals.emplace_back(local, std::move(read));
  return MakeExpr(span, type, LocalRef{local});
}

// `option`, `value.length`, `value.u32`; null if it is none of them.
ExprPtr BodyChecker::SocketOptionWord(const ast::Expr& expr) {
  if (!SeesOptions()) return nullptr;
  if (auto place = AsSocketValue(expr)) return SocketValue(expr.span, *place);
  auto word = DottedWord(expr);
  if (word == "option") return OptionValue(expr.span);
  if (word == "level") return OptionMember(expr.span, "level");
  if (word == "value.length") return OptionMember(expr.span, "optlen");
  if (!word || (*word != "value" && !word->starts_with("value."))) return nullptr;
  context_.diagnostics.Emit(
      Unknown(Kind::kUnknownName, expr.span, fmt::format("word of {}", block_->hook->name), *word,
              {"value.u8", "value.u16", "value.u32", "value.u64", "value.length"}));
  return Error(expr.span);
}

bool BodyChecker::AssignSocketValue(const ast::Statement& statement, const ast::Assign& node,
                                    Block& out) {
  if (!SeesOptions()) return false;
  Span span = node.target->span;
  if (auto place = AsSocketValue(*node.target)) {
    if (place->bits == 0) return true;
    TypeId type = types_.Unsigned(place->bits);
    if (node.op) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kMaybeAbsent, span, "the value may be shorter than that")
              .WithHint(fmt::format("here: `if let x = {} {{ {} = x {} …; }}`",
                                    context_.sources.Text(span), context_.sources.Text(span),
                                    "+")));
      return true;
    }
    ExprPtr value = Value(*node.value, type);
    if (value->type == error_type()) return true;
    ValueWrite write{place->offset, place->bits, std::move(value), {}};
    write.otherwise = OnFailure(statement, node, std::string(context_.sources.Text(span)));
    out.push_back({statement.span, std::move(write)});
    return true;
  }
  auto word = DottedWord(*node.target);
  if (word == "value.length") {
    TypeId u32 = types_.Unsigned(32);
    ExprPtr value = Combined(*this, node, OptionMember(span, "optlen"), u32);
    if (value->type == error_type()) return true;
    ValueWrite write{0, 0, std::move(value), {}};
    write.otherwise = OnFailure(statement, node, "value.length");
    out.push_back({statement.span, std::move(write)});
    return true;
  }
  if (word != "option") return false;
  const hooks::Field* level = FindMember(*block_->hook, "level");
  const hooks::Field* number = FindMember(*block_->hook, "optname");
  if (!level->writable()) {
    hooks::WordWrite refused;
    refused.refusal = hooks::Refusal::kNotHere;
    return RefuseAssignment(span, "option.name", refused);
  }
  ExprPtr value = Value(*node.value, OptionType());
  if (value->type == error_type()) return true;
  LocalId local = AddLocal({"", span}, value->type);
  TypeId type = value->type, u64 = types_.Unsigned(64), u32 = types_.Unsigned(32);
  out.push_back({statement.span, Let{local, std::move(value)}});
  auto whole = [&] { return MakeExpr(span, u64, Convert{MakeExpr(span, type, LocalRef{local})}); };
  ExprPtr high = MakeExpr(span, u64, Binary{BinaryOp::kShr, whole(), MakeNumber(span, u32, 32)});
  auto put = [&](const hooks::Field& field, ExprPtr part) {
    auto index = static_cast<uint32_t>(&field - block_->hook->fields.data());
    out.push_back(
        {statement.span, AssignContext{index, MakeExpr(span, u32, Convert{std::move(part)})}});
  };
  put(*level, std::move(high));
  put(*number, whole());
  return true;
}

}  // namespace netc::sema
