#include "compiler/lower/settle.h"

#include <algorithm>

#include "compiler/sema/constant.h"

namespace netc::lower {

using ir::BinaryOp;
using sema::Covering;
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

bool IsEven(const sema::Expr& expr) {
  if (const auto* constant = sema::AsConstant(expr)) return constant->number % 2 == 0;
  if (const auto* convert = std::get_if<sema::Convert>(&expr.node))
    return IsEven(*convert->operand);
  const auto* binary = std::get_if<sema::Binary>(&expr.node);
  if (!binary) return false;
  bool left = IsEven(*binary->left), right = IsEven(*binary->right);
  switch (binary->op) {
    case sema::BinaryOp::kMul:
      return left || right;
    case sema::BinaryOp::kAdd:
    case sema::BinaryOp::kSub:
      return left && right;
    case sema::BinaryOp::kShl: {
      const auto* amount = sema::AsConstant(*binary->right);
      return left || (amount && amount->number > 0);
    }
    default:
      return false;
  }
}

}  // namespace

bool IsLoose(const sema::Program& program, HeaderRef ref) {
  if (program.headers[static_cast<size_t>(ref.header)].option_of) return true;
  for (uint32_t i = 0; i < program.headers.size(); ++i) {
    const sema::Header& header = program.headers[i];
    bool even = header.size ? IsEven(*header.size) : header.fixed_size % 2 == 0;
    if (even) continue;
    for (sema::Scope scope : {sema::Scope::kOuter, sema::Scope::kInner}) {
      if (sema::LeadsTo(program, {sema::HeaderId{i}, scope}, ref)) return true;
    }
  }
  return false;
}

Body::Settler::Settler(Body& body, const Rewrite& rewrite)
    : body_(body),
      context_(body.context_),
      code_(body.code_),
      rewrite_(rewrite),
      skb_(body.context_.hook.packet.method == ir::AccessMethod::kPull) {
  if (skb_) failed_ = code_.Keep("failed", S64(), ir::Num(0, S64()));
}

void Body::Settler::Note(ir::ExprPtr call) {
  code_.Set(*failed_, ir::Op(BinaryOp::kOr, code_.Use(*failed_), std::move(call)));
}

void Body::Settler::Finish() {
  if (!skb_) return;
  code_.When(code_.Use(*failed_),
             [&] { body_.Abort("a rewrite failed in " + context_.block.name); });
  body_.AddReload();
}

const sema::Checksum& Body::Settler::checksum(HeaderRef ref) const {
  return *context_.program.header(ref.header).checksum;
}

ir::ExprPtr Body::Settler::SumOf(HeaderRef ref) {
  const HeaderLayout& layout = context_.program.layout(ref.header);
  uint32_t member = layout.fields[checksum(ref).field].member;
  ir::Type type = context_.program.lowered.structs[layout.layout].members[member].type;
  return ir::MemberOf(body_.PointerTo(ref), member, type);
}

uint32_t Body::Settler::SumAt(HeaderRef ref) const {
  return context_.program.header(ref.header).fields[checksum(ref).field].bit_offset / 8;
}

// A byte counts in the low or the high half of a word, by where it stands.
ir::ExprPtr Body::Settler::Turned(ir::ExprPtr change, ir::ExprPtr odd) {
  return ir::CallTo("netc_sum_turned", U32(), std::move(change), std::move(odd));
}

ir::ExprPtr Body::Settler::RawChange(ir::VarId from, ir::VarId to, uint32_t size) {
  return ir::CallTo("netc_sum_change", U32(), ir::Pointing(code_.Use(from)),
                    ir::Pointing(code_.Use(to)), ir::Num(size));
}

// A pseudo header adds an address as it lies in the packet, a number as one of 32 bits.
ir::ExprPtr Body::Settler::SummandChange(const Covering&) {
  ir::Type type = code_.Use(rewrite_.before)->type;
  const FieldPlace& place = rewrite_.place;
  bool number = type.is_number() || type.is_network();
  bool plain = !number || (place.whole && type.bits > 8);
  if (plain) return RawChange(rewrite_.before, rewrite_.after, rewrite_.size);
  ir::Type host = ir::Unsigned(type.bits > 32 || rewrite_.below > 0 ? 64 : 32);
  auto summand = [&](const char* name, ir::VarId unit) {
    ir::ExprPtr value = code_.Use(unit);
    if (value->type.is_network()) value = ir::Swapped(std::move(value));
    value = ir::CastTo(host, std::move(value));
    if (place.shift > 0) {
      value = ir::Op(BinaryOp::kShr, std::move(value), ir::Num(place.shift, host));
    }
    if (place.shift + place.bits < type.bits) {
      value = ir::Op(BinaryOp::kAnd, std::move(value), ir::HexNum((1ull << place.bits) - 1, host));
    }
    if (rewrite_.below > 0) {
      value = ir::Op(BinaryOp::kShl, std::move(value), ir::Num(rewrite_.below, host));
    }
    return code_.Keep(name, ir::Swapped(std::move(value)));
  };
  ir::VarId from = summand("from", rewrite_.before), to = summand("to", rewrite_.after);
  return RawChange(from, to, host.bits / 8);
}

