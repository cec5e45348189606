// Types and expressions of the IR as C.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "compiler/ir/program.h"

namespace netc::emit {

// What the printed text needs declared.
struct Needs {
  std::set<std::string> calls;                         // functions of netc's own
  std::set<uint32_t> byte_structs;                     // sizes of struct netc_bytesN
  std::set<std::pair<std::string, uint32_t>> aligned;  // typedefs of lower alignment
  bool ipv6 = false, mac = false;
  std::vector<std::string> texts;  // strings in read-only data
};

// The name of a slot's bit: "HEADER_IPV4".
std::string HeaderBit(const std::string& slot);

class Expressions {
 public:
  Expressions(const ir::Program& program, Needs& needs) : program_(program), needs_(needs) {}

  void Enter(const ir::Hook* hook, const ir::Function* function, std::string packet) {
    hook_ = hook;
    function_ = function;
    packet_ = std::move(packet);
  }
  const std::string& packet() const { return packet_; }  // "packet." or "packet->"

  std::string TypeName(ir::Type type);
  // `type name`, with the star where C wants it.
  std::string Declarator(ir::Type type, const std::string& name);
  std::string Text(const ir::Expr& expr);
  // As a condition of if, &&, ||, !: pointers stand alone.
  std::string Truth(const ir::Expr& expr);
  // As an operand: in parentheses unless it binds tightly.
  std::string Tight(const ir::Expr& expr);
  // Behind the `=` of a declaration.
  std::string Initializer(const ir::Expr& expr);
  const ir::Var& Var(ir::VarId id) const { return function_->vars[static_cast<size_t>(id)]; }
  std::string VarName(ir::VarId id) const {
    const ir::Var& var = Var(id);
    if (!var.shared) return var.name;
    return var.copied ? "(&" + SharedCopy(var) + ")" : "frame->" + var.name;
  }
  std::string SharedCopy(const ir::Var& var) const {
    if (!var.copy_of) return "frame->" + var.name;
    return "frame->copies." + hook_->packet.slots[static_cast<size_t>(*var.copy_of)].name;
  }
  std::string HeaderBits(uint64_t mask) const;  // names of the bits, joined
  std::string Bit(const ir::Slot& slot) const;

 private:
  std::string Number(const ir::Number& number, ir::Type type) const;
  std::string Braces(const ir::Expr& expr);
  std::string Binary(const ir::Binary& node, ir::Type type);
  std::string Unary(const ir::Unary& node, ir::Type type);
  std::string Cast(const ir::Cast& node, ir::Type type);
  std::string Swap(const ir::Swap& node);
  std::string Call(const ir::Call& node);

  const ir::Program& program_;
  Needs& needs_;
  const ir::Hook* hook_ = nullptr;
  const ir::Function* function_ = nullptr;
  std::string packet_;
};

}  // namespace netc::emit
