// Stores into the context, and options of the socket.
#include <algorithm>

#include "compiler/lower/body.h"

namespace netc::lower {

using hooks::OptionUnit;
using ir::BinaryOp;

// Linux 6.1 refuses to store a constant into a context: the value goes through a
// register (shared fact: immediate stores are taken since 6.12).
void Body::StoreContext(const std::string& name, int word, ir::ExprPtr value) {
  ir::Type type = value->type;
  ir::VarId kept = code_.Keep(name, type, std::move(value));
  code_.Add(ir::Opaque{kept});
  code_.Add(ir::Assign{context_.Context(name, type, word), code_.Use(kept)});
}

void Body::AssignContext(const sema::AssignContext& node) {
  const hooks::Field& field = context_.block.hook->fields[node.field];
  std::string name(field.name);
  ir::ExprPtr value = Value(*node.value);
  if (node.word >= 0)
    return StoreContext(name, node.word, ir::CastTo(ir::Unsigned(32), std::move(value)));
  uint32_t bits = std::min<uint32_t>(field.size * 8, 64);
  if (value->type.kind == ir::TypeKind::kAddress6) {
    value = Repeatable("address", std::move(value));
    for (int i = 0; i < 4; ++i) {
      ir::ExprPtr part = ir::Num(0);
      if (const auto* literal = std::get_if<ir::Literal>(&value->node)) {
        uint64_t number = 0;
        for (int b = 0; b < 4; ++b) number = number << 8 | literal->bytes[i * 4 + b];
        part = ir::HexNum(number, ir::Network(32));
      } else {
        part = ir::PartOf(ir::Clone(*value), static_cast<uint32_t>(i));
      }
      StoreContext(name, i, std::move(part));
    }
    return;
  }
  ir::Type raw = field.order == hooks::ByteOrder::kHost ? ir::Unsigned(bits) : ir::Network(bits);
  if (field.order == hooks::ByteOrder::kBig16) {
    value = ir::CastTo(raw, ir::Swapped(ir::CastTo(ir::Unsigned(16), std::move(value))));
  } else if (raw.is_network() && value->type.is_number()) {
    value = ir::Swapped(ir::CastTo(ir::Unsigned(bits), std::move(value)));
  }
  StoreContext(name, -1, ir::CastTo(raw, std::move(value)));
}

// The kernel's number: a quantity is rounded up to its unit, and is at most what an int
// holds.
static ir::ExprPtr ToOption(const hooks::SocketOption& option, ir::ExprPtr value, Code& code) {
  ir::Type u64 = ir::Unsigned(64), u32 = ir::Unsigned(32);
  uint64_t unit = 1;
  switch (option.unit) {
    case OptionUnit::kSeconds:
      unit = 1'000'000'000;
      break;
    case OptionUnit::kMilliseconds:
      unit = 1'000'000;
      break;
    case OptionUnit::kMicroseconds:
      unit = 1'000;
      break;
    case OptionUnit::kBytesPerSecond:
      unit = 8;
      break;
    case OptionUnit::kBytes:
      break;
    case OptionUnit::kText:
      return value;
    default:
      return ir::CastTo(u32, std::move(value));
  }
  constexpr uint64_t kMost = 0x7fffffff;
  if (const auto* number = std::get_if<ir::Number>(&value->node)) {
    uint64_t whole = number->value / unit + (number->value % unit != 0 ? 1 : 0);
    return ir::Num(std::min(whole, kMost), u32);
  }
  value = code.Use(code.Keep("amount", u64, ir::CastTo(u64, std::move(value))));
  if (unit > 1) {
    ir::ExprPtr whole = ir::Op(BinaryOp::kDiv, ir::Clone(*value), ir::Num(unit, u64));
    ir::ExprPtr rest = ir::Op(BinaryOp::kRem, std::move(value), ir::Num(unit, u64));
    ir::ExprPtr more = ir::Op(BinaryOp::kNe, std::move(rest), ir::Num(0, u64));
    value = ir::Op(BinaryOp::kAdd, std::move(whole), ir::CastTo(u64, std::move(more)));
    value = code.Use(code.Keep("units", u64, std::move(value)));
  }
  ir::ExprPtr over = ir::Op(BinaryOp::kGt, ir::Clone(*value), ir::Num(kMost, u64));
  return ir::CastTo(
      u32, ir::Make(u64, ir::Conditional{std::move(over), ir::Num(kMost, u64), std::move(value)}));
}

void Body::SetOption(const sema::SetOption& node) {
  const hooks::SocketOption& option = *node.option;
  ir::Type s64 = ir::Signed(64);
  ir::ExprPtr value = ToOption(option, Value(*node.value), code_);
  ir::Type type = value->type;
  ir::VarId buffer = code_.Keep("option", type, std::move(value));
  bool context = node.socket == hooks::Args::kCtx;
  ir::ExprPtr there = context ? ir::Num(1, ir::Bool()) : SocketThere(hooks::Args::kCtxSk);
  auto call = [&] {
    return ir::CallTo(
        "bpf_setsockopt", s64, context ? ir::ContextArgument() : Socket(hooks::Args::kCtxSk),
        ir::Num(static_cast<uint64_t>(option.level)), ir::Num(static_cast<uint64_t>(option.number)),
        ir::Pointing(code_.Use(buffer)), ir::Num(option.bytes));
  };
  ir::VarId failed{};
  if (std::holds_alternative<ir::Number>(there->node)) {
    failed = code_.Keep("failed", s64, call());
  } else {
    failed = code_.Keep("failed", s64, ir::Num(~0ull, s64));
    code_.When(std::move(there), [&] { code_.Set(failed, call()); });
  }
  ir::Block otherwise = BlockOf(node.otherwise);
  code_.Add(
      ir::If{ir::Op(BinaryOp::kNe, code_.Use(failed), ir::Num(0, s64)), std::move(otherwise), {}});
}

}  // namespace netc::lower