ir::ExprPtr Body::Settler::ChangeFor(HeaderRef ref, ir::ExprPtr change) {
  if (!IsLoose(context_.program.checked, ref)) return change;
  return Turned(std::move(change), body_.OffsetOf(ref, 0));
}

ir::ExprPtr Body::Settler::IsThere(const Sum& sum) {
  return sum.is_there ? code_.Use(*sum.is_there) : context_.HeaderPresent(sum.header);
}

void Body::Settler::AskBefore(Sum& sum) {
  if (!sum.or_none) return;
  sum.is_there = code_.Keep("summed", ir::Num(0, ir::Bool()));
  auto ask = [&] {
    ir::ExprPtr value = SumOf(sum.header);
    ir::Type type = value->type;
    code_.Set(*sum.is_there, ir::Op(BinaryOp::kNe, std::move(value), ir::Num(0, type)));
  };
  if (sum.certain) {
    ask();
  } else {
    code_.When(context_.HeaderPresent(sum.header), ask);
  }
}

void Body::Settler::Replace(HeaderRef ref, ir::ExprPtr change, Covering::How how, bool or_none) {
  bool pseudo = how == Covering::How::kPseudo;
  auto replace = [&](ir::ExprPtr by) {
    bool header = how == Covering::How::kHeader;
    uint64_t flags = (pseudo ? kPseudo : 0) | (or_none ? kMangledZero : 0);
    Note(ir::CallTo(header ? "bpf_l3_csum_replace" : "bpf_l4_csum_replace", S64(),
                    ir::ContextArgument(), body_.OffsetOf(ref, SumAt(ref)), ir::Num(0),
                    std::move(by), ir::Num(header ? 0 : flags)));
  };
  bool one_of_several = IsOneOfSeveral(ref, how), loose = IsLoose(context_.program.checked, ref);
  if (!one_of_several && !loose) return replace(std::move(change));
  ir::VarId by = code_.Keep("by", std::move(change));
  auto store = [&](uint64_t flags) {
    return code_.Within([&] {
      Note(ir::CallTo("netc_sum_store", S64(), ir::ContextArgument(),
                      body_.OffsetOf(ref, SumAt(ref)), code_.Use(by), ir::Num(or_none, ir::Bool()),
                      ir::Num(flags)));
    });
  };
  auto replace_or_store = [&] {
    if (!one_of_several) return replace(code_.Use(by));
    ir::ExprPtr elsewhere =
        ir::CallTo("netc_sum_elsewhere", U32(), ir::ContextArgument(), body_.OffsetOf(ref, 0));
    ir::Block rest = code_.Within([&] { replace(code_.Use(by)); });
    code_.Add(ir::If{std::move(elsewhere), store(0), std::move(rest)});
  };
  if (!loose) return replace_or_store();
  ir::ExprPtr odd = ir::Op(BinaryOp::kAnd, body_.OffsetOf(ref, SumAt(ref)), ir::Num(1));
  ir::Block rest = code_.Within(replace_or_store);
  // What a pseudo header changes, nothing in the packet makes up for in the device's sum.
  code_.Add(ir::If{std::move(odd), store(pseudo ? kRecompute : 0), std::move(rest)});
}

// Whether the packet may have another sum that a device is to finish: it is in a tunnel, or may
// carry one, of which the unit need not know.
bool Body::Settler::IsOneOfSeveral(HeaderRef ref, Covering::How how) const {
  if (how == Covering::How::kHeader) return false;
  return ref.scope == sema::Scope::kInner || !context_.program.header(ref.header).next.empty();
}

void Body::Settler::Apply(HeaderRef ref, ir::ExprPtr change, Covering::How how) {
  bool or_none = checksum(ref).algorithm == sema::Checksum::Algorithm::kOnesComplementOrNone;
  if (skb_) return Replace(ref, std::move(change), how, or_none);
  code_.Add(ir::Do{ir::CallTo(or_none ? "netc_sum_apply_or_none" : "netc_sum_apply", ir::Type{},
                              ir::Pointing(SumOf(ref)), std::move(change))});
  if (context_.hook.packet.method != ir::AccessMethod::kCopy) return;
  ir::VarId sum = code_.Keep("sum", SumOf(ref));
  code_.Add(ir::Do{ir::CallTo(std::string(context_.block.hook->packet.store), S64(),
                              ir::ContextArgument(), body_.OffsetOf(ref, SumAt(ref)),
                              ir::Pointing(code_.Use(sum)), ir::Num(2))});
}

