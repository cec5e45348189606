#include "compiler/lower/options.h"

#include <algorithm>

#include "compiler/lower/body.h"
#include "compiler/lower/walk.h"

namespace netc::lower {

using ir::BinaryOp;
using sema::HeaderRef;

namespace {

class OptionsWriter {
 public:
  OptionsWriter(HookContext& context, HeaderRef header, const std::set<HeaderRef>& options)
      : context_(context),
        header_(header),
        options_(options),
        body_(context, step_),
        code_(body_.code()) {
    walk_.name = context.hook.main.name + context.function_suffix + "_" +
                 CName(context.program.NameOf(header)) + "_options";
    step_.name = walk_.name + "_step";
    step_.result = ir::Signed(64);
    for (const char* name : {"round", "loop"}) code_.Reserve(name);
  }

  OptionsFunction Run() {
    AddLayout();
    state_ = code_.NewVar("walk", ir::StructType(walk_.layout).Pointer());
    step_.parameters = {state_};
    at_ = code_.Keep("at", Member(OptionsFunction::kAt));
    code_.When(ir::Op(BinaryOp::kGe, code_.Use(at_), Member(OptionsFunction::kEnd)),
               [&] { Arrive(); });
    code_.When(ir::Op(BinaryOp::kGt, code_.Use(at_), ir::Num(kFarthest)), [&] { Stop(); });
    if (walk().end || walk().single) LookAtFirstByte();
    PassOption();
    ir::OptionsWalk made{walk_.name, walk_.layout, Rounds(), std::move(step_)};
    context_.hook.packet.options.push_back(std::move(made));
    return std::move(walk_);
  }

 private:
  const sema::Header& header(sema::HeaderId id) const { return context_.program.header(id); }
  const sema::OptionWalk& walk() const { return *header(header_.header).options; }
  HeaderRef base() const { return {walk().base, sema::Scope::kSelf}; }

  void AddLayout() {
    ir::Struct layout{walk_.name, "", {}};
    for (const char* name : {"at", "end", "limit", "lost"})
      layout.members.push_back({ir::Unsigned(32), name});
    for (HeaderRef option : options_) {
      walk_.found[option] = static_cast<uint32_t>(layout.members.size());
      layout.members.push_back({ir::Unsigned(32), CName(context_.program.NameOf(option)) + "_at"});
    }
    walk_.layout = context_.program.types.AddStruct(std::move(layout));
  }

  // As many as there are steps of the shortest option, and one to see the end.
  uint32_t Rounds() const {
    const sema::Header& h = header(header_.header);
    uint32_t most = std::min(h.max_size, kFarthest);
    uint32_t room = most > h.fixed_size ? most - h.fixed_size : 0;
    return room / (walk().single ? 1 : header(walk().base).fixed_size) + 1;
  }

  ir::ExprPtr Member(uint32_t index) {
    return ir::MemberOf(code_.Use(state_), index, ir::Unsigned(32));
  }
  void SetMember(uint32_t index, ir::ExprPtr value) {
    code_.Add(ir::Assign{Member(index), std::move(value)});
  }
  void Return(uint64_t result) { code_.Add(ir::Return{ir::Num(result, ir::Signed(32))}); }
  // The walk ends: where it should, or where an option can't be.
  void Arrive() {
    SetMember(OptionsFunction::kLost, ir::Num(0));
    Return(1);
  }
  void Stop() { Return(1); }

  ir::Access AccessAt(ir::VarId pointer, uint32_t bytes) {
    ir::Access access{pointer, code_.Use(at_), bytes,       Member(OptionsFunction::kLimit),
                      {},      false,          std::nullopt};
    access.read_through_helper = context_.hook.packet.method != ir::AccessMethod::kDirect;
    access.fail = code_.Within([&] { Stop(); });
    return access;
  }

