// Words of the hook: from its context, through its socket, or by asking the kernel.
//
// A socket pointer is kept in a variable as long as its block runs, so that it is made
// and tested once: known_.sockets.
#include <cassert>

#include "compiler/hooks/word_plan.h"
#include "compiler/lower/body.h"

namespace netc::lower {

using hooks::Args;
using hooks::Needs;
using hooks::SourceKind;
using hooks::WordType;
using ir::BinaryOp;

namespace {

constexpr uint64_t kInet = 2, kTcpProtocol = 6;  // AF_INET, IPPROTO_TCP

ir::ExprPtr Truth(ir::ExprPtr pointer) {
  return ir::CastTo(ir::Bool(), std::move(pointer));
}

ir::ExprPtr Yes() {
  return ir::Num(1, ir::Bool());
}

bool IsYes(const ir::Expr& test) {
  const auto* number = std::get_if<ir::Number>(&test.node);
  return number && number->value == 1;
}

ir::Type PointerOf(Args object) {
  auto of = object == Args::kTcpSock ? ir::KernelStruct::kBpfTcpSock : ir::KernelStruct::kBpfSock;
  return ir::KernelType(of).Pointer();
}

bool HasCall(const ir::Expr& expr) {
  if (std::holds_alternative<ir::Call>(expr.node)) return true;
  bool found = false;
  ir::ForEachChild(const_cast<ir::Expr&>(expr),
                   [&](ir::ExprPtr& child) { found = found || (child && HasCall(*child)); });
  return found;
}

}  // namespace

ir::ExprPtr ZeroOf(ir::Type type) {
  bool number = type.is_number() || type.is_network() || type.kind == ir::TypeKind::kBool;
  return number ? ir::Num(0, type) : ir::Make(type, ir::Aggregate{});
}

// The context's member that is the socket; null where the hook has none of its own.
const hooks::Field* Body::SocketField() const {
  for (const hooks::Field& field : context_.block.hook->fields) {
    if (field.word == "sk") return &field;
  }
  return nullptr;
}

// The pointer to the hook's socket of this kind. It may be null, unless the context's is
// always a socket.
ir::ExprPtr Body::Socket(Args object) {
  auto found = known_.sockets.find(object);
  if (found != known_.sockets.end() && code_.IsOpen(found->second.second))
    return code_.Use(found->second.first);
  const hooks::Field* field = SocketField();
  if (!field) return ir::Name("(void *)netc_tp", ir::Type{}.Pointer());  // a member of cc
  ir::Type type = PointerOf(object);
  ir::VarId made{};
  if (object == Args::kCtxSk) {
    bool btf = field->yields == hooks::Yields::kBtfSockCommonOrNull;
    if (btf) type = ir::Type{}.Pointer();
    made = code_.Keep("sk", type, context_.Context(std::string(field->name), type));
  } else {
    const char* helper = object == Args::kFullSock  ? "bpf_sk_fullsock"
                         : object == Args::kTcpSock ? "bpf_tcp_sock"
                                                    : "bpf_skc_to_tcp_sock";
    if (object == Args::kBtfSk) type = ir::Type{}.Pointer();
    ir::ExprPtr base = Socket(Args::kCtxSk);
    made = code_.Keep(object == Args::kFullSock ? "full" : "tcp", type, ir::Num(0, type));
    code_.When(Truth(ir::Clone(*base)),
               [&] { code_.Set(made, ir::CallTo(helper, type, ir::Clone(*base))); });
  }
  known_.sockets.insert_or_assign(object, std::pair(made, code_.block()));
  return code_.Use(made);
}

// Else Clang asks the outcome of an earlier test, of which the verifier knows nothing once it
// was on the stack.
void Body::HideSocket(Args object) {
  auto found = known_.sockets.find(object);
  if (found != known_.sockets.end()) code_.Add(ir::Opaque{found->second.first});
}

// Whether the pointer has to be tested, for the verifier's sake.
ir::ExprPtr Body::SocketThere(Args object) {
  const hooks::Field* field = SocketField();
  bool always = !field || field->yields == hooks::Yields::kSock;
  if (object == Args::kCtxSk && always) return Yes();
  return Truth(Socket(object));
}

// Is there a socket of this level?
ir::ExprPtr Body::SocketTest(Needs level) {
  const hooks::Hook& hook = *context_.block.hook;
  hooks::SocketModel model = hooks::SocketModelOf(hook.id);
  if (level == Needs::kNothing || model.least >= level) return Yes();
  const hooks::Field* field = SocketField();
  if (level == Needs::kSocket) return SocketThere(Args::kCtxSk);
  bool btf = field && field->yields == hooks::Yields::kBtfSockCommonOrNull;
  if (btf) return SocketThere(Args::kBtfSk);
  if (level == Needs::kFull || model.full == Needs::kTcp) {
    bool any = field->yields == hooks::Yields::kSockCommonOrNull;
    return SocketThere(any ? Args::kFullSock : Args::kCtxSk);
  }
  const hooks::WordPlan plan = hooks::PlanRead(hook.id, "sk.tcp", context_.program.checked.floor);
  if (plan.source.object == Args::kTcpSock) return SocketThere(Args::kTcpSock);
  auto is_tcp = [&](ir::ExprPtr protocol) {
    return ir::Op(BinaryOp::kEq, std::move(protocol), ir::Num(kTcpProtocol));
  };
  ir::Type u32 = ir::Unsigned(32);
  if (plan.source.kind == SourceKind::kField) return is_tcp(context_.Context("protocol", u32));
  ir::ExprPtr there = SocketThere(Args::kCtxSk);
  ir::ExprPtr test = is_tcp(SocketMember("protocol", u32, -1, Args::kCtxSk));
  return IsYes(*there) ? std::move(test)
                       : ir::Op(BinaryOp::kBoth, std::move(there), std::move(test));
}

ir::ExprPtr Body::SocketMember(std::string_view name, ir::Type type, int word, Args object) {
  ir::ExprPtr pointer = Socket(object);
  ir::KernelStruct of = static_cast<ir::KernelStruct>(pointer->type.decl);
  context_.program.lowered.kernel_members[of].insert(std::string(name));
  return ir::Make(type, ir::KernelMember{std::move(pointer), std::string(name), word});
}

// A field's value, loaded in pieces as the row allows.
static ir::ExprPtr Typed(const hooks::Field& field, WordType type, uint32_t scale,
                         const std::function<ir::ExprPtr(ir::Type, int)>& load) {
  uint32_t bits = std::min<uint32_t>(field.size * 8, 64);
  if (type == WordType::kIpv6) {
    ir::Aggregate words;
    for (int i = 0; i < 4; ++i) words.members.push_back(load(ir::Network(32), i));
    return ir::Make({.kind = ir::TypeKind::kAddress6}, std::move(words));
  }
  if (type == WordType::kIpv4) return load(ir::Network(32), -1);
  ir::ExprPtr value;
  if (field.order == hooks::ByteOrder::kHost) {
    value = load(ir::Unsigned(bits), -1);
  } else if (field.order == hooks::ByteOrder::kBig16 && bits != 16) {
    value = ir::Swapped(ir::CastTo(ir::Network(16), load(ir::Network(bits), -1)));
  } else {
    value = ir::Swapped(load(ir::Network(bits), -1));
  }
  if (type == WordType::kPort) return ir::CastTo(ir::Unsigned(16), std::move(value));
  if (type == WordType::kBool) {
    ir::Type raw = value->type;
    ir::ExprPtr bit = ir::Op(BinaryOp::kAnd, std::move(value), ir::Num(1, raw));
    return ir::Op(BinaryOp::kNe, std::move(bit), ir::Num(0, raw));
  }
  if (type == WordType::kDuration) {
    ir::Type u64 = ir::Unsigned(64);
    return ir::Op(BinaryOp::kMul, ir::CastTo(u64, std::move(value)), ir::Num(scale, u64));
  }
  if (type == WordType::kI32) return ir::CastTo(ir::Signed(32), std::move(value));
  return value;
}

ir::ExprPtr Body::WordFields(const hooks::WordPlan& plan) {
  bool behind = plan.source.kind == SourceKind::kPointee;
  auto read = [&](const hooks::Field& field, WordType type) {
    return Typed(field, type, plan.scale, [&](ir::Type raw, int word) {
      return behind ? SocketMember(field.name, raw, word, plan.source.object)
                    : context_.Context(std::string(field.name), raw, word);
    });
  };
  if (!plan.field6) return read(*plan.field, plan.type);
  ir::Type u32 = ir::Unsigned(32);
  ir::ExprPtr family = behind ? SocketMember("family", u32, -1, plan.source.object)
                              : context_.Context("family", u32);
  ir::ExprPtr is_ipv4 = ir::Op(BinaryOp::kEq, std::move(family), ir::Num(kInet));
  ir::ExprPtr address6 = read(*plan.field6, WordType::kIpv6);
  ir::Type type = address6->type;
  // Each arm reads its own: the fields of the other family are refused or stale.
  ir::VarId address = code_.NewVar("address", type);
  code_.Add(ir::Declare{address, ZeroOf(type)});
  ir::Block yes = code_.Within([&] {
    // Hidden: else Clang reads behind both arms, at an offset that either gave; the verifier
    // takes none but constant ones there.
    ir::VarId four = code_.Keep("four", read(*plan.field, WordType::kIpv4));
    code_.Add(ir::Opaque{four});
    code_.Set(address, ir::CallTo("netc_mapped", type, code_.Use(four)));
  });
  ir::Block no = code_.Within([&] { code_.Set(address, std::move(address6)); });
  code_.Add(ir::If{std::move(is_ipv4), std::move(yes), std::move(no)});
  return code_.Use(address);
}

// A value of the kernel's in netc's own units.
static ir::ExprPtr FromOption(const hooks::SocketOption& option, ir::ExprPtr value) {
  ir::Type u64 = ir::Unsigned(64);
  auto times = [&](uint64_t factor) {
    return ir::Op(BinaryOp::kMul, ir::CastTo(u64, std::move(value)), ir::Num(factor, u64));
  };
  switch (option.unit) {
    case hooks::OptionUnit::kSeconds:
      return times(1'000'000'000);
    case hooks::OptionUnit::kMilliseconds:
      return times(1'000'000);
    case hooks::OptionUnit::kMicroseconds:
      return times(1'000);
    case hooks::OptionUnit::kBytesPerSecond:
      return times(8);
    case hooks::OptionUnit::kBytes:
      return ir::CastTo(u64, std::move(value));
    case hooks::OptionUnit::kYesNo:
      return ir::Op(BinaryOp::kNe, std::move(value), ir::Num(0));
    default:
      return value;
  }
}

Body::Optional Body::AskOption(const hooks::WordPlan& plan) {
  const hooks::SocketOption& option = *plan.option;
  bool text = option.unit == hooks::OptionUnit::kText;
  ir::Type type =
      text ? ir::Type{.kind = ir::TypeKind::kBytes, .decl = option.bytes} : ir::Unsigned(32);
  ir::VarId buffer = code_.Keep("option", type, ZeroOf(type));
  ir::Type s64 = ir::Signed(64);
  ir::VarId failed = code_.Keep("failed", s64, ir::Num(~0ull, s64));
  bool context = plan.source.object == Args::kCtx;
  ir::ExprPtr there = context ? Yes() : SocketThere(Args::kCtxSk);
  auto ask = [&] {
    code_.Set(failed, ir::CallTo("bpf_getsockopt", s64,
                                 context ? ir::ContextArgument() : Socket(Args::kCtxSk),
                                 ir::Num(static_cast<uint64_t>(option.level)),
                                 ir::Num(static_cast<uint64_t>(option.number)),
                                 ir::Pointing(code_.Use(buffer)), ir::Num(option.bytes)));
  };
  if (IsYes(*there)) {
    ask();
  } else {
    code_.When(std::move(there), ask);
  }
  return {ir::Op(BinaryOp::kEq, code_.Use(failed), ir::Num(0, s64)),
          FromOption(option, code_.Use(buffer)), false};
}

// What a helper says: its call, with what it is applied to.
ir::ExprPtr Body::AskHelper(const hooks::WordPlan& plan, ir::Type type) {
  ir::Call call{std::string(plan.source.what), {}};
  ir::Type u64 = ir::Unsigned(64);
  if (plan.source.kind == SourceKind::kHelperText) {
    ir::Type text{.kind = ir::TypeKind::kBytes, .decl = 16};
    ir::VarId buffer = code_.Keep("text", text, ZeroOf(text));
    call.arguments.push_back(ir::Pointing(code_.Use(buffer)));
    call.arguments.push_back(ir::Num(16));
    code_.Add(ir::Do{ir::Make(ir::Signed(64), std::move(call))});
    return code_.Use(buffer);
  }
  if (plan.source.object == Args::kCtx) call.arguments.push_back(ir::ContextArgument());
  if (plan.source.object == Args::kCtxSk) call.arguments.push_back(Socket(Args::kCtxSk));
  ir::ExprPtr made = ir::Make(u64, std::move(call));
  if (plan.source.kind == SourceKind::kHelperHigh) {
    made = ir::Op(BinaryOp::kShr, std::move(made), ir::Num(32));
  }
  return ir::CastTo(type, std::move(made));
}

Body::Optional Body::Word(const sema::WordRead& node, sema::TypeId id) {
  const hooks::WordPlan& plan = *node.plan;
  ir::Type type = types_.Of(id);
  if (plan.source.kind == SourceKind::kOption) return AskOption(plan);
  bool helper = plan.source.kind == SourceKind::kHelper ||
                plan.source.kind == SourceKind::kHelperHigh ||
                plan.source.kind == SourceKind::kHelperText;
  // First what the verifier wants, then what the word's meaning does.
  bool through = plan.source.object == Args::kCtxSk || plan.source.kind == SourceKind::kPointee;
  ir::ExprPtr there = through ? SocketThere(plan.source.object) : Yes();
  if (!node.known && plan.source.has != Needs::kFound && IsYes(*there)) {
    there = SocketTest(plan.source.has);
  }
  if (IsYes(*there) && plan.source.has != Needs::kFound) {
    return {std::move(there), helper ? AskHelper(plan, type) : WordFields(plan), false};
  }
  ir::VarId value = code_.Keep(node.word.substr(node.word.find('.') + 1), type, ZeroOf(type));
  auto get = [&] { code_.Set(value, helper ? AskHelper(plan, type) : WordFields(plan)); };
  ir::ExprPtr test = ir::Clone(*there);
  if (IsYes(*there)) {
    get();
  } else {
    HideSocket(plan.source.object);
    code_.When(std::move(there), get);
  }
  if (!node.known && plan.source.has == Needs::kFound) {
    test = ir::Op(BinaryOp::kNe, code_.Use(value), ir::Num(0, type));
  }
  return {std::move(test), code_.Use(value), false};
}

ir::ExprPtr Body::KnownWord(const sema::WordRead& node, sema::TypeId id) {
  Optional word = Word(node, id);
  if (!HasCall(*word.value)) return std::move(word.value);
  return code_.Use(code_.Keep(node.word.substr(node.word.find('.') + 1), std::move(word.value)));
}

}  // namespace netc::lower
