// Verdicts that take something: a slot to go to, a socket, the answer to a callback.
#include <fmt/format.h>

#include "compiler/hooks/helper.h"
#include "compiler/hooks/slots.h"
#include "compiler/lower/body.h"
#include "compiler/sema/constant.h"

namespace netc::lower {

using ir::BinaryOp;
using Copy = ProgramContext::Copy;

// The verdict where `taken` holds; else what follows.
void Body::LeaveIf(ir::ExprPtr taken, const sema::Verdict& node) {
  code_.When(std::move(taken),
             [&] { code_.Add(ir::Exit{node.verdict, node.rule ? node.rule : rule_}); });
}

// What the kernel is told before a verdict that goes to an interface of this number.
ir::Do Body::Send(const sema::Verdict& node, ir::ExprPtr number, const ir::VarId* hop) {
  const ir::Type status = ir::Signed(64), pointer = ir::Type{}.Pointer();
  if (!node.way) return {ir::CallTo("bpf_redirect", status, std::move(number), ir::Num(0))};
  ir::Call call{std::string(node.way->helper), {}};
  call.arguments.push_back(std::move(number));
  if (node.way->takes_hop) {
    uint32_t bytes = hop ? types_.table().SizeOf(node.hop) : 0;
    call.arguments.push_back(hop ? ir::CastTo(pointer, ir::Pointing(code_.Use(*hop))) : ir::Num(0));
    call.arguments.push_back(ir::Num(bytes));
  }
  call.arguments.push_back(ir::Num(0));
  return {ir::Make(status, std::move(call))};
}

// The next hop as the kernel takes it: the family, then the address that it says.
ir::VarId Body::NextHop(const sema::Verdict& node) {
  const sema::Expr& address = *node.arguments[1];
  bool six = types_.table()[address.type].kind == sema::TypeKind::kIpv6;
  sema::StructValue hop;
  for (const sema::StructField& field : types_.table().struct_of(node.hop).fields) {
    bool family = field.name == "nh_family";
    bool taken = field.name == (six ? "ipv6_nh" : "ipv4_nh");
    hop.fields.push_back(family
                             ? sema::MakeNumber(address.span, field.type,
                                                *hooks::FindConstant(six ? "AF_INET6" : "AF_INET"))
                         : taken ? sema::Clone(address)
                                 : nullptr);
  }
  return code_.Keep("hop", StructValue(hop, node.hop));
}

void Body::LowerTarget(const sema::Verdict& node) {
  const ir::Type none{}, status = ir::Signed(64);
  auto is_code = [&](ir::ExprPtr call) {
    ir::VarId code = code_.Keep("code", status, std::move(call));
    return ir::Op(BinaryOp::kEq, code_.Use(code),
                  ir::Name(std::string(node.verdict->c_name), status));
  };
  ir::ExprPtr number = ir::CastTo(ir::Unsigned(32), Value(*node.arguments[0]));
  std::optional<ir::VarId> hop;
  if (node.arguments.size() > 1) {
    number = code_.Use(code_.Keep("number", std::move(number)));
    hop = NextHop(node);
  }
  const ir::VarId* via = hop ? &*hop : nullptr;
  if (!node.target) {
    code_.Add(Send(node, std::move(number), via));
    code_.Add(ir::Exit{node.verdict, node.rule ? node.rule : rule_});
    return;
  }
  const hooks::Hook& hook = *context_.block.hook;
  uint32_t type = context_.program.lowered.maps[static_cast<size_t>(*node.target)].type_number;
  hooks::SlotUse use = node.way ? hooks::SlotUse::kRedirect
                                : hooks::UseOfSlots(hook.id, node.verdict->form, type,
                                                    context_.program.checked.floor);
  // A device or CPU map belongs to programs with frags, or to those without.
  bool frags = context_.hook.packet.method == ir::AccessMethod::kCopy && hook.packet.direct_write;
  bool moves = use == hooks::SlotUse::kRedirectMap;
  Copy copy = use == hooks::SlotUse::kRedirect ? Copy::kNumbers
              : moves && frags                 ? Copy::kFrags
                                               : Copy::kOwn;
  ir::ExprPtr map =
      ir::Make(none.Pointer(), ir::MapRef{context_.program.MapFor(*node.target, copy)});
  if (moves) {
    return LeaveIf(is_code(ir::CallTo("bpf_redirect_map", status, std::move(map), std::move(number),
                                      ir::Num(0))),
                   node);
  }
  ir::ExprPtr key =
      ir::Pointing(code_.Use(code_.Keep("slot", ir::Unsigned(32), std::move(number))));
  if (use == hooks::SlotUse::kSelect) {
    ir::ExprPtr failed = ir::CallTo("bpf_sk_select_reuseport", status, ir::ContextArgument(),
                                    std::move(map), std::move(key), ir::Num(0));
    return LeaveIf(ir::Not(std::move(failed)), node);
  }
  bool numbers = use == hooks::SlotUse::kRedirect;
  ir::Type pointer = numbers ? ir::Unsigned(32).Pointer() : none.Pointer();
  ir::VarId found =
      code_.Keep(numbers ? "device" : "socket", pointer,
                 ir::CallTo("bpf_map_lookup_elem", pointer, std::move(map), std::move(key)));
  ir::ExprPtr there = ir::CastTo(ir::Bool(), code_.Use(found));
  if (numbers) {
    ir::ExprPtr filled = ir::Op(BinaryOp::kNe, ir::Pointed(code_.Use(found)), ir::Num(0));
    code_.When(ir::Op(BinaryOp::kBoth, std::move(there), std::move(filled)), [&] {
      code_.Add(Send(node, ir::Pointed(code_.Use(found)), via));
      code_.Add(ir::Exit{node.verdict, node.rule ? node.rule : rule_});
    });
    return;
  }
  code_.When(std::move(there), [&] {
    ir::VarId failed = code_.Keep(
        "failed", status,
        ir::CallTo("bpf_sk_assign", status, ir::ContextArgument(), code_.Use(found), ir::Num(0)));
    code_.Add(ir::Do{ir::CallTo("bpf_sk_release", status, code_.Use(found))});
    LeaveIf(ir::Not(code_.Use(failed)), node);
  });
}

void Body::LowerReply(const sema::Verdict& node) {
  ir::Type u32 = ir::Unsigned(32), u64 = ir::Unsigned(64);
  ir::ExprPtr value = Value(*node.arguments[0]);
  if (node.reply == hooks::CallbackReply::kJiffies) {
    value = ir::CallTo("netc_jiffies", u32, ir::CastTo(u64, std::move(value)));
  } else if (node.reply == hooks::CallbackReply::kMicroseconds) {
    ir::ExprPtr up = ir::Op(BinaryOp::kAdd, ir::CastTo(u64, std::move(value)), ir::Num(999, u64));
    value = ir::Op(BinaryOp::kDiv, std::move(up), ir::Num(1000, u64));
  }
  // Linux 6.1 refuses to store a constant into a context: see AssignContext.
  ir::VarId kept = code_.Keep("reply", u32, ir::CastTo(u32, std::move(value)));
  code_.Add(ir::Opaque{kept});
  code_.Add(ir::Assign{context_.Context("reply", u32), code_.Use(kept)});
  code_.Add(ir::Exit{node.verdict, node.rule ? node.rule : rule_});
}

void Body::Begin() {
  const sema::HookBlock& block = context_.block;
  ir::Type u32 = ir::Unsigned(32);
  for (const hooks::Field& field : block.hook->fields) {
    // A sweep's last run has no socket.
    if (field.yields != hooks::Yields::kBtfSockCommonOrNull) continue;
    ir::ExprPtr socket = context_.Context(std::string(field.name), ir::Type{}.Pointer());
    code_.When(ir::Not(ir::CastTo(ir::Bool(), std::move(socket))),
               [&] { code_.Add(ir::Exit{block.at_end, std::nullopt}); });
  }
  if (uint32_t flags = block.callback_flags) {
    // Callbacks are asked for a connection at a time, as soon as it has a full socket.
    ir::VarId now = code_.Keep("callbacks", u32, context_.Context("bpf_sock_ops_cb_flags", u32));
    ir::ExprPtr on = ir::Op(BinaryOp::kAnd, code_.Use(now), ir::Num(flags));
    ir::ExprPtr off = ir::Op(BinaryOp::kNe, std::move(on), ir::Num(flags));
    ir::ExprPtr full = ir::Op(BinaryOp::kNe, context_.Context("is_fullsock", u32), ir::Num(0));
    code_.When(ir::Op(BinaryOp::kBoth, std::move(full), std::move(off)), [&] {
      code_.Add(
          ir::Do{ir::CallTo("bpf_sock_ops_cb_flags_set", ir::Signed(64), ir::ContextArgument(),
                            ir::Op(BinaryOp::kOr, code_.Use(now), ir::Num(flags)))});
    });
  }
  if (!block.member || block.member->name != "init") return;
  const sema::Control& control = context_.program.checked.controls[*block.control];
  for (uint32_t i = 0; i < control.initial.size(); ++i) {
    if (!control.initial[i]) continue;
    SetConnection({sema::ConnectionRead::Of::kPrivate, i}, Value(*control.initial[i]));
  }
}

}  // namespace netc::lower
