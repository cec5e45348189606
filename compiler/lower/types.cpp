#include "compiler/lower/types.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

namespace netc::lower {

using sema::TypeKind;

std::string CName(std::string_view name) {
  // C's words, and names that the emitted file has for itself.
  static constexpr std::array kTaken = {
      "auto",    "bool",   "break",    "case",    "char",     "const",      "continue",
      "ctx",     "data",   "data_end", "default", "do",       "double",     "else",
      "end",     "enum",   "extern",   "float",   "for",      "goto",       "if",
      "inline",  "int",    "long",     "packet",  "register", "restrict",   "return",
      "rule",    "short",  "signed",   "sizeof",  "static",   "struct",     "switch",
      "typedef", "union",  "unsigned", "verdict", "void",     "volatile",   "while",
      "asm",     "typeof", "copies",   "LICENSE", "NULL",     "unreadable", "data_meta",
      "SEC",     "frame",  "came",     "kept"};
  std::string result(name);
  bool taken = std::find(kTaken.begin(), kTaken.end(), name) != kTaken.end() ||
               name.starts_with("netc_") || name.starts_with("bpf_") || name.starts_with("__") ||
               name.starts_with("XDP_") || name.starts_with("BPF_") ||
               name.starts_with("TC_ACT_") || name.starts_with("SK_");
  if (taken) result += '_';
  std::replace(result.begin(), result.end(), '.', '_');
  return result;
}

uint32_t Types::AddStruct(ir::Struct lowered) {
  structs_.push_back(std::move(lowered));
  return static_cast<uint32_t>(structs_.size() - 1);
}

uint32_t Types::BitsOf(sema::TypeId id) const {
  const sema::Type& type = types_[id];
  switch (type.kind) {
    case TypeKind::kInteger:
    case TypeKind::kEnum:
    case TypeKind::kFlags:
      return type.bits;
    case TypeKind::kBool:
      return 1;
    default:
      return types_.StorageBits(id);
  }
}

ir::Type Types::Of(sema::TypeId id) {
  const sema::Type& type = types_[id];
  switch (type.kind) {
    case TypeKind::kUnit:
    case TypeKind::kError:
      return {};
    case TypeKind::kBool:
      return ir::Bool();
    case TypeKind::kIpv4:
      return ir::Network(32);
    case TypeKind::kIpv6:
    case TypeKind::kIp:
      return {.kind = ir::TypeKind::kAddress6};
    case TypeKind::kMac:
      return {.kind = ir::TypeKind::kMac};
    case TypeKind::kPrefix:
      return PrefixOf(type.element);
    case TypeKind::kBytes:
    case TypeKind::kString:
      return {.kind = ir::TypeKind::kBytes, .decl = type.count};
    case TypeKind::kStruct:
      return StructOf(id);
    case TypeKind::kArray:
      return ArrayOf(id);
    case TypeKind::kOptional:
      return Of(type.element);
    case TypeKind::kObject:
      return ir::Type{}.Pointer();
    case TypeKind::kInteger:
      return type.is_signed ? ir::Signed(types_.StorageBits(id))
                            : ir::Unsigned(types_.StorageBits(id));
    default:
      return ir::Unsigned(types_.StorageBits(id));
  }
}

ir::Type Types::PrefixOf(sema::TypeId address) {
  std::string name = types_.Name(address);
  if (auto end = name.find("_addr"); end != std::string::npos) name.resize(end);
  name += "_prefix";
  auto found = prefixes_.find(name);
  if (found == prefixes_.end()) {
    ir::Struct lowered{name, "", {{ir::Unsigned(32), "length"}, {Of(address), "addr"}}};
    if (types_[address].kind == TypeKind::kMac)
      lowered.members.push_back({ir::Unsigned(8), "pad", 2});
    found = prefixes_.emplace(name, AddStruct(std::move(lowered))).first;
  }
  return ir::StructType(found->second);
}

// A struct, so that it can be assigned; its one member has a count.
ir::Type Types::ArrayOf(sema::TypeId id) {
  if (auto found = arrays_.find(id); found != arrays_.end()) return ir::StructType(found->second);
  const sema::Type type = types_[id];
  ir::Type element = Of(type.element);
  std::string name;
  for (char c : types_.Name(type.element)) {
    name += isalnum(static_cast<unsigned char>(c)) ? c : '_';
  }
  ir::Struct lowered{
      fmt::format("netc_{}_x{}", name, type.count), "", {{element, "e", type.count}}, true};
  uint32_t index = AddStruct(std::move(lowered));
  arrays_[id] = index;
  return ir::StructType(index);
}

std::string Types::StructName(sema::TypeId id) const {
  const sema::StructDecl& decl = types_.struct_of(id);
  if (!decl.name.empty()) return CName(decl.name);
  std::string name;
  for (const sema::StructField& field : decl.fields) {
    std::string part = types_.Name(field.type);
    for (char& c : part) c = isalnum(static_cast<unsigned char>(c)) ? c : '_';
    name += (name.empty() ? "" : "_") + part;
  }
  return name;
}

// Padding becomes a member, so that an initialiser clears it: keys are compared
// byte by byte, and 6.1 refuses to hand uninitialised stack to a helper.
ir::Type Types::StructOf(sema::TypeId id) {
  uint32_t decl_index = types_[id].decl;
  if (auto found = lowered_.find(decl_index); found != lowered_.end()) {
    return ir::StructType(found->second);
  }
  const sema::StructDecl& decl = types_.struct_of(id);
  ir::Struct lowered;
  lowered.name = StructName(id);
  lowered.comment = decl.documentation;
  if (decl.kernel) {
    lowered.name = decl.kernel->name;
    lowered.bytes = decl.size;
    for (uint32_t i = 0; i < decl.fields.size(); ++i) {
      const hooks::KernelMember& member = decl.kernel->members[i];
      ir::Type type = Of(decl.fields[i].type);
      bool big = member.order == hooks::ByteOrder::kBig;
      if (big && type.is_number()) type = ir::Network(type.bits);
      if (!big && type.is_network()) type = ir::Unsigned(type.bits);
      lowered.members.push_back({type, CName(member.name)});
      lowered.offsets.push_back(member.offset);
    }
    uint32_t index = AddStruct(std::move(lowered));
    lowered_[decl_index] = index;
    return ir::StructType(index);
  }
  uint32_t offset = 0;
  for (const sema::StructField& field : decl.fields) {
    if (field.offset > offset) {
      lowered.members.push_back(
          {ir::Unsigned(8), fmt::format("pad{}", offset), field.offset - offset});
    }
    std::string name =
        isdigit(static_cast<unsigned char>(field.name[0])) ? "f" + field.name : CName(field.name);
    lowered.members.push_back({Of(field.type), name});
    offset = field.offset + types_.SizeOf(field.type);
  }
  if (decl.size > offset) {
    lowered.members.push_back({ir::Unsigned(8), fmt::format("pad{}", offset), decl.size - offset});
  }
  uint32_t index = AddStruct(std::move(lowered));
  lowered_[decl_index] = index;
  return ir::StructType(index);
}

uint32_t Types::MemberIndex(sema::TypeId id, uint32_t field) const {
  const sema::StructDecl& decl = types_.struct_of(id);
  if (decl.kernel) return field;
  uint32_t member = 0, offset = 0;
  for (uint32_t i = 0;; ++i, ++member) {
    if (decl.fields[i].offset > offset) ++member;
    if (i == field) return member;
    offset = decl.fields[i].offset + types_.SizeOf(decl.fields[i].type);
  }
}

}  // namespace netc::lower