// A CRC is linear: it changes by the change's own, moved on by as many bytes as follow.
// It stands in the packet as it does in the memory of the machines that netc runs on.
void Body::Settler::ApplyCrc(HeaderRef ref) {
  ir::ExprPtr said = ir::Make(U32(), ir::HeaderEnd{context_.slots.at(ref)});
  // Of a packet that is cut off, it is over what is there.
  ir::VarId length = code_.Keep("length", U32(), body_.PacketLength());
  ir::VarId end = code_.Keep("end", U32(), std::move(said));
  code_.When(ir::Op(BinaryOp::kGt, code_.Use(end), code_.Use(length)),
             [&] { code_.Set(end, code_.Use(length)); });
  ir::ExprPtr behind = ir::Op(BinaryOp::kSub, code_.Use(end),
                              body_.OffsetOf(rewrite_.header, rewrite_.offset + rewrite_.size));
  ir::ExprPtr delta = ir::CallTo(
      "netc_crc32c_change", U32(), ir::Pointing(code_.Use(rewrite_.before)),
      ir::Pointing(code_.Use(rewrite_.after)), ir::Num(rewrite_.size), std::move(behind));
  ir::Type raw = SumOf(ref)->type;
  ir::VarId was = code_.Keep("was", SumOf(ref));
  ir::VarId now = code_.Keep(
      "is", raw,
      ir::CastTo(raw, ir::Op(BinaryOp::kXor, ir::CastTo(U32(), code_.Use(was)), std::move(delta))));
  auto store = [&](bool flags) {
    ir::Call call{std::string(context_.block.hook->packet.store), {}};
    call.arguments.push_back(ir::ContextArgument());
    call.arguments.push_back(body_.OffsetOf(ref, SumAt(ref)));
    call.arguments.push_back(ir::Pointing(code_.Use(now)));
    call.arguments.push_back(ir::Num(4));
    if (flags) call.arguments.push_back(ir::Num(kRecompute));
    return ir::Make(S64(), std::move(call));
  };
  if (skb_) {
    Note(store(true));
  } else {
    code_.Add(ir::Assign{SumOf(ref), code_.Use(now)});
    if (context_.hook.packet.method == ir::AccessMethod::kCopy) code_.Add(ir::Do{store(false)});
  }
  if (!rest_) return;
  code_.Set(*rest_, ir::CallTo("netc_sum_added", U32(), code_.Use(*rest_), RawChange(was, now, 4)));
}

void Body::Settler::SettlePseudo(const Sum& sum, const Covering& covering) {
  code_.When(IsThere(sum), [&] {
    ir::VarId change = code_.Keep("summand", SummandChange(covering));
    if (rest_) {
      ir::ExprPtr less = ir::Op(BinaryOp::kSub, ir::Num(0xffff), code_.Use(change));
      code_.Set(*rest_, ir::CallTo("netc_sum_added", U32(), code_.Use(*rest_), std::move(less)));
    }
    Apply(sum.header, code_.Use(change), Covering::How::kPseudo);
  });
}

void Body::Settler::SettleAround() {
  for (size_t i = 0; i < around_.size() && !taken_up_; ++i) {
    const Sum& sum = around_[i];
    bool crc = checksum(sum.header).algorithm == sema::Checksum::Algorithm::kCrc32c;
    auto settle = [&] {
      if (crc) return ApplyCrc(sum.header);
      ir::ExprPtr rest = rest_ ? code_.Use(*rest_) : code_.Use(*change_);
      Apply(sum.header, ChangeFor(sum.header, std::move(rest)), Covering::How::kExtent);
      if (!rest_) return;
      // What pseudo headers and CRCs took up is not in the device's sum yet.
      bool counted = !pseudo_.empty() ||
                     checksum(around_[0].header).algorithm == sema::Checksum::Algorithm::kCrc32c;
      if (skb_ && counted) {
        code_.Add(ir::Do{ir::CallTo("bpf_csum_update", S64(), ir::ContextArgument(),
                                    ir::Op(BinaryOp::kSub, ir::Num(0xffff), code_.Use(*rest_)))});
      }
      code_.Set(*rest_, ir::Num(0));
    };
    bool certain = sum.certain && !sum.or_none;
    if (certain) {
      settle();
      taken_up_ = !crc;
    } else {
      code_.When(IsThere(sum), settle);
    }
  }
}

