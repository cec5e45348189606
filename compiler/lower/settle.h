// Settles the checksums that cover a field which is rewritten.
//
// A sum in ones' complement changes by the difference of what it covers (RFC 1624). What
// covers a header and its sum both sees no change at all, since the sum takes up what the
// field gave; so from the inside out `rest` is what is not taken up yet.
//
// Without an skb the sums are updated in the packet. With one bpf_l3_csum_replace and
// bpf_l4_csum_replace do it, which know of checksums that are left to the device
// (CHECKSUM_PARTIAL), but not of which: where there may be several, netc asks. What a device
// has summed of the packet (CHECKSUM_COMPLETE) must change by each byte that isn't taken up
// by another: see Flags.
#pragma once

#include "compiler/lower/body.h"
#include "compiler/sema/reach.h"

namespace netc::lower {

// Whether the header may begin at an odd byte of the packet: an option, or what stands
// behind a header of any length.
bool IsLoose(const sema::Program& program, sema::HeaderRef ref);

class Body::Settler {
 public:
  Settler(Body& body, const Rewrite& rewrite);

  // Writes the updates; what bpf_skb_store_bytes is to do besides storing the field.
  ir::ExprPtr Run(const std::vector<sema::Covering>& coverings);
  // The result of a kernel function that may fail.
  void Note(ir::ExprPtr call);
  // Behind the field's own store.
  void Finish();

 private:
  struct Sum {
    sema::HeaderRef header;
    bool certain = false;
    bool or_none = false;               // 0 in the packet: there is none
    std::optional<ir::VarId> is_there;  // asked before pointers die
  };

  const sema::Checksum& checksum(sema::HeaderRef ref) const;
  ir::ExprPtr SumOf(sema::HeaderRef ref);
  uint32_t SumAt(sema::HeaderRef ref) const;
  ir::ExprPtr Turned(ir::ExprPtr change, ir::ExprPtr odd);
  ir::ExprPtr RawChange(ir::VarId from, ir::VarId to, uint32_t size);
  ir::ExprPtr SummandChange(const sema::Covering& covering);
  ir::ExprPtr ChangeFor(sema::HeaderRef ref, ir::ExprPtr change);
  ir::ExprPtr IsThere(const Sum& sum);
  void AskBefore(Sum& sum);
  bool IsOneOfSeveral(sema::HeaderRef ref, sema::Covering::How how) const;
  void Replace(sema::HeaderRef ref, ir::ExprPtr change, sema::Covering::How how, bool or_none);
  void Apply(sema::HeaderRef ref, ir::ExprPtr change, sema::Covering::How how);
  void ApplyCrc(sema::HeaderRef ref);
  void SettlePseudo(const Sum& sum, const sema::Covering& covering);
  void SettleAround();
  ir::ExprPtr Flags();

  Body& body_;
  HookContext& context_;
  Code& code_;
  const Rewrite& rewrite_;
  bool skb_ = false;
  std::optional<ir::VarId> failed_;
  std::optional<sema::HeaderRef> own_;
  std::vector<Sum> pseudo_, around_;
  std::optional<ir::VarId> change_;  // of the field, in the packet's words
  std::optional<ir::VarId> rest_;    // of that, what no sum has taken up
  bool taken_up_ = false;            // by a sum that is there for certain
};

}  // namespace netc::lower
