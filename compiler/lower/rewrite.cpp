// Writes to header fields, with the checksums that cover them.
//
// In hooks without an skb the checksums are updated in the packet, by the
// difference (RFC 1624). In hooks with one the kernel's helpers do it, since they
// know of checksums that are left to the device (CHECKSUM_PARTIAL) and of what the
// device has summed (CHECKSUM_COMPLETE); they kill packet pointers.
#include <algorithm>

#include "compiler/lower/body.h"
#include "compiler/lower/uses.h"

namespace netc::lower {

using ir::BinaryOp;
using sema::HeaderRef;

namespace {
// include/uapi/linux/bpf.h
constexpr uint64_t kRecompute = 1 << 0, kPseudo = 1 << 4, kMangledZero = 1 << 5;

ir::Type U32() {
  return ir::Unsigned(32);
}
ir::Type S64() {
  return ir::Signed(64);
}

uint32_t BytesOf(ir::Type type) {
  return type.kind == ir::TypeKind::kAddress6 ? 16
         : type.kind == ir::TypeKind::kMac    ? 6
                                              : type.bits / 8;
}
}  // namespace

// Checksums that cover this field: the header's own, and those of other headers
// that take it in as a summand.
std::vector<Body::Covering> Body::Coverings(HeaderRef changed, uint32_t field) {
  std::vector<Covering> result;
  for (const auto& [ref, slot] : context_.slots) {
    const sema::Header& header = context_.program.header(ref.header);
    if (!header.checksum || ref.scope != changed.scope) continue;
    if (header.checksum->algorithm == sema::Checksum::Algorithm::kCrc32c) continue;
    bool own = ref == changed;
    bool pseudo = !own && std::any_of(header.checksum->summands.begin(),
                                      header.checksum->summands.end(), [&](const auto& s) {
                                        return MentionsField(*s, changed.header, field);
                                      });
    if (own || pseudo) result.push_back({ref, pseudo});
  }
  return result;
}

void Body::AssignField(const sema::AssignField& node) {
  const HeaderLayout& layout = context_.program.layout(node.header.header);
  const FieldPlace& place = layout.fields[node.field];
  const ir::StructMember& member =
      context_.program.lowered.structs[layout.layout].members[place.member];
  auto unit = [&] {
    return ir::MemberOf(context_.HeaderPointer(node.header), place.member, member.type);
  };
  ir::ExprPtr value = Value(*node.value);
  ir::VarId before = code_.Keep("before", unit());
  ir::VarId after =
      code_.Keep("after", member.type, NewUnit(place, code_.Use(before), std::move(value)));
  Rewrite rewrite{node.header,
                  context_.program.header(node.header.header).fields[node.field].bit_offset / 8,
                  before, after, Coverings(node.header, node.field)};
  if (!place.whole) rewrite.offset = MemberOffset(node.header, place.member);
  // A checksum that can't be reached can't be kept right.
  for (const Covering& covering : rewrite.coverings) RequireReadable(covering.header);
  if (context_.hook.packet.method == ir::AccessMethod::kPull) {
    RewriteByHelper(rewrite);
  } else {
    for (const Covering& covering : rewrite.coverings) UpdateChecksum(rewrite, covering);
    code_.Add(ir::Assign{unit(), code_.Use(after)});
    if (context_.hook.packet.method == ir::AccessMethod::kCopy) StoreCopies(rewrite);
  }
}

// Where pointers don't reach, what was written is a copy on the stack: the same
// bytes are stored through the hook's helper, which reaches all of the packet.
void Body::StoreCopies(const Rewrite& rewrite) {
  std::string store(context_.block.hook->packet.store);
  auto put = [&](HeaderRef header, uint32_t offset, ir::VarId value) {
    code_.Add(ir::Do{ir::CallTo(store, S64(), ir::ContextArgument(), OffsetOf(header, offset),
                                ir::Pointing(code_.Use(value)),
                                ir::Num(BytesOf(code_.Use(value)->type)))});
  };
  put(rewrite.header, rewrite.offset, rewrite.after);
  for (const Covering& covering : rewrite.coverings) {
    const sema::Header& header = context_.program.header(covering.header.header);
    const HeaderLayout& layout = context_.program.layout(covering.header.header);
    uint32_t field = header.checksum->field;
    auto sum = [&] {
      ir::VarId value =
          code_.Keep("sum", ir::MemberOf(context_.HeaderPointer(covering.header),
                                         layout.fields[field].member, ir::Network(16)));
      put(covering.header, header.fields[field].bit_offset / 8, value);
    };
    if (covering.header == rewrite.header) {
      sum();
    } else {
      code_.When(context_.HeaderPresent(covering.header), sum);
    }
  }
}

void Body::RequireReadable(HeaderRef header) {
  if (!context_.hook.unreadable || !readable_.insert(header).second) return;
  auto test = ir::Make(ir::Bool(), ir::Unreadable{context_.Mask({header})});
  code_.When(std::move(test), [&] { code_.Add(ir::FailUnreadable{}); });
}

uint32_t Body::MemberOffset(HeaderRef ref, uint32_t member) {
  const HeaderLayout& layout = context_.program.layout(ref.header);
  const sema::Header& header = context_.program.header(ref.header);
  for (size_t i = 0; i < layout.fields.size(); ++i) {
    if (layout.fields[i].member == member) return header.fields[i].bit_offset / 8;
  }
  return 0;
}

// The member with the field's bits replaced.
ir::ExprPtr Body::NewUnit(const FieldPlace& place, ir::ExprPtr before, ir::ExprPtr value) {
  ir::Type type = before->type;
  if (!type.is_number() && !type.is_network()) return value;
  ir::Type host = ir::Unsigned(type.bits);
  if (value->type.is_network() && place.whole) return value;
  value = ir::CastTo(host, std::move(value));
  if (!place.whole) {
    uint64_t mask = ((1ull << place.bits) - 1) << place.shift;
    uint64_t all = type.bits >= 64 ? ~0ull : (1ull << type.bits) - 1;
    ir::ExprPtr old = type.is_network() ? ir::Swapped(std::move(before)) : std::move(before);
    if (place.shift > 0)
      value = ir::Op(BinaryOp::kShl, std::move(value), ir::Num(place.shift, host));
    ir::ExprPtr rest = ir::Op(BinaryOp::kAnd, std::move(old), ir::HexNum(all & ~mask, host));
    ir::ExprPtr bits = ir::Op(BinaryOp::kAnd, std::move(value), ir::HexNum(mask, host));
    value = ir::Op(BinaryOp::kOr, std::move(rest), std::move(bits));
  }
  return type.is_network() ? ir::Swapped(std::move(value)) : std::move(value);
}

// A value of the packet as the 16-bit words that a checksum adds, in memory order:
// a byte stands where its offset puts it.
ir::ExprPtr Body::AsWords(ir::VarId unit, uint32_t offset) {
  ir::ExprPtr value = code_.Use(unit);
  bool high = value->type.bits == 8 && offset % 2 == 1;
  value = ir::CastTo(U32(), std::move(value));
  return high ? ir::Op(BinaryOp::kShl, std::move(value), ir::Num(8)) : std::move(value);
}

void Body::UpdateChecksum(const Rewrite& rewrite, const Covering& covering) {
  const sema::Header& header = context_.program.header(covering.header.header);
  const HeaderLayout& layout = context_.program.layout(covering.header.header);
  uint32_t member = layout.fields[header.checksum->field].member;
  bool or_none = header.checksum->algorithm == sema::Checksum::Algorithm::kOnesComplementOrNone;
  auto update = [&] {
    ir::ExprPtr sum = ir::Pointing(
        ir::MemberOf(context_.HeaderPointer(covering.header), member, ir::Network(16)));
    const char* function = or_none ? "netc_sum_replace_or_none" : "netc_sum_replace";
    ir::VarId from = rewrite.before, to = rewrite.after;
    uint32_t size = BytesOf(code_.Use(rewrite.before)->type);
    if (size < 4) {
      from = code_.Keep("from", AsWords(rewrite.before, rewrite.offset));
      to = code_.Keep("to", AsWords(rewrite.after, rewrite.offset));
      size = 4;
    }
    code_.Add(ir::Do{ir::CallTo(function, ir::Type{}, std::move(sum), ir::Pointing(code_.Use(from)),
                                ir::Pointing(code_.Use(to)), ir::Num(size))});
  };
  if (covering.header == rewrite.header) return update();
  code_.When(context_.HeaderPresent(covering.header), update);
}

ir::ExprPtr Body::OffsetOf(HeaderRef ref, uint32_t bytes) {
  ir::ExprPtr start = ir::Make(U32(), ir::HeaderOffset{context_.slots.at(ref)});
  return bytes == 0 ? std::move(start) : ir::Op(BinaryOp::kAdd, std::move(start), ir::Num(bytes));
}

void Body::RewriteByHelper(const Rewrite& rewrite) {
  ir::VarId failed = code_.Keep("failed", S64(), ir::Num(0, S64()));
  auto note = [&](ir::ExprPtr call) {
    code_.Set(failed, ir::Op(BinaryOp::kOr, code_.Use(failed), std::move(call)));
  };
  uint32_t size = BytesOf(code_.Use(rewrite.before)->type);
  for (const Covering& covering : rewrite.coverings) {
    auto replace = [&] { note(ReplaceCall(rewrite, covering, size)); };
    if (covering.header == rewrite.header) {
      replace();
    } else {
      code_.When(context_.HeaderPresent(covering.header), replace);
    }
  }
  const auto& places = context_.program.header(rewrite.header.header).places;
  bool link =
      std::any_of(places.begin(), places.end(), [](const auto& place) { return place.at_start; });
  uint64_t flags = rewrite.coverings.empty() && !link ? kRecompute : 0;
  note(ir::CallTo("bpf_skb_store_bytes", S64(), ir::ContextArgument(),
                  OffsetOf(rewrite.header, rewrite.offset), ir::Pointing(code_.Use(rewrite.after)),
                  ir::Num(size), ir::Num(flags)));
  code_.When(code_.Use(failed), [&] { Abort("a rewrite failed in " + context_.block.name); });
  AddReload();
}

ir::ExprPtr Body::ReplaceCall(const Rewrite& rewrite, const Covering& covering, uint32_t size) {
  const sema::Header& header = context_.program.header(covering.header.header);
  const sema::Checksum& checksum = *header.checksum;
  ir::ExprPtr at = OffsetOf(covering.header, header.fields[checksum.field].bit_offset / 8);
  if (checksum.covers == sema::Checksum::Covers::kHeader && !covering.pseudo) {
    return ir::CallTo("bpf_l3_csum_replace", S64(), ir::ContextArgument(), std::move(at),
                      AsWords(rewrite.before, rewrite.offset),
                      AsWords(rewrite.after, rewrite.offset), ir::Num(std::max(size, 2u)));
  }
  uint64_t flags = covering.pseudo ? kPseudo : 0;
  if (checksum.algorithm == sema::Checksum::Algorithm::kOnesComplementOrNone) flags |= kMangledZero;
  if (size > 4) {
    auto words = [&](ir::VarId unit) {
      return ir::CastTo(ir::Network(32).Pointer(), ir::Pointing(code_.Use(unit)));
    };
    ir::ExprPtr difference =
        ir::CallTo("bpf_csum_diff", S64(), words(rewrite.before), ir::Num(size),
                   words(rewrite.after), ir::Num(size), ir::Num(0));
    return ir::CallTo("bpf_l4_csum_replace", S64(), ir::ContextArgument(), std::move(at),
                      ir::Num(0), std::move(difference), ir::Num(flags));
  }
  return ir::CallTo("bpf_l4_csum_replace", S64(), ir::ContextArgument(), std::move(at),
                    AsWords(rewrite.before, rewrite.offset), AsWords(rewrite.after, rewrite.offset),
                    ir::Num(flags | std::max(size, 2u)));
}

void Body::Abort(const std::string& fault) {
  CountFault(fault);
  code_.Add(ir::Exit{context_.block.on_abort, std::nullopt});
}

// Packet pointers are made again from the offsets that were kept.
void Body::AddReload() {
  ir::Reload reload;
  for (const auto& [ref, slot] : context_.slots) reload.keep.push_back(slot);
  reload.fail = code_.Within([&] { code_.Add(ir::Exit{context_.block.on_abort, std::nullopt}); });
  code_.Add(std::move(reload));
}

}  // namespace netc::lower