  // The option that ends them, and those of one byte, may be the header's last byte.
  void LookAtFirstByte() {
    ir::VarId pointer = code_.NewVar("first", ir::Unsigned(8).Pointer());
    code_.Add(AccessAt(pointer, 1));
    ir::VarId byte = code_.Keep("byte", ir::Pointed(code_.Use(pointer)));
    body_.SetSelf(base(), pointer);
    body_.SetFirstByte(byte);
    if (walk().end) code_.When(body_.Value(*walk().end), [&] { Arrive(); });
    if (walk().single) {
      code_.When(body_.Value(*walk().single), [&] {
        SetMember(OptionsFunction::kAt, ir::Op(BinaryOp::kAdd, code_.Use(at_), ir::Num(1)));
        Return(0);
      });
    }
    body_.SetFirstByte(std::nullopt);
  }

  void PassOption() {
    uint32_t common = header(walk().base).fixed_size;
    ir::ExprPtr room = ir::Op(BinaryOp::kSub, Member(OptionsFunction::kEnd), code_.Use(at_));
    ir::VarId left = code_.Keep("left", std::move(room));
    code_.When(ir::Op(BinaryOp::kLt, code_.Use(left), ir::Num(common)), [&] { Stop(); });
    const HeaderLayout& layout = context_.program.layout(walk().base);
    ir::VarId pointer = code_.NewVar("option", ir::StructType(layout.layout).Pointer());
    code_.Add(AccessAt(pointer, common));
    body_.SetSelf(base(), pointer);
    ir::VarId size = code_.Keep("size", ir::CastTo(ir::Unsigned(32), body_.Value(*walk().size)));
    ir::ExprPtr wrong =
        ir::Op(BinaryOp::kEither, ir::Op(BinaryOp::kLt, code_.Use(size), ir::Num(common)),
               ir::Op(BinaryOp::kGt, code_.Use(size), code_.Use(left)));
    code_.When(std::move(wrong), [&] { Stop(); });
    for (const auto& [option, member] : walk_.found) Note(option, member, size);
    SetMember(OptionsFunction::kAt, ir::Op(BinaryOp::kAdd, code_.Use(at_), code_.Use(size)));
    Return(0);
  }

  // The first option of its kind counts; it can't be read if it is too short for what it
  // should hold, or cut off.
  void Note(HeaderRef option, uint32_t member, ir::VarId size) {
    const sema::Header& declared = header(option.header);
    const sema::HeaderField& kind = header(walk().base).fields[0];
    sema::Expr read{declared.span, kind.type, sema::FieldRead{base(), 0}};
    ir::ExprPtr any;
    for (uint64_t value : declared.option_kinds) {
      ir::ExprPtr number = body_.Value(read);
      ir::Type type = number->type;
      ir::ExprPtr test = ir::Op(BinaryOp::kEq, std::move(number), ir::Num(value, type));
      any = any ? ir::Op(BinaryOp::kEither, std::move(any), std::move(test)) : std::move(test);
    }
    if (!any) return;
    any = ir::Op(BinaryOp::kBoth, ir::Not(Member(member)), std::move(any));
    code_.When(std::move(any), [&] {
      uint32_t bytes = declared.fixed_size;
      const HeaderLayout& layout = context_.program.layout(option.header);
      ir::VarId pointer =
          code_.NewVar(context_.program.NameOf(option), ir::StructType(layout.layout).Pointer());
      ir::Access access = AccessAt(pointer, bytes);
      // Where it is used, it is reached by a pointer, unless the hook copies.
      access.read_through_helper = context_.hook.packet.method == ir::AccessMethod::kCopy;
      access.optional = true;
      access.fail.clear();
      code_.Add(std::move(access));
      SetMember(member, ir::Num(kUnreadableOption));
      ir::ExprPtr fits = ir::Op(BinaryOp::kBoth, ir::CastTo(ir::Bool(), code_.Use(pointer)),
                                ir::Op(BinaryOp::kGe, code_.Use(size), ir::Num(bytes)));
      code_.When(std::move(fits), [&] { SetMember(member, code_.Use(at_)); });
    });
  }

