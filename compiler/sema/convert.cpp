// What converts by itself: literals to numbers, narrow to wide, an IPv4 address to
// either family, an address to the prefix that holds only it.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;

diag::Diagnostic Mismatch(Context& context, Span span, TypeId expected, TypeId found) {
  const TypeTable& types = context.program.types;
  return diag::Error(Kind::kTypeMismatch, span,
                     fmt::format("expected {}, found {}", types.Name(expected), types.Name(found)),
                     fmt::format("is {}", types.Name(found)));
}

namespace {

// ::ffff:a.b.c.d, in which IPv4 addresses stand in an ip_addr (RFC 4291, 2.5.5.2).
Constant Mapped(const Constant& ipv4) {
  Constant mapped;
  mapped.bytes[10] = mapped.bytes[11] = 0xff;
  std::copy_n(ipv4.bytes.begin(), 4, mapped.bytes.begin() + 12);
  mapped.number = ipv4.number;
  return mapped;
}

bool IsAddress(TypeKind kind) {
  return kind == TypeKind::kIpv4 || kind == TypeKind::kIpv6 || kind == TypeKind::kIp ||
         kind == TypeKind::kMac;
}

bool FitsIp(TypeKind from, TypeKind to) {
  return from == to ||
         (to == TypeKind::kIp && (from == TypeKind::kIpv4 || from == TypeKind::kIpv6));
}

// Whether a constant of one integer type is a number that another holds.
bool Holds(const TypeTable& types, TypeId to, bool from_signed, uint64_t number) {
  uint32_t bits = types[to].bits;
  bool negative = from_signed && static_cast<int64_t>(number) < 0;
  if (!types[to].is_signed) return !negative && (bits >= 64 || number >> bits == 0);
  int64_t value = static_cast<int64_t>(number);
  if (!negative && value < 0) return false;  // over the largest signed number
  int64_t most = bits >= 64 ? INT64_MAX : (int64_t{1} << (bits - 1)) - 1;
  return value <= most && value >= -most - 1;
}

std::string NumberText(bool is_signed, uint64_t number) {
  return is_signed ? fmt::format("{}", static_cast<int64_t>(number)) : fmt::format("{}", number);
}

uint64_t LargestOf(const TypeTable& types, TypeId id) {
  uint32_t bits = ValueBits(types, id);
  if (types[id].is_signed) --bits;
  return bits >= 64 ? ~0ull : (1ull << bits) - 1;
}

}  // namespace

// An address where a prefix is wanted, an IPv4 prefix where either family is.
static ExprPtr ToPrefix(TypeTable& types, ExprPtr expr, TypeId to) {
  TypeKind from = types[expr->type].kind;
  TypeKind wanted = types[types[to].element].kind;
  TypeKind held = from == TypeKind::kPrefix ? types[types[expr->type].element].kind : from;
  const Constant* constant = AsConstant(*expr);
  if (!constant || !IsAddress(held) || !FitsIp(held, wanted)) return nullptr;
  Constant value = *constant;
  if (from != TypeKind::kPrefix) value.number = types.SizeOf(expr->type) * 8;
  if (wanted == TypeKind::kIp && held == TypeKind::kIpv4) {
    value = Mapped(value);
    value.number += 96;
  }
  return MakeConstant(expr->span, to, value);
}

