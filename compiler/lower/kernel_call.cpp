// Functions of the kernel by their names, the objects that they give, and the structs
// that they take.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "compiler/hooks/c_text.h"
#include "compiler/hooks/signature.h"
#include "compiler/lower/body.h"

namespace netc::lower {

using hooks::Pass;

namespace {

// The kernel's names of numbers as the emitted C has them.
std::string Plain(std::string_view type) {
  std::string prefix = type.starts_with("const ") ? "const " : "";
  std::string_view rest = type.substr(prefix.size());
  std::string_view name = rest.substr(0, rest.find(' '));
  std::string tail(rest.substr(name.size()));
  for (std::string_view number : {"u8", "u16", "u32", "u64", "s32", "s64"}) {
    if (name == number) return prefix + "__" + std::string(number) + tail;
  }
  if (name == "size_t") return prefix + "unsigned long" + tail;
  return std::string(type);
}

std::string Prototype(const hooks::Kfunc& kfunc) {
  std::string parameters;
  for (const hooks::CParameter& parameter : hooks::SplitParameters(kfunc.parameters)) {
    std::string type = Plain(parameter.type);
    parameters += fmt::format("{}{}{}{}", parameters.empty() ? "" : ", ", type,
                              type.ends_with('*') ? "" : " ", parameter.name);
  }
  if (parameters.empty()) parameters = "void";
  std::string result = Plain(kfunc.result);
  return fmt::format("{}{}{}({})", result, result.ends_with('*') ? "" : " ", kfunc.name,
                     parameters);
}

}  // namespace

void Body::DeclareKfunc(std::string_view name) {
  const hooks::Kfunc* kfunc = hooks::FindKfunc(name);
  if (kfunc) context_.program.lowered.kfuncs[std::string(name)] = Prototype(*kfunc);
}

// A number or address in the byte order of the type that takes it.
ir::ExprPtr Body::InOrderOf(ir::Type type, ir::ExprPtr value) {
  ir::Type from = value->type;
  bool numbers = (type.is_number() || type.is_network()) && (from.is_number() || from.is_network());
  if (!numbers || type.is_network() == from.is_network()) return value;
  if (type.is_network()) {
    return ir::Swapped(ir::CastTo(ir::Unsigned(type.bits), std::move(value)));
  }
  return ir::CastTo(type, ir::Swapped(std::move(value)));
}

ir::ExprPtr Body::OwnSocket() {
  ir::ExprPtr socket = Socket(hooks::Args::kCtxSk);
  return ir::CastTo(ir::Type{}.Pointer(), std::move(socket));
}

bool Body::MayLackSocket() const {
  const hooks::Field* field = SocketField();
  return field && field->yields != hooks::Yields::kSock;
}

ir::ExprPtr Body::KernelArgument(const sema::KernelArgument& argument, std::string_view c_type) {
  ir::Type pointer = ir::Type{}.Pointer();
  switch (argument.pass) {
    case Pass::kContext:
      return ir::ContextArgument();
    case Pass::kKernelContext: {
      DeclareKfunc("bpf_cast_to_kern_ctx");
      return ir::CallTo("bpf_cast_to_kern_ctx", pointer, ir::ContextArgument());
    }
    case Pass::kSize:
      if (auto size = std::exchange(whole_size_, std::nullopt)) return code_.Use(*size);
      return ir::Num(argument.bytes);
    case Pass::kNull:
      return ir::Num(0);
    case Pass::kMap:
      return ir::Make(pointer, ir::MapRef{static_cast<uint32_t>(*argument.state)});
    case Pass::kText:
      return ir::Make(pointer, ir::Text{argument.text});
    case Pass::kTask:
      if (argument.value) return Value(*argument.value);
      return ir::CallTo("bpf_get_current_task_btf", pointer);
    case Pass::kSocket:
    case Pass::kObject:
      return Value(*argument.value);
    case Pass::kScalar:
      break;
    case Pass::kMemory: {
      if (argument.whole) return WholeHeader(*argument.header);
      if (argument.header) return ir::CastTo(pointer, context_.HeaderPointer(*argument.header));
      ir::ExprPtr place = Value(*argument.value);
      if (argument.in_place) {
        if (auto* deref = std::get_if<ir::Deref>(&place->node)) {
          return ir::CastTo(pointer, std::move(deref->pointer));
        }
        return ir::CastTo(pointer, ir::Pointing(std::move(place)));
      }
      ir::VarId copy = code_.Keep("given", std::move(place));
      return ir::CastTo(pointer, ir::Pointing(code_.Use(copy)));
    }
  }
  ir::ExprPtr value = Value(*argument.value);
  if (argument.big_endian) {
    uint32_t bits = value->type.bits;
    return InOrderOf(ir::Network(bits), std::move(value));
  }
  // Of registers the kernel reads all 64 bits.
  return c_type.ends_with('*') ? ir::CastTo(pointer, std::move(value)) : std::move(value);
}

// A header with its options, copied: how long it is, the verifier has to see, and a packet may
// lie in pieces. The size behind it is `whole_size_`.
ir::ExprPtr Body::WholeHeader(sema::HeaderRef ref) {
  const ir::Type u32 = ir::Unsigned(32);
  const sema::Header& header = context_.program.header(ref.header);
  ir::VarId pointer = code_.Keep(context_.program.NameOf(ref), PointerTo(ref));
  auto outer = std::tuple(self_, self_pointer_);
  SetSelf(ref, pointer);
  ir::VarId size = code_.Keep("size", ir::CastTo(u32, Value(*header.size)));
  std::tie(self_, self_pointer_) = outer;
  code_.Add(ir::Opaque{size});
  ir::Type bytes{.kind = ir::TypeKind::kBytes, .decl = header.max_size};
  ir::VarId copy = code_.Keep("whole", bytes, ir::Make(bytes, ir::Aggregate{}));
  auto beyond = ir::Op(ir::BinaryOp::kEither,
                       ir::Op(ir::BinaryOp::kLt, code_.Use(size), ir::Num(header.fixed_size)),
                       ir::Op(ir::BinaryOp::kGt, code_.Use(size), ir::Num(header.max_size)));
  code_.When(std::move(beyond), [&] { code_.Add(ir::FailUnreadable{}); });
  code_.When(ir::CallTo(std::string(context_.block.hook->packet.load), ir::Signed(64),
                        ir::ContextArgument(), OffsetOf(ref, 0), ir::Pointing(code_.Use(copy)),
                        code_.Use(size)),
             [&] { code_.Add(ir::FailUnreadable{}); });
  whole_size_ = size;
  return ir::CastTo(ir::Type{}.Pointer(), ir::Pointing(code_.Use(copy)));
}

// A call whose own socket is missing is not made: it gives 0, or for a status -ENOENT.
ir::ExprPtr Body::CallKernel(const sema::HelperCall& node, sema::TypeId id) {
  constexpr uint64_t kNoEntry = ~uint64_t{1};  // -2
  DeclareKfunc(node.name());
  ir::Call call{std::string(node.name()), {}};
  auto parameters =
      hooks::SplitParameters(node.helper ? node.helper->parameters : node.kfunc->parameters);
  ir::Type pointer = ir::Type{}.Pointer(), type = types_.Of(id);
  ir::ExprPtr has_socket;
  for (size_t i = 0; i < node.given.size(); ++i) {
    const sema::KernelArgument& argument = node.given[i];
    bool own = argument.pass == Pass::kSocket && !argument.value;
    std::string_view c_type = i < parameters.size() ? parameters[i].type : "";
    if (!own) {
      call.arguments.push_back(KernelArgument(argument, c_type));
      continue;
    }
    ir::VarId socket = code_.Keep("socket", pointer, OwnSocket());
    call.arguments.push_back(code_.Use(socket));
    if (MayLackSocket()) has_socket = ir::CastTo(ir::Bool(), code_.Use(socket));
  }
  bool object = node.gives != nullptr;
  bool value = types_.table()[id].kind == sema::TypeKind::kOptional && !object;
  if (value) type = type.Pointer();
  bool nothing = type.kind == ir::TypeKind::kVoid && !type.is_pointer();
  ir::ExprPtr made = ir::Make(type, std::move(call));
  if (nothing) {
    if (has_socket)
      code_.When(std::move(has_socket), [&] { code_.Add(ir::Do{std::move(made)}); });
    else
      code_.Add(ir::Do{std::move(made)});
  }
  ir::VarId result{};
  if (!nothing && !has_socket) result = code_.Keep("result", type, std::move(made));
  if (!nothing && has_socket) {
    bool status = type.is_number() && type.is_signed;
    result = code_.Keep("result", type, ir::Num(status ? kNoEntry : 0, type));
    code_.When(std::move(has_socket), [&] { code_.Set(result, std::move(made)); });
  }
  if (node.changes_packet) Reparse({});
  return nothing ? ir::Num(0) : code_.Use(result);
}

Body::Optional Body::OptionalCall(const sema::HelperCall& node, sema::TypeId id) {
  ir::ExprPtr found = CallKernel(node, id);
  ir::ExprPtr present = ir::CastTo(ir::Bool(), ir::Clone(*found));
  return {std::move(present), std::move(found), node.gives == nullptr};
}

ir::ExprPtr Body::ReadObject(const sema::ObjectField& node, sema::TypeId id) {
  const hooks::Field& field = hooks::AllPointeeFields()[node.field].field;
  std::string name(field.name);
  auto of = hooks::AllPointeeFields()[node.field].pointer == hooks::Pointer::kTcpSock
                ? ir::KernelStruct::kBpfTcpSock
                : ir::KernelStruct::kBpfSock;
  context_.program.lowered.kernel_members[of].insert(name);
  ir::Type type = types_.Of(id);
  auto member = [&](ir::Type raw, int word) {
    ir::ExprPtr object = ir::CastTo(ir::KernelType(of).Pointer(), code_.Use(VarOf(node.local)));
    return ir::Make(raw, ir::KernelMember{std::move(object), name, word});
  };
  if (type.kind == ir::TypeKind::kAddress6) {
    ir::Aggregate words;
    for (int i = 0; i < 4; ++i) words.members.push_back(member(ir::Network(32), i));
    return ir::Make(type, std::move(words));
  }
  uint32_t bits = std::min<uint32_t>(field.size * 8u, 64);
  bool big = field.order != hooks::ByteOrder::kHost;
  ir::ExprPtr value = member(big ? ir::Network(bits) : ir::Unsigned(bits), -1);
  return ir::CastTo(type, InOrderOf(type, std::move(value)));
}

}  // namespace netc::lower
