#include "compiler/lower/hook_context.h"

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
    found = layouts.emplace(id, LayOut(header(id), header(id).name, types)).first;
  }
  return found->second;
}

std::string ProgramContext::NameOf(sema::HeaderRef ref) const {
  return (ref.scope == sema::Scope::kInner ? "inner_" : "") + header(ref.header).name;
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

ir::ExprPtr HookContext::Context(const std::string& name, ir::Type type, int word) {
  hook.context.insert(name);
  return ir::Make(type, ir::ContextMember{name, word});
}

}  // namespace netc::lower