ExprPtr BodyChecker::Coerce(ExprPtr expr, TypeId to) {
  if (expr->type == to || expr->type == error_type() || to == error_type()) return expr;
  Span span = expr->span;
  const Type from = types_[expr->type], want = types_[to];
  const Constant* constant = AsConstant(*expr);

  if (from.kind == TypeKind::kLiteral) {
    bool number = want.kind == TypeKind::kInteger || want.kind == TypeKind::kPort ||
                  want.kind == TypeKind::kEnum || want.kind == TypeKind::kFlags;
    if (number && constant->number <= LargestOf(types_, to)) {
      return MakeNumber(span, to, constant->number);
    }
    if (number) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kNarrowing, span,
                      fmt::format("`{}` is more than {} holds", constant->number, types_.Name(to)),
                      fmt::format("the largest is {}", LargestOf(types_, to))));
      return Error(span);
    }
    if (types_.IsNumber(to)) {
      const char* unit = want.kind == TypeKind::kDuration    ? "200ms"
                         : want.kind == TypeKind::kFrequency ? "200/s"
                         : want.kind == TypeKind::kBitrate   ? "10mbit"
                         : want.kind == TypeKind::kSize      ? "4KiB"
                                                             : "now() + 1s";
      context_.diagnostics.Emit(
          Mismatch(context_, span, to, expr->type)
              .WithHint(fmt::format("here: give it a unit, as in `{}`", unit)));
      return Error(span);
    }
  }
  if (want.kind == TypeKind::kPrefix) {
    if (ExprPtr prefix = ToPrefix(types_, std::move(expr), to)) return prefix;
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, span, fmt::format("expected {}", types_.Name(to))));
    return Error(span);
  }
  if (want.kind == TypeKind::kIp && from.kind == TypeKind::kIpv4 && constant) {
    return MakeConstant(span, to, Mapped(*constant));
  }
  if (want.kind == TypeKind::kIp && from.kind == TypeKind::kIpv6 && constant) {
    return MakeConstant(span, to, *constant);
  }
  if (want.kind == TypeKind::kIp &&
      (from.kind == TypeKind::kIpv4 || from.kind == TypeKind::kIpv6)) {
    return MakeExpr(span, to, Convert{std::move(expr)});
  }
  auto is_u16 = [](const Type& t) {
    return t.kind == TypeKind::kInteger && t.bits == 16 && !t.is_signed;
  };
  bool port = (want.kind == TypeKind::kPort && is_u16(from)) ||
              (from.kind == TypeKind::kPort && is_u16(want));
  if (port) {
    if (constant) return MakeNumber(span, to, constant->number);
    return MakeExpr(span, to, Convert{std::move(expr)});
  }
  bool integers = from.kind == TypeKind::kInteger && want.kind == TypeKind::kInteger;
  if (integers && constant) {
    if (Holds(types_, to, from.is_signed, constant->number)) {
      return MakeNumber(span, to, constant->number);
    }
    context_.diagnostics.Emit(diag::Error(
        Kind::kNarrowing, span,
        fmt::format("{} is no {}", NumberText(from.is_signed, constant->number), types_.Name(to))));
    return Error(span);
  }
  if (integers && !from.is_signed && Most(*expr) <= LargestOf(types_, to)) {
    return MakeExpr(span, to, Convert{std::move(expr)});
  }
  if (integers && from.is_signed && want.is_signed && from.bits <= want.bits) {
    return MakeExpr(span, to, Convert{std::move(expr)});
  }
  if (integers) {
    context_.diagnostics.Emit(
        diag::Error(
            Kind::kNarrowing, span,
            fmt::format("{} does not fit into {}", types_.Name(expr->type), types_.Name(to)),
            fmt::format("is {}", types_.Name(expr->type)))
            .WithHint(fmt::format("here: cast it (`as {}` drops the high bits), or mask it so that "
                                  "it fits",
                                  types_.Name(to))));
    return Error(span);
  }
  // Where nothing runs, a time is written as what has passed since the start.
  bool runs = block_ || function_;
  if (want.kind == TypeKind::kTime && from.kind == TypeKind::kDuration && constant && !runs) {
    return MakeNumber(span, to, constant->number);
  }
  if (want.kind == TypeKind::kBytes && from.kind == TypeKind::kString && constant &&
      constant->text.size() <= want.count) {
    return MakeConstant(span, to, *constant);
  }
  if (want.kind == TypeKind::kString && from.kind == TypeKind::kString && constant) {
    if (from.count <= want.count) return MakeConstant(span, to, *constant);
    if (want.count != kTextBytes || want.bits != 0) {
      context_.diagnostics.Emit(Mismatch(context_, span, to, expr->type));
      return Error(span);
    }
    context_.diagnostics.Emit(diag::Error(
        Kind::kNarrowing, span, fmt::format("at most {} bytes have room here", want.count - 1),
        fmt::format("has {}", from.count - 1)));
    return Error(span);
  }
  if (const auto* value = std::get_if<StructValue>(&expr->node);
      value && want.kind == TypeKind::kStruct && from.kind == TypeKind::kStruct) {
    StructDecl decl = types_.struct_of(to);
    if (decl.fields.size() == value->fields.size()) {
      auto fields = std::move(std::get<StructValue>(expr->node).fields);
      for (size_t i = 0; i < fields.size(); ++i) {
        fields[i] = Coerce(std::move(fields[i]), decl.fields[i].type);
        if (fields[i]->type == error_type()) return Error(span);
      }
      return MakeExpr(span, to, StructValue{std::move(fields)});
    }
  }
  auto error = Mismatch(context_, span, to, expr->type);
  // What a cast takes, if it is wanted.
  bool bits = (HasMembers(expr->type) && types_.IsNumber(to)) ||
              (HasMembers(to) && types_.IsNumber(expr->type)) ||
              (from.kind == TypeKind::kBool && types_.IsNumber(to));
  if (bits) {
    std::string text(context_.sources.Text(span));
    bool simple = text.find_first_of(" \t\n") == std::string::npos;
    if (!simple) text = "(" + text + ")";
    std::string cast = fmt::format("{} as {}", text, types_.Name(to));
    error.WithHint(fmt::format("here: cast it, `{}`", cast)).WithFix(span, cast);
  }
  context_.diagnostics.Emit(std::move(error));
  return Error(span);
}

}  // namespace netc::sema
