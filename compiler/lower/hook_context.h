// What lowering knows of the program and of one hook. Internal to this folder.
#pragma once

#include <map>
#include <set>
#include <string>

#include "compiler/base/source.h"
#include "compiler/ir/program.h"
#include "compiler/lower/header_layout.h"
#include "compiler/lower/lower.h"
#include "compiler/lower/parse_plan.h"
#include "compiler/lower/types.h"
#include "compiler/sema/program.h"

namespace netc::lower {

// Shared by all hooks of a program.
struct ProgramContext {
  const SourceSet& sources;
  const sema::Program& checked;
  const Plan& plan;
  ir::Program& lowered;
  Types types;
  std::map<sema::HeaderId, HeaderLayout> layouts;
  std::map<sema::HeaderRef, uint32_t> bits;  // in masks of unreadable headers
  // Copies of a state's map, by what they are for.
  enum class Copy : uint8_t { kOwn, kFrags, kNumbers };
  std::map<std::pair<sema::StateId, Copy>, uint32_t> copies{};
  std::map<sema::StateId, uint32_t> tables{};

  // Index of the map; a copy is made when it is first asked for.
  uint32_t MapFor(sema::StateId state, Copy copy);
  // Of the map that holds a ring's tables, made likewise.
  uint32_t TablesFor(sema::StateId ring);

  ir::Origin Locate(Span span) const;
  // Index of a fault counter; the same text is the same counter.
  uint32_t Fault(const std::string& what);
  const sema::Header& header(sema::HeaderId id) const {
    return checked.headers[static_cast<size_t>(id)];
  }
  const HeaderLayout& layout(sema::HeaderId id);
  std::string NameOf(sema::HeaderRef header) const;  // ipv4, inner_ipv4
  std::string PlainName(sema::HeaderId header) const;
};

struct HookContext {
  ProgramContext& program;
  const sema::HookBlock& block;
  ir::Hook& hook;
  ParsePlan plan;
  std::map<sema::HeaderRef, ir::SlotId> slots;
  std::string function_suffix{};  // of functions for a part of the hook, e.g. "_2"

  ir::Slot& slot(ir::SlotId id) { return hook.packet.slots[static_cast<size_t>(id)]; }
  uint64_t Mask(const std::set<sema::HeaderRef>& headers) const;
  ir::ExprPtr HeaderPointer(sema::HeaderRef header);
  ir::ExprPtr HeaderPresent(sema::HeaderRef header);  // bool
  ir::ExprPtr OptionOffset(sema::HeaderRef option);   // u32: see ir::Slot::is_option
  // Whether the hook's context may hold this header instead of the packet: a VLAN tag.
  bool MayStandBeside(sema::HeaderRef ref) const;
  bool IsOption(sema::HeaderRef ref) const {
    return program.header(ref.header).option_of.has_value();
  }
  // Whether it is reached from its offset where it is used.
  bool IsByOffset(sema::HeaderRef ref) const { return hook.packet.by_offset || IsOption(ref); }
  // A member of the hook's context struct, by its C name.
  ir::ExprPtr Context(const std::string& name, ir::Type type, int word = -1);
};

}  // namespace netc::lower
