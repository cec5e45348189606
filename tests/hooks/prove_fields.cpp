// (hook, field, width, read or write), for every byte of every context.
#include <linux/btf.h>

#include <algorithm>
#include <map>

#include "tests/hooks/prover.h"

namespace netc::prove {
namespace {

using hooks::Field;
using hooks::HookId;
using hooks::Pointer;
using hooks::ProgType;

constexpr unsigned kSizes[] = {1, 2, 4, 8};

std::string Piece(unsigned size, unsigned at) {
  return std::to_string(size) + " bytes at " + std::to_string(at);
}

// The field that an access at this offset of the context falls into, and whether
// some row allows it. Fields may overlap: reply is also args[0].
struct Covered {
  std::string name;
  bool allowed = false;
};
Covered Cover(const std::vector<Field>& fields, unsigned size, unsigned at, bool write) {
  Covered covered;
  for (const Field& field : fields) {
    if (at < field.offset) continue;
    const hooks::Widths& widths = write ? field.writes : field.reads;
    if (covered.name.empty() && at < field.offset + field.size) covered.name = field.name;
    if (widths.allows(size, at - field.offset)) return {std::string(field.name), true};
  }
  if (covered.name.empty()) covered.name = "no field";
  return covered;
}

// Bytes of the context structs (include/uapi/linux/bpf.h, 6.18).
unsigned SizeOf(std::string_view context) {
  static const std::map<std::string_view, unsigned> kSizesOf = {
      {"xdp_md", 24},        {"__sk_buff", 192},    {"bpf_sk_lookup", 72}, {"sk_reuseport_md", 56},
      {"bpf_sock", 80},      {"bpf_sock_addr", 72}, {"bpf_sockopt", 40},   {"bpf_sock_ops", 224},
      {"bpf_iter__tcp", 24}, {"bpf_tcp_sock", 112}, {"bpf_xdp_sock", 4}};
  const auto found = kSizesOf.find(context);
  return found == kSizesOf.end() ? 0 : found->second;
}

}  // namespace

void Prover::ProveContext(const Variant& variant) {
  std::vector<Field> fields;
  for (const Field& field : variant.facts->fields) {
    if (Reached(field.since)) fields.push_back(field);
  }
  const unsigned end = SizeOf(variant.facts->hook.context);
  for (unsigned size : kSizes) {
    for (unsigned at = 0; at + size <= end; at += size) {
      const Covered read = Cover(fields, size, at, false);
      const Answer loaded = kernel_.Load(
          variant.form,
          Assembler().LoadFrom(size, 0, 1, static_cast<int16_t>(at)).Finish(variant.result));
      report_.Check("field " + read.name + " read " + Piece(size, at) + " in " + variant.name,
                    read.allowed, loaded.loaded(), Reason(loaded));
      const Covered write = Cover(fields, size, at, true);
      const Answer stored =
          kernel_.Load(variant.form, Assembler()
                                         .Move(2, 0)
                                         .StoreTo(size, 1, static_cast<int16_t>(at), 2)
                                         .Finish(variant.result));
      report_.Check("field " + write.name + " write " + Piece(size, at) + " in " + variant.name,
                    write.allowed, stored.loaded(), Reason(stored));
    }
  }
}

void Prover::ProveFields() {
  ForEach([&](const Variant& variant) {
    if (SizeOf(variant.facts->hook.context) > 0) ProveContext(variant);
  });
}

// What socket pointers point to: from tc, where all kinds can be had but the one
// of AF_XDP, which XDP gets from its map.
void Prover::ProvePointees() {
  struct Source {
    Pointer pointer;
    std::string_view context;
    HookId hook;
    std::function<void(Assembler&)> get;  // leaves the pointer in register 6
  };
  const auto sk = [](Assembler& code) { code.LoadFrom(8, 6, 1, 168).LeaveIfZero(6); };
  const auto through = [&](uint32_t helper) {
    return [sk, helper](Assembler& code) {
      sk(code);
      code.Copy(1, 6).Call(helper).LeaveIfZero(0).Copy(6, 0);
    };
  };
  const int sockets = kernel_.Map({.type = BPF_MAP_TYPE_XSKMAP, .value_size = 4});
  const Source sources[] = {
      {Pointer::kSockCommon, "bpf_sock", HookId::kTcIngress, sk},
      {Pointer::kSock, "bpf_sock", HookId::kTcIngress, through(95)},         // bpf_sk_fullsock
      {Pointer::kTcpSock, "bpf_tcp_sock", HookId::kTcIngress, through(96)},  // bpf_tcp_sock
      {Pointer::kXdpSock, "bpf_xdp_sock", HookId::kXdp,
       [sockets](Assembler& code) {
         code.StoreNumber(4, 10, -4, 0).Copy(2, 10).AddNumber(2, -4).MapFd(1, sockets).Call(1);
         code.LeaveIfZero(0).Copy(6, 0);
       }},
  };
  for (const Source& source : sources) {
    const auto variant = std::find_if(variants_.begin(), variants_.end(),
                                      [&](const Variant& v) { return v.id() == source.hook; });
    if (!Wants(*variant)) continue;
    std::vector<Field> fields;
    for (const hooks::PointeeField& row : tables_.pointees) {
      if (row.pointer == source.pointer) fields.push_back(row.field);
    }
    const char* kinds[] = {"sock_common", "sock", "tcp_sock", "xdp_sock"};
    const std::string kind = kinds[static_cast<size_t>(source.pointer)];
    for (unsigned size : kSizes) {
      for (unsigned at = 0; at + size <= SizeOf(source.context); at += size) {
        const Covered read = Cover(fields, size, at, false);
        Assembler code;
        source.get(code);
        code.LoadFrom(size, 0, 6, static_cast<int16_t>(at));
        const Answer answer = kernel_.Load(variant->form, code.Finish(variant->result));
        report_.Check("pointee " + read.name + " read " + Piece(size, at) + " of " + kind,
                      read.allowed, answer.loaded(), Reason(answer));
      }
    }
  }
}

// Members of a congestion control: what of the connection can be read and written.
void Prover::ProveCc() {
  const auto member = std::find_if(variants_.begin(), variants_.end(), [](const Variant& variant) {
    return variant.id() == HookId::kCcCongAvoid;
  });
  for (const hooks::CcField& field : tables_.cc_fields) {
    const std::string fact = "cc " + std::string(field.word);
    const auto place = kernel_.FindMember("tcp_sock", field.path);
    report_.Check(fact + " exists", true, place.has_value());
    if (!place) continue;
    report_.Compare(fact + " size", std::to_string(field.size), std::to_string(place->size));
    const unsigned size = std::min(place->size, 8u);
    const auto at = static_cast<int16_t>(place->offset);
    const Answer read = kernel_.Load(
        member->form, Assembler().LoadFrom(8, 1, 1, 0).LoadFrom(size, 0, 1, at).Finish(0));
    report_.Check(fact + " read", true, read.loaded(), Reason(read));
    const Answer write =
        kernel_.Load(member->form,
                     Assembler().LoadFrom(8, 1, 1, 0).Move(2, 0).StoreTo(size, 1, at, 2).Finish(0));
    report_.Check(fact + " write", Reached(field.writable_since), write.loaded(), Reason(write));
  }
}

}  // namespace netc::prove
