#include "compiler/emit/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

namespace netc::emit {

using ir::BinaryOp;
using ir::TypeKind;

namespace {
template <typename... F>
struct Overload : F... {
  using F::operator()...;
};

constexpr std::array kOperators = {"*", "/",  "%",  "+", "-",  "<<", ">>", "&",  "^",
                                   "|", "==", "!=", "<", "<=", ">",  ">=", "&&", "||"};

const char* OperatorText(BinaryOp op) {
  return kOperators[static_cast<size_t>(op)];
}

bool Atomic(const ir::Expr& expr) {
  return !std::holds_alternative<ir::Binary>(expr.node) &&
         !std::holds_alternative<ir::Conditional>(expr.node) &&
         !std::holds_alternative<ir::HeaderPresent>(expr.node) &&
         !std::holds_alternative<ir::Unreadable>(expr.node);
}
}  // namespace

std::string Expressions::TypeName(ir::Type type) {
  std::string name;
  switch (type.kind) {
    case TypeKind::kVoid:
      name = "void";
      break;
    case TypeKind::kBool:
      name = "bool";
      break;
    case TypeKind::kNumber:
      name = fmt::format("__{}{}", type.is_signed ? 's' : 'u', type.bits);
      break;
    case TypeKind::kNetwork:
      name = fmt::format("__be{}", type.bits);
      break;
    case TypeKind::kAddress6:
      needs_.ipv6 = true;
      name = "struct netc_ipv6";
      break;
    case TypeKind::kMac:
      needs_.mac = true;
      name = "struct netc_mac";
      break;
    case TypeKind::kBytes:
      needs_.byte_structs.insert(type.decl);
      name = fmt::format("struct netc_bytes{}", type.decl);
      break;
    case TypeKind::kKernel:
      name = std::string("struct ") + ir::KernelName(static_cast<ir::KernelStruct>(type.decl));
      break;
    case TypeKind::kStruct:
      name = "struct " + program_.structs[type.decl].name;
      break;
  }
  if (type.pointers > 0) name += " " + std::string(type.pointers, '*');
  return name;
}

std::string Expressions::Declarator(ir::Type type, const std::string& name) {
  std::string text = TypeName(type);
  return text + (type.is_pointer() ? "" : " ") + name;
}

std::string Expressions::Tight(const ir::Expr& expr) {
  return Atomic(expr) ? Text(expr) : "(" + Text(expr) + ")";
}

// What is asked where a bool is wanted anyway: without the conversion to one.
static const ir::Expr& Asked(const ir::Expr& expr) {
  const auto* cast = std::get_if<ir::Cast>(&expr.node);
  return cast && expr.type.kind == TypeKind::kBool ? Asked(*cast->operand) : expr;
}

std::string Expressions::Truth(const ir::Expr& expr) {
  return Text(Asked(expr));
}

std::string HeaderBit(const std::string& slot) {
  std::string upper = slot;
  for (char& c : upper) c = static_cast<char>(toupper(static_cast<unsigned char>(c)));
  return "HEADER_" + upper;
}

std::string Expressions::Bit(const ir::Slot& slot) const {
  return hook_->packet.own_bits ? fmt::format("{:#x}ULL", slot.bit) : HeaderBit(slot.name);
}

std::string Expressions::HeaderBits(uint64_t mask) const {
  std::string names;
  for (const ir::Slot& slot : hook_->packet.slots) {
    if ((slot.bit & mask) != 0) names += (names.empty() ? "" : " | ") + Bit(slot);
  }
  return names;
}

std::string Expressions::Text(const ir::Expr& expr) {
  return std::visit(
      Overload{
          [&](const ir::Number& n) { return Number(n, expr.type); },
          [&](const ir::Literal&) { return "(" + TypeName(expr.type) + ")" + Braces(expr); },
          [&](const ir::Variable& n) { return VarName(n.id); },
          [&](const ir::Symbol& n) { return n.name; },
          [&](const ir::MapRef& n) { return "&" + program_.maps[n.map].name; },
          [&](const ir::HeaderPointer& n) {
            return packet_ + hook_->packet.slots[static_cast<size_t>(n.slot)].name;
          },
          [&](const ir::HeaderPresent& n) {
            return packet_ + "present & " + Bit(hook_->packet.slots[static_cast<size_t>(n.slot)]);
          },
          [&](const ir::HeaderOffset& n) {
            return packet_ + hook_->packet.slots[static_cast<size_t>(n.slot)].name + "_at";
          },
          [&](const ir::HeaderCopy& n) {
            return packet_ + hook_->packet.slots[static_cast<size_t>(n.slot)].name + "_beside";
          },
          [&](const ir::HeaderEnd& n) {
            return packet_ + hook_->packet.slots[static_cast<size_t>(n.slot)].name + "_end";
          },
          [&](const ir::Unreadable& n) {
            std::string names = HeaderBits(n.mask);
            bool one = names.find('|') == std::string::npos;
            return packet_ + "unreadable & " + (one ? names : "(" + names + ")");
          },
          [&](const ir::Member& n) {
            const ir::Type type = n.object->type;
            return Tight(*n.object) + (type.is_pointer() ? "->" : ".") +
                   program_.structs[type.decl].members[n.index].name;
          },
          [&](const ir::Part& n) {
            const char* array = n.object->type.kind == TypeKind::kAddress6 ? "w" : "b";
            return fmt::format("{}.{}[{}]", Tight(*n.object), array, n.index);
          },
          [&](const ir::Element& n) {
            const char* access = n.object->type.is_pointer() ? "->" : ".";
            return Tight(*n.object) + access + "e[" + Text(*n.at) + "]";
          },
          [&](const ir::ContextMember& n) {
            return n.word < 0 ? "ctx->" + n.name : fmt::format("ctx->{}[{}]", n.name, n.word);
          },
          [&](const ir::KernelMember& n) {
            bool cast = std::holds_alternative<ir::Cast>(n.pointer->node);
            std::string pointer = cast ? "(" + Text(*n.pointer) + ")" : Tight(*n.pointer);
            std::string member = pointer + "->" + n.name;
            return n.word < 0 ? member : fmt::format("{}[{}]", member, n.word);
          },
          [&](const ir::Deref& n) { return "*" + Tight(*n.pointer); },
          [&](const ir::AddressOf& n) { return "&" + Tight(*n.object); },
          [&](const ir::Unary& n) { return Unary(n, expr.type); },
          [&](const ir::Binary& n) { return Binary(n, expr.type); },
          [&](const ir::Conditional& n) {
            return Tight(Asked(*n.condition)) + " ? " + Tight(*n.yes) + " : " + Tight(*n.no);
          },
          [&](const ir::Cast& n) { return Cast(n, expr.type); },
          [&](const ir::Swap& n) { return Swap(n); },
          [&](const ir::Call& n) { return Call(n); },
          [&](const ir::ContextPointer&) { return std::string("ctx"); },
          [&](const ir::Text& n) {
            auto found = std::find(needs_.texts.begin(), needs_.texts.end(), n.text);
            if (found == needs_.texts.end()) found = needs_.texts.insert(found, n.text);
            return fmt::format("netc_text{}", found - needs_.texts.begin());
          },
          [&](const ir::Aggregate&) { return "(" + TypeName(expr.type) + ")" + Braces(expr); },
      },
      expr.node);
}

static std::string HostNumber(uint64_t value, ir::Type type, bool hex) {
  if (type.is_signed) {
    uint32_t spare = 64 - type.bits;
    auto number = static_cast<int64_t>(value << spare) >> spare;
    if (number == INT64_MIN) return "(-9223372036854775807LL - 1)";
    bool wide = number > INT32_MAX || number <= INT32_MIN;
    std::string text = fmt::format("{}{}", number, wide ? "LL" : "");
    return number < 0 ? "(" + text + ")" : text;
  }
  std::string text = hex ? fmt::format("{:#x}", value) : fmt::format("{}", value);
  if (value > UINT32_MAX) return text + "ULL";
  return value > INT32_MAX && !hex ? text + "U" : text;
}

std::string Expressions::Number(const ir::Number& number, ir::Type type) const {
  if (type.kind == TypeKind::kNetwork && number.value != 0) {
    const char* swap = type.bits == 16   ? "bpf_htons"
                       : type.bits == 32 ? "bpf_htonl"
                                         : "bpf_cpu_to_be64";
    return fmt::format("{}({})", swap,
                       HostNumber(number.value, ir::Unsigned(type.bits), number.hex));
  }
  return HostNumber(number.value, type.kind == TypeKind::kNumber ? type : ir::Unsigned(64),
                    number.hex);
}

// The value between braces: of structs with the members' names.
std::string Expressions::Braces(const ir::Expr& expr) {
  std::string inside;
  auto add = [&](const std::string& part) { inside += (inside.empty() ? "" : ", ") + part; };
  if (const auto* literal = std::get_if<ir::Literal>(&expr.node)) {
    const auto& b = literal->bytes;
    if (expr.type.kind == TypeKind::kAddress6) {
      for (size_t i = 0; i < 16; i += 4) {
        uint32_t word =
            uint32_t{b[i]} << 24 | uint32_t{b[i + 1]} << 16 | uint32_t{b[i + 2]} << 8 | b[i + 3];
        add(word == 0 ? "0" : fmt::format("bpf_htonl({:#x})", word));
      }
    } else {
      size_t count =
          expr.type.kind == TypeKind::kMac ? 6 : std::min<size_t>(expr.type.decl, b.size());
      for (size_t i = 0; i < count; ++i) add(fmt::format("{:#04x}", b[i]));
    }
    return "{ { " + inside + " } }";
  }
  const auto& members = std::get<ir::Aggregate>(expr.node).members;
  if (members.empty()) return "{}";
  if (expr.type.kind != TypeKind::kStruct) {
    for (const ir::ExprPtr& member : members) add(Text(*member));
    return "{ { " + inside + " } }";
  }
  if (program_.structs[expr.type.decl].is_array) {
    for (const ir::ExprPtr& member : members) add(Initializer(*member));
    return "{ { " + inside + " } }";
  }
  for (size_t i = 0; i < members.size(); ++i) {
    if (!members[i]) continue;
    add(fmt::format(".{} = {}", program_.structs[expr.type.decl].members[i].name,
                    Initializer(*members[i])));
  }
  return "{ " + inside + " }";
}

std::string Expressions::Initializer(const ir::Expr& expr) {
  if (std::holds_alternative<ir::Literal>(expr.node) ||
      std::holds_alternative<ir::Aggregate>(expr.node)) {
    TypeName(expr.type);
    return Braces(expr);
  }
  return expr.type.kind == TypeKind::kBool ? Truth(expr) : Text(expr);
}

// Whether C takes the text for an unsigned value of that many bits at least. Numbers are an
// int where they fit into one, and what is chosen among them as well.
static bool Carries(const ir::Expr& expr, uint32_t bits) {
  if (const auto* number = std::get_if<ir::Number>(&expr.node)) {
    return number->value > (bits > 32 ? UINT32_MAX : uint64_t{INT32_MAX});
  }
  if (const auto* chosen = std::get_if<ir::Conditional>(&expr.node)) {
    return Carries(*chosen->yes, bits) || Carries(*chosen->no, bits);
  }
  if (const auto* unary = std::get_if<ir::Unary>(&expr.node)) {
    if (unary->op != ir::UnaryOp::kNot) return Carries(*unary->operand, bits);
  }
  if (const auto* cast = std::get_if<ir::Cast>(&expr.node)) {
    if (cast->operand->type.kind == TypeKind::kBool) return false;
  }
  if (const auto* binary = std::get_if<ir::Binary>(&expr.node)) {
    bool divides = binary->op == BinaryOp::kDiv || binary->op == BinaryOp::kRem;
    if (divides) return Carries(*binary->left, bits) || Carries(*binary->right, bits);
  }
  return expr.type.kind == TypeKind::kNumber && !expr.type.is_signed && expr.type.bits >= bits;
}

// C computes in int at least: what is narrower is cut back, and what is signed is
// computed unsigned, where C defines overflow.
std::string Expressions::Binary(const ir::Binary& node, ir::Type type) {
  const char* op = OperatorText(node.op);
  if (node.op == BinaryOp::kBoth || node.op == BinaryOp::kEither) {
    auto side = [&](const ir::Expr& operand) {
      const auto* inner = std::get_if<ir::Binary>(&operand.node);
      bool comparison = inner && inner->op >= BinaryOp::kEq && inner->op <= BinaryOp::kGe;
      bool plain = Atomic(Asked(operand)) || comparison || (inner && inner->op == node.op);
      return plain ? Truth(operand) : "(" + Truth(operand) + ")";
    };
    return side(*node.left) + " " + op + " " + side(*node.right);
  }
  auto side = [&](const ir::Expr& operand) {
    const auto* inner = std::get_if<ir::Binary>(&operand.node);
    bool chain =
        inner && inner->op == node.op && node.op == BinaryOp::kAdd && operand.type.bits >= 32;
    return chain ? Text(operand) : Tight(operand);
  };
  std::string left = side(*node.left), right = side(*node.right);
  // Computed in the type of the sides, a shift in that of the left one.
  bool shift = node.op == BinaryOp::kShl || node.op == BinaryOp::kShr;
  bool grows =
      shift || node.op == BinaryOp::kAdd || node.op == BinaryOp::kMul || node.op == BinaryOp::kSub;
  bool carried = Carries(*node.left, type.bits) || (!shift && Carries(*node.right, type.bits));
  if (grows && type.is_number() && !type.is_signed && type.bits >= 32 && !carried) {
    left = "(" + TypeName(type) + ")" + left;
  }
  // What is not negative is shifted as it stands, of the type that C gives a constant.
  bool constant = std::holds_alternative<ir::Number>(node.left->node) ||
                  std::holds_alternative<ir::Conditional>(node.left->node);
  if (node.op == BinaryOp::kShr && type.is_signed && type.bits > 32 && constant)
    left = "(" + TypeName(type) + ")" + left;
  bool arithmetic = node.op <= BinaryOp::kShl;
  if (!arithmetic || node.op == BinaryOp::kDiv || node.op == BinaryOp::kRem || !type.is_number()) {
    return left + " " + op + " " + right;
  }
  std::string unsigned_type = fmt::format("__u{}", std::max<uint32_t>(type.bits, 32));
  if (type.is_signed) {
    std::string second = node.op == BinaryOp::kShl ? right : "(" + unsigned_type + ")" + right;
    return fmt::format("({})(({}){} {} {})", TypeName(type), unsigned_type, left, op, second);
  }
  if (type.bits < 32) {
    std::string wide = node.op == BinaryOp::kMul ? "(__u32)" : "";
    return fmt::format("({})({}{} {} {})", TypeName(type), wide, left, op, right);
  }
  return left + " " + op + " " + right;
}

std::string Expressions::Unary(const ir::Unary& node, ir::Type type) {
  const ir::Expr& inner = node.op == ir::UnaryOp::kNot ? Asked(*node.operand) : *node.operand;
  std::string operand = Tight(inner);
  if (node.op == ir::UnaryOp::kNot) return "!" + operand;
  const char* op = node.op == ir::UnaryOp::kNegate ? "-" : "~";
  if (operand.starts_with('-')) operand = "(" + operand + ")";  // `--x` is another operator
  if (type.is_signed && node.op == ir::UnaryOp::kNegate) {
    return fmt::format("({})-(__u{}){}", TypeName(type), std::max<uint32_t>(type.bits, 32),
                       operand);
  }
  if (type.bits < 32) return fmt::format("({})({}{})", TypeName(type), op, operand);
  return Carries(*node.operand, type.bits) ? op + operand
                                           : fmt::format("{}({}){}", op, TypeName(type), operand);
}

std::string Expressions::Cast(const ir::Cast& node, ir::Type type) {
  if (type.kind == TypeKind::kBool) {
    return "!!" + Tight(Asked(*node.operand));
  }
  const auto* inner = std::get_if<ir::Cast>(&node.operand->node);
  if (inner && node.operand->type.kind == TypeKind::kBool) return Cast(*inner, node.operand->type);
  if (type.is_number() && node.operand->type.kind == TypeKind::kBool) return Tight(*node.operand);
  return "(" + TypeName(type) + ")" + Tight(*node.operand);
}

std::string Expressions::Swap(const ir::Swap& node) {
  ir::Type from = node.operand->type;
  const char* name = from.is_network() ? (from.bits == 16   ? "bpf_ntohs"
                                          : from.bits == 32 ? "bpf_ntohl"
                                                            : "bpf_be64_to_cpu")
                                       : (from.bits == 16   ? "bpf_htons"
                                          : from.bits == 32 ? "bpf_htonl"
                                                            : "bpf_cpu_to_be64");
  std::string operand = Text(*node.operand);
  // They are macros, which take a comma between braces for one of theirs.
  if (operand.find('{') != std::string::npos) operand = "(" + operand + ")";
  return fmt::format("{}({})", name, operand);
}

std::string Expressions::Call(const ir::Call& node) {
  if (node.function.starts_with("netc_")) needs_.calls.insert(node.function);
  std::string arguments;
  for (const ir::ExprPtr& argument : node.arguments) {
    arguments += (arguments.empty() ? "" : ", ") + Text(*argument);
  }
  return node.function + "(" + arguments + ")";
}

}  // namespace netc::emit