// The device's sum of the packet stays right if what isn't taken up is counted. The
// header's own sum takes the field up, and so does the first around it; a sum with a
// pseudo header is counted by bpf_l4_csum_replace, and a CRC by its store.
ir::ExprPtr Body::Settler::Flags() {
  const auto& places = context_.program.header(rewrite_.header.header).places;
  bool link = rewrite_.header.scope == sema::Scope::kOuter &&
              std::any_of(places.begin(), places.end(), [](const auto& p) { return p.at_start; });
  if (own_ || link) return ir::Num(0);
  bool crc = !around_.empty() &&
             checksum(around_[0].header).algorithm == sema::Checksum::Algorithm::kCrc32c;
  if (around_.empty() || !pseudo_.empty() || crc) return ir::Num(kRecompute);
  if (!rest_) return ir::Num(0);
  return ir::Make(U32(), ir::Conditional{ir::Op(BinaryOp::kNe, code_.Use(*rest_), ir::Num(0)),
                                         ir::Num(kRecompute), ir::Num(0)});
}

ir::ExprPtr Body::Settler::Run(const std::vector<Covering>& coverings) {
  std::vector<Covering> pseudo;
  for (const Covering& covering : coverings) {
    if (!context_.slots.contains(covering.header)) continue;
    Sum sum{covering.header, covering.certain,
            checksum(covering.header).algorithm == sema::Checksum::Algorithm::kOnesComplementOrNone,
            std::nullopt};
    if (covering.how == Covering::How::kHeader) {
      own_ = covering.header;
    } else if (covering.how == Covering::How::kPseudo) {
      pseudo_.push_back(sum);
      pseudo.push_back(covering);
    } else {
      around_.push_back(sum);
    }
  }
  // What the header's own sum took up, nothing around it sees.
  if (own_ && pseudo_.empty()) around_.clear();
  if (!own_ && pseudo_.empty() && around_.empty()) return Flags();
  for (Sum& sum : around_) AskBefore(sum);
  for (Sum& sum : pseudo_) {
    body_.RequireReadable(rewrite_.header, sum.header);
    if (!around_.empty()) AskBefore(sum);
  }
  ir::ExprPtr change = RawChange(rewrite_.before, rewrite_.after, rewrite_.size);
  if (IsLoose(context_.program.checked, rewrite_.header)) {
    change = Turned(std::move(change), body_.OffsetOf(rewrite_.header, rewrite_.offset));
  } else if (rewrite_.offset % 2 == 1) {
    change = Turned(std::move(change), ir::Num(1));
  }
  change_ = code_.Keep("change", std::move(change));
  bool first_takes_all =
      !around_.empty() && around_[0].certain && !around_[0].or_none && pseudo_.empty() &&
      checksum(around_[0].header).algorithm != sema::Checksum::Algorithm::kCrc32c;
  if (!around_.empty() && !first_takes_all) {
    rest_ = code_.Keep("rest", own_ ? ir::Num(0) : code_.Use(*change_));
  }
  if (own_) Apply(*own_, ChangeFor(*own_, code_.Use(*change_)), Covering::How::kHeader);
  for (size_t i = 0; i < pseudo_.size(); ++i) SettlePseudo(pseudo_[i], pseudo[i]);
  SettleAround();
  return Flags();
}

// --- What must be readable -------------------------------------------------------

// A checksum that can't be reached can't be kept right. But where the packet inside is cut
// off, as in ICMP errors, what is missing of it is not there to be kept.
void Body::RequireReadable(HeaderRef changed, HeaderRef header) {
  if (!context_.hook.unreadable || !known_.readable.insert(header).second) return;
  ir::ExprPtr lost = ir::Make(ir::Bool(), ir::Unreadable{context_.Mask({header})});
  bool inside = changed.scope == sema::Scope::kInner;
  if (!inside || !context_.program.header(changed.header).extent) {
    code_.When(std::move(lost), [&] { code_.Add(ir::FailUnreadable{}); });
    return;
  }
  known_.readable.erase(header);
  code_.When(std::move(lost), [&] {
    ir::ExprPtr whole = ir::Not(CutOff(changed));
    code_.When(std::move(whole), [&] { code_.Add(ir::FailUnreadable{}); });
  });
}

// Whether the packet ends before what the header carries does.
ir::ExprPtr Body::CutOff(HeaderRef ref) {
  ir::VarId pointer = code_.Keep(context_.program.NameOf(ref), PointerTo(ref));
  auto outer = std::pair(self_, self_pointer_);
  SetSelf(ref, pointer);
  ir::ExprPtr extent = Value(*context_.program.header(ref.header).extent);
  std::tie(self_, self_pointer_) = outer;
  ir::ExprPtr end = ir::Op(BinaryOp::kAdd, OffsetOf(ref, 0), std::move(extent));
  return ir::Op(BinaryOp::kGt, std::move(end), PacketLength());
}

}  // namespace netc::lower
