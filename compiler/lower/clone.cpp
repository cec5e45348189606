// `clone`: the kernel sends a copy; packet pointers are dead behind it, whether it did or not.
#include "compiler/lower/body.h"

namespace netc::lower {

using ir::BinaryOp;

ir::VarId Body::CloneTo(const sema::Effect& node) {
  const ir::Type status = ir::Signed(64), u32 = ir::Unsigned(32);
  context_.hook.sends_copies = true;
  auto send = [&](ir::ExprPtr number) {
    return ir::CallTo(std::string(node.row->helper), status, ir::ContextArgument(),
                      std::move(number), ir::Num(0));
  };
  ir::ExprPtr number = ir::CastTo(u32, Value(*node.arguments[0]));
  if (!node.target) return code_.Keep("failed", send(std::move(number)));
  // Programs of tc can't read a map of devices: its copy holds the numbers.
  ir::VarId failed = code_.Keep("failed", status, ir::Num(~0ull, status));
  uint32_t map = context_.program.MapFor(*node.target, ProgramContext::Copy::kNumbers);
  ir::ExprPtr key = ir::Pointing(code_.Use(code_.Keep("slot", u32, std::move(number))));
  ir::VarId found =
      code_.Keep("device", u32.Pointer(),
                 ir::CallTo("bpf_map_lookup_elem", u32.Pointer(),
                            ir::Make(ir::Type{}.Pointer(), ir::MapRef{map}), std::move(key)));
  ir::ExprPtr there = ir::CastTo(ir::Bool(), code_.Use(found));
  ir::ExprPtr filled = ir::Op(BinaryOp::kNe, ir::Pointed(code_.Use(found)), ir::Num(0));
  code_.When(ir::Op(BinaryOp::kBoth, std::move(there), std::move(filled)),
             [&] { code_.Set(failed, send(ir::Pointed(code_.Use(found)))); });
  return failed;
}

}  // namespace netc::lower