  HookContext& context_;
  HeaderRef header_;
  const std::set<HeaderRef>& options_;
  ir::Function step_;
  Body body_;
  Code& code_;
  OptionsFunction walk_;
  ir::VarId state_{}, at_{};
};

}  // namespace

OptionsFunction WriteOptionsWalk(HookContext& context, HeaderRef header,
                                 const std::set<HeaderRef>& options) {
  return OptionsWriter(context, header, options).Run();
}

bool TakesExtent(const sema::Expr& size) {
  if (const auto* call = std::get_if<sema::BuiltinCall>(&size.node)) {
    return call->builtin == sema::Builtin::kExtent;
  }
  if (const auto* convert = std::get_if<sema::Convert>(&size.node)) {
    return TakesExtent(*convert->operand);
  }
  const auto* binary = std::get_if<sema::Binary>(&size.node);
  return binary && (TakesExtent(*binary->left) || TakesExtent(*binary->right));
}

// --- Where a rule uses one -------------------------------------------------------

// As of other headers, what can't be read ends the hook, once on a way.
ir::ExprPtr Body::OptionPresent(HeaderRef option) {
  auto beyond = [&] {
    return ir::Op(BinaryOp::kGt, context_.OptionOffset(option), ir::Num(kFarthest));
  };
  if (context_.hook.unreadable && known_.readable.insert(option).second) {
    code_.When(beyond(), [&] { code_.Add(ir::FailUnreadable{}); });
  }
  return ir::Op(BinaryOp::kNe, context_.OptionOffset(option), ir::Num(0));
}

// The header's pointer; one by offset is made here. It was found in the packet, so the
// second look can't fail, which the verifier doesn't know.
ir::ExprPtr Body::PointerTo(HeaderRef ref) {
  if (!context_.IsByOffset(ref)) return context_.HeaderPointer(ref);
  auto located = located_.find(ref);
  if (located != located_.end() && located->second.moves == moves_ &&
      code_.IsOpen(located->second.block)) {
    return code_.Use(located->second.pointer);
  }
  const HeaderLayout& layout = context_.program.layout(ref.header);
  std::string name = context_.program.NameOf(ref);
  ir::VarId at = code_.Keep(name + "_at", context_.OptionOffset(ref));
  ir::VarId pointer = code_.NewVar(name, ir::StructType(layout.layout).Pointer());
  ir::Access access{
      pointer, code_.Use(at), context_.program.header(ref.header).fixed_size, nullptr, {},
      false,   std::nullopt};
  access.bound = true;
  access.read_through_helper = context_.hook.packet.method == ir::AccessMethod::kCopy;
  code_.var(pointer).copied = access.read_through_helper;
  if (context_.MayStandBeside(ref)) access.beside = context_.slots.at(ref);
  if (access.read_through_helper && !context_.IsOption(ref)) {
    access.slot = context_.slots.at(ref);
    context_.slot(*access.slot).copied = true;
    code_.var(pointer).copy_of = access.slot;
  }
  access.fail = code_.Within([&] {
    if (context_.hook.unreadable) {
      code_.Add(ir::FailUnreadable{});
    } else {
      code_.Add(ir::Exit{context_.block.at_end, std::nullopt});
    }
  });
  bool copied = access.read_through_helper;
  code_.Add(std::move(access));
  // Else Clang reads fields of two headers that stand at the same place in both behind the ways
  // to them, from the offset anew: the verifier knows no bounds there.
  if (!copied) code_.Add(ir::Opaque{pointer});
  if (!context_.IsOption(ref)) located_[ref] = {pointer, code_.block(), moves_};
  return code_.Use(pointer);
}

ir::ExprPtr Body::ReadFirstByte(const sema::FieldRead& node, sema::TypeId id) {
  const sema::HeaderField& field = context_.program.header(node.header.header).fields[node.field];
  ir::ExprPtr value = ir::CastTo(ir::Unsigned(32), code_.Use(*first_byte_));
  uint32_t shift = 8 - field.bit_offset - field.bits;
  if (shift > 0) value = ir::Op(BinaryOp::kShr, std::move(value), ir::Num(shift));
  value = ir::Op(BinaryOp::kAnd, std::move(value), ir::Num((1u << field.bits) - 1));
  if (types_.Of(id).kind == ir::TypeKind::kBool) {
    return ir::Op(BinaryOp::kNe, std::move(value), ir::Num(0));
  }
  return ir::CastTo(types_.Of(id), std::move(value));
}

}  // namespace netc::lower
