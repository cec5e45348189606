#include "compiler/lower/hook_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "compiler/ir/build.h"

namespace netc::lower {

ir::Origin ProgramContext::Locate(Span span) const {
  if (static_cast<uint32_t>(span.file) >= sources.size()) return {};
  LineColumn place = sources.file(span.file).Locate(span.begin);
  return {static_cast<uint32_t>(span.file), place.line, place.column};
}

uint32_t ProgramContext::Fault(const std::string& what) {
  auto& faults = lowered.faults;
  auto found = std::find(faults.begin(), faults.end(), what);
  if (found == faults.end()) found = faults.insert(faults.end(), what);
  return static_cast<uint32_t>(found - faults.begin());
}

const HeaderLayout& ProgramContext::layout(sema::HeaderId id) {
  auto found = layouts.find(id);
  if (found == layouts.end()) {
    found = layouts.emplace(id, LayOut(header(id), PlainName(id), types)).first;
  }
  return found->second;
}

std::string ProgramContext::NameOf(sema::HeaderRef ref) const {
  return (ref.scope == sema::Scope::kInner ? "inner_" : "") + PlainName(ref.header);
}

// "tcp.mss" is tcp_mss, unless a header is called so.
std::string ProgramContext::PlainName(sema::HeaderId id) const {
  std::string name = header(id).name;
  bool plain = name.find_first_of(". ") == std::string::npos;
  if (plain) return name;
  std::replace(name.begin(), name.end(), '.', '_');
  std::replace(name.begin(), name.end(), ' ', '_');
  auto taken = [&] {
    return std::any_of(checked.headers.begin(), checked.headers.end(),
                       [&](const sema::Header& other) { return other.name == name; });
  };
  while (taken()) name += '_';
  return name;
}

uint32_t ProgramContext::MapFor(sema::StateId state, Copy copy) {
  auto own = static_cast<uint32_t>(state);
  if (copy == Copy::kOwn) return own;
  auto [found, fresh] = copies.emplace(std::pair(state, copy), lowered.maps.size());
  if (!fresh) return found->second;
  ir::Map map = lowered.maps[own];
  map.copy_of = own;
  map.comment = copy == Copy::kFrags ? fmt::format("{}, for programs that take frags.", map.name)
                                     : fmt::format("Interface numbers of {}.", map.name);
  map.name += copy == Copy::kFrags ? "_frags" : "_numbers";
  if (copy == Copy::kNumbers) {
    // By slot, or by the number itself.
    bool hash = checked.states[own].kind == sema::StateKind::kInterfaces;
    map.type = hash ? "BPF_MAP_TYPE_HASH" : "BPF_MAP_TYPE_ARRAY";
    map.type_number = hash ? 1 : 2;
    map.value = ir::Unsigned(32);
  }
  lowered.maps.push_back(std::move(map));
  return found->second;
}

uint64_t HookContext::Mask(const std::set<sema::HeaderRef>& headers) const {
  uint64_t mask = 0;
  for (sema::HeaderRef header : headers) {
    mask |= hook.packet.slots[static_cast<size_t>(slots.at(header))].bit;
  }
  return mask;
}

ir::ExprPtr HookContext::HeaderPointer(sema::HeaderRef header) {
  ir::SlotId id = slots.at(header);
  return ir::Make(ir::StructType(slot(id).layout).Pointer(), ir::HeaderPointer{id});
}

ir::ExprPtr HookContext::HeaderPresent(sema::HeaderRef header) {
  return ir::CastTo(ir::Bool(), ir::Make(ir::Unsigned(64), ir::HeaderPresent{slots.at(header)}));
}

ir::ExprPtr HookContext::OptionOffset(sema::HeaderRef option) {
  return ir::Make(ir::Unsigned(32), ir::HeaderOffset{slots.at(option)});
}

// The names are those of the standard library, as for a packet's start.
bool HookContext::MayStandBeside(sema::HeaderRef ref) const {
  const sema::Header& header = program.header(ref.header);
  if (ref.scope != sema::Scope::kOuter || header.name != "vlan") return false;
  // Where packets begin at the IP header, the stack has taken the tag off (net/8021q/vlan_core.c).
  if (!block.hook || block.hook->packet.start != hooks::PacketStart::kFrame) return false;
  if (!block.hook->FindField("vlan_present")) return false;
  const ir::Struct& layout = program.lowered.structs[program.layout(ref.header).layout];
  return layout.members.size() == 2 && layout.members[0].type == ir::Network(16) &&
         layout.members[1].type == ir::Network(16);
}

ir::ExprPtr HookContext::Context(const std::string& name, ir::Type type, int word) {
  hook.context.insert(name);
  return ir::Make(type, ir::ContextMember{name, word});
}

}  // namespace netc::lower
